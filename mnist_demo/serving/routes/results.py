"""Plain routes for what a trained network does, and for taking it home.

GET runs/{run}/analysis                   confusion matrix, accuracy of each class, worst mistakes, first layer
GET runs/{run}/cell?label=L&guess=G       the test images labelled L that it reads as G
GET runs/{run}/weights                    its weights as safetensors
GET runs/{run}/metrics.csv, metrics.json  its numbers, also while it trains
GET runs/{run}/train.py                   a script in plain PyTorch that trains the same network
"""

import functools
import threading
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from mnist_demo.checks import whole_number
from mnist_demo.data.datasets import CLASSES, Split
from mnist_demo.errors import StateError
from mnist_demo.insight.mistakes import (
    class_accuracy,
    confusion_matrix,
    find_cell,
    first_layer_pictures,
    probabilities_of,
    worst_mistakes,
)
from mnist_demo.networks.evaluation import list_logits
from mnist_demo.runs.book import RunBook
from mnist_demo.runs.exports import to_csv, to_json
from mnist_demo.runs.run import Run
from mnist_demo.runs.script import write_script
from mnist_demo.serving.encoding import encode_pixels
from mnist_demo.serving.predictors import load_of_run, require_weights
from mnist_demo.serving.routes.access import guarded, read_count
from mnist_demo.threads import keep_to_one_core

MAX_SHOWN = 24  # images in one answer
MAX_CACHED = 8  # runs whose logits are kept, 0.4 MB each


class Results:
    """What the networks of runs that have ended say of the test images; each is asked once, also by a whole room."""

    def __init__(self, book: RunBook, split: Split) -> None:
        self._book = book
        self._images = torch.from_numpy(split.images)
        self._split = split
        self._asking = threading.Lock()
        self._ask = functools.lru_cache(maxsize=MAX_CACHED)(self._ask_network)

    def analysis(self, run_id: str) -> dict[str, Any]:
        """Return all that the page shows of a trained network.

        Raises:
            NotFoundError: there is no such run, or its weights are gone.
            StateError: it has no weights.
            CheckpointError: its weights are damaged, or do not fit the network as it is now.
        """
        logits, pictures = self._of(run_id)
        confusion = confusion_matrix(self._split.labels, logits.argmax(1))
        return {
            "confusion": confusion.tolist(),
            "classes": class_accuracy(confusion),
            "mistakes": self._describe(worst_mistakes(logits, self._split.labels, MAX_SHOWN), logits),
            "first_layer": {"side": pictures.shape[1], "units": [encode_pixels(picture) for picture in pictures]},
        }

    def cell(self, run_id: str, label: int, guess: int) -> list[dict[str, Any]]:
        """Return the test images of one cell of the confusion matrix, the most confident first, at most 24.

        Raises:
            SettingsError: there is no such cell.
            MnistDemoError: as for `analysis`.
        """
        logits, _ = self._of(run_id)
        for name, digit in (("label", label), ("guess", guess)):
            whole_number(name, digit, 0, CLASSES - 1)
        return self._describe(find_cell(logits, self._split.labels, label, guess, MAX_SHOWN), logits)

    def _of(self, run_id: str) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        run = self._book.run(run_id)
        with self._asking:
            return self._ask(*require_weights(self._book.store, run))

    def _ask_network(self, weights: Path, _written: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Return the logits of all test images, and the pictures of the first layer."""
        keep_to_one_core()
        model = load_of_run(weights).model.to(memory_format=torch.channels_last)
        return list_logits(model, self._images).numpy(), first_layer_pictures(model)

    def _describe(self, indices: NDArray[np.int64], logits: NDArray[np.float32]) -> list[dict[str, Any]]:
        return [
            {
                "index": int(index),
                "label": int(self._split.labels[index]),
                "digit": int(row.argmax()),
                "confidence": round(float(row.max()), 4),
                "pixels": encode_pixels(self._split.images[index]),
            }
            for index, row in zip(indices, probabilities_of(logits[indices]), strict=True)
        ]


def build_result_routes(book: RunBook, results: Results) -> list[Route]:
    """Return the routes for what has been trained."""

    def analysis(request: Request) -> object:
        return results.analysis(request.path_params["run"])

    def cell(request: Request) -> object:
        label, guess = (read_count(request.query_params, name) for name in ("label", "guess"))
        return results.cell(request.path_params["run"], label, guess)

    def weights(request: Request) -> Response:
        run = book.run(request.path_params["run"])
        return FileResponse(require_weights(book.store, run)[0], filename=f"{_file_name(run)}.safetensors")

    def metrics(request: Request) -> Response:
        run = book.run(request.path_params["run"])
        events = book.events(run)
        if request.url.path.endswith(".csv"):
            return _download(to_csv(events), "text/csv", f"{_file_name(run)}.csv")
        return _download(to_json(run, events), "application/json", f"{_file_name(run)}.json")

    def script(request: Request) -> Response:
        run = book.run(request.path_params["run"])
        if run.changed_rate:
            raise StateError("the learning rate was changed in mid-run: no script gives the same numbers")
        return _download(write_script(run.config), "text/x-python", f"{_file_name(run).replace('-', '_')}.py")

    return [
        Route("/runs/{run}/analysis", guarded(analysis)),
        Route("/runs/{run}/cell", guarded(cell)),
        Route("/runs/{run}/weights", guarded(weights)),
        Route("/runs/{run}/metrics.csv", guarded(metrics)),
        Route("/runs/{run}/metrics.json", guarded(metrics)),
        Route("/runs/{run}/train.py", guarded(script)),
    ]


def _file_name(run: Run) -> str:
    return f"run-{run.number}-{run.config.recipe}"


def _download(text: str, media_type: str, name: str) -> Response:
    return Response(text, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
