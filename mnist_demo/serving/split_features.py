"""The training samples in the last hidden layer of a network: computed once, and kept by the hash of its weights."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from mnist_demo.data.datasets import Split
from mnist_demo.insight.last_hidden import find_last_linear, last_hidden
from mnist_demo.insight.neighbours import Neighbours
from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.predictor import Predictor
from mnist_demo.serving.kept_arrays import KeptArrays
from mnist_demo.serving.split_jobs import SLICE, SplitJobs, Steps, Unfinished

# Half the memory of float32: of 60,000 samples 31 MB for DigitNet's 256 numbers, and 61 MB for 512, the widest that
# can be trained here. It has 11 bits, so it changes distances by less than a thousandth.
FEATURE_TYPE = np.float16
MAX_LOADED = 4  # networks in memory: their features, and 8 MB each for the search
MAX_KEPT = 12  # files


class Features:
    """What a network's last hidden layer makes of the samples of a split, and which of them are near a picture.

    Args:
        model: the network, which nobody else uses.
        vectors: (N, F) what it makes of the samples, as FEATURE_TYPE.
    """

    def __init__(self, model: nn.Module, vectors: NDArray[np.float16]) -> None:
        self.width = vectors.shape[1]
        self._model = model
        self._neighbours = Neighbours(vectors)
        self._looking = threading.Lock()

    def nearest(self, picture: Grey, count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the indices of the nearest samples and their distances, as `Neighbours.nearest` does."""
        with self._looking:
            vector = _round(last_hidden(self._model, picture[np.newaxis]))
        return self._neighbours.nearest(vector, count)


class SplitFeatures:
    """The features of networks on a split.

    Args:
        split: the training samples.
        jobs: which do the work.
        folder: where they are kept from one start of the server to the next; None for nowhere.
    """

    def __init__(self, split: Split, jobs: SplitJobs, folder: Path | None) -> None:
        self._split = split
        self._kept: KeptArrays[Features] = KeptArrays(jobs, folder, MAX_LOADED, MAX_KEPT)

    def find(self, predictor: Predictor) -> Features | Unfinished:
        """Return the features of a network, or how far they are; whoever asks first sets them off.

        Raises:
            BusyError: too many wait.
        """

        def use(vectors: NDArray[Any]) -> Features | None:
            model = predictor.copy_network()
            if vectors.shape != (len(self._split), find_last_linear(model).in_features):
                return None
            return Features(model, vectors) if vectors.dtype == FEATURE_TYPE else None

        key = f"features-{self._split.fingerprint}-{predictor.fingerprint}"
        return self._kept.find(key, lambda: _read_split(predictor.copy_network(), self._split), use)


def _read_split(model: nn.Module, split: Split) -> Steps:
    parts: list[NDArray[np.float16]] = []
    for start in range(0, len(split), SLICE):
        images = split.images[start : start + SLICE]
        parts.append(_round(last_hidden(model, images)))
        yield (start + len(images)) / len(split)
    return np.concatenate(parts)


def _round(features: NDArray[np.float32]) -> NDArray[np.float16]:
    """Return features as they are kept; those of a network that has diverged become finite, so that they compare."""
    largest = float(np.finfo(FEATURE_TYPE).max)
    return np.nan_to_num(features, posinf=largest, neginf=-largest).clip(-largest, largest).astype(FEATURE_TYPE)
