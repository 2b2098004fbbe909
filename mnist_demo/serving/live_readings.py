"""What a network says while it learns, and what it said after an epoch: the worker leaves its weights in a folder."""

import functools
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mnist_demo.data.datasets import Split
from mnist_demo.data.subject import CLASSES
from mnist_demo.errors import CheckpointError
from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.predictions import Prediction
from mnist_demo.reading.predictor import Predictor
from mnist_demo.runs.run import Run
from mnist_demo.runs.store import RunStore
from mnist_demo.serving.encoding import encode_pixels
from mnist_demo.serving.predictors import find_weights, load_of_run
from mnist_demo.threads import keep_to_one_core

WATCHED = 12  # test digits
MAX_CACHED = 24  # networks, each with its weights of one moment: all epochs of a run, and some more
GONE = 1  # snapshot of weights that are not there any more: no file is from the first microsecond of 1970


class LiveNetworks:
    """Reads a fixed row of test digits, and drawings, with the newest weights of a run."""

    def __init__(self, store: RunStore, test_split: Split) -> None:
        firsts = [int(np.argmax(test_split.labels == label)) for label in range(CLASSES) if label in test_split.labels]
        rest = [index for index in range(min(len(test_split), 2 * WATCHED)) if index not in firsts]
        self._watched = (firsts + rest)[:WATCHED]  # the first of each class, and then the first of those left
        self._images, self._labels = test_split.images[self._watched], test_split.labels[self._watched]
        self._store = store
        self._ask = functools.lru_cache(maxsize=MAX_CACHED)(self._ask_network)

    def describe_watched(self) -> list[dict[str, Any]]:
        """Return the watched digits: index, label and base64 of the pixels."""
        return [
            {"index": index, "label": int(label), "pixels": encode_pixels(image)}
            for index, label, image in zip(self._watched, self._labels, self._images, strict=True)
        ]

    def read(self, run: Run, known: int, drawing: Grey | None) -> dict[str, Any] | None:
        """Return what the newest weights say of the watched digits and of a drawing, as [digit, confidence].

        Where they cannot be read, the reason stands under "error" in place of that.

        Args:
            run: whose network.
            known: the "snapshot" of the last answer that the caller has; the same weights give None.
            drawing: (28, 28) uint8 as the networks see it.
        """
        path = self._store.weights(run.id) if run.weights else self._store.live_weights(run.id)
        try:
            snapshot = path.stat().st_mtime_ns // 1000  # a browser counts no further exactly
        except OSError:
            if run.weights is None or known == GONE:
                return None  # nothing is there yet, or the caller knows that nothing is there any more
            return {"snapshot": GONE, "error": f"the weights of run {run.number} are gone"}
        if snapshot == known:
            return None
        asked = self._ask(path, snapshot)
        if isinstance(asked, str):
            return {"snapshot": snapshot, "error": asked} if path.exists() else None  # it has ended this moment
        return {"snapshot": snapshot, **_describe(*asked, drawing)}

    def read_epoch(self, run: Run, epoch: int, drawing: Grey | None) -> dict[str, Any]:
        """Return what the weights after an epoch say of the watched digits and of a drawing, as `read` does.

        Raises:
            NotFoundError: they are not kept.
            CheckpointError: they are damaged.
        """
        asked = self._ask(*find_weights(self._store, run, str(epoch)))
        if isinstance(asked, str):
            raise CheckpointError(asked)
        return _describe(*asked, drawing)

    def _ask_network(self, path: Path, _snapshot: int) -> tuple[Predictor, list[Prediction]] | str:
        """Return the network of these weights and what it says of the watched digits, or why it cannot be read."""
        keep_to_one_core()
        try:
            predictor = Predictor(load_of_run(path), torch.device("cpu"))
        except CheckpointError as error:
            return str(error)
        return predictor, predictor.read_prepared(self._images)


def _describe(predictor: Predictor, digits: list[Prediction], drawing: Grey | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"digits": [_brief(digit) for digit in digits]}
    if drawing is not None:
        (prediction,) = predictor.read_prepared(drawing[np.newaxis])
        answer["drawing"] = _brief(prediction)
    return answer


def _brief(prediction: Prediction) -> list[float]:
    return [int(np.argmax(prediction.probabilities)), round(max(prediction.probabilities), 3)]
