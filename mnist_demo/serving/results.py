"""What the networks of runs say of the test images, at the end or after an epoch: confusion matrix, worst mistakes."""

import functools
import threading
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mnist_demo.checks import whole_number
from mnist_demo.data.datasets import Split
from mnist_demo.data.subject import CLASSES
from mnist_demo.insight.first_layer import first_layer_pictures
from mnist_demo.insight.mistakes import (
    class_accuracy,
    confusion_matrix,
    find_cell,
    probabilities_of,
    worst_mistakes,
)
from mnist_demo.networks.evaluation import list_logits
from mnist_demo.runs.book import RunBook
from mnist_demo.serving.encoding import describe_first_layer, encode_pixels
from mnist_demo.serving.predictors import find_weights, load_of_run
from mnist_demo.threads import keep_to_one_core

MAX_SHOWN = 24  # images in one answer
MAX_CACHED = 40  # networks whose logits are kept, 0.4 MB each: all epochs of two runs


class Results:
    """What the networks of runs that have ended say of the test images; each is asked once, also by a whole room."""

    def __init__(self, book: RunBook, split: Split) -> None:
        self._book = book
        self._images = torch.from_numpy(split.images)
        self._split = split
        self._asking = threading.Lock()
        self._ask = functools.lru_cache(maxsize=MAX_CACHED)(self._ask_network)

    def analysis(self, run_id: str, epoch: str = "") -> dict[str, Any]:
        """Return all that the page shows of a trained network.

        Args:
            run_id: which run.
            epoch: after which epoch; "" for its end.

        Raises:
            NotFoundError: there is no such run, or its weights are gone or not kept.
            StateError: it has no weights.
            CheckpointError: its weights are damaged, or do not fit the network as it is now.
        """
        logits, pictures = self._of(run_id, epoch)
        confusion = confusion_matrix(self._split.labels, logits.argmax(1))
        return {
            "names": self._split.subject.classes,
            "confusion": confusion.tolist(),
            "classes": class_accuracy(confusion),
            "mistakes": self._describe(worst_mistakes(logits, self._split.labels, MAX_SHOWN), logits),
            "first_layer": describe_first_layer(pictures),
        }

    def cell(self, run_id: str, label: int, guess: int, epoch: str = "") -> list[dict[str, Any]]:
        """Return the test images of one cell of the confusion matrix, the most confident first, at most 24.

        Raises:
            SettingsError: there is no such cell.
            MnistDemoError: as for `analysis`.
        """
        logits, _ = self._of(run_id, epoch)
        for name, digit in (("label", label), ("guess", guess)):
            whole_number(name, digit, 0, CLASSES - 1)
        return self._describe(find_cell(logits, self._split.labels, label, guess, MAX_SHOWN), logits)

    def _of(self, run_id: str, epoch: str) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        run = self._book.run(run_id)
        with self._asking:
            return self._ask(*find_weights(self._book.store, run, epoch))

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
