"""What networks say of whole splits: computed once, beside the page, and kept by the hash of their weights."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_demo.data.datasets import Split
from mnist_demo.insight.verdicts import LOGIT_TYPE, Verdicts
from mnist_demo.reading.predictor import Predictor
from mnist_demo.serving.kept_arrays import KeptArrays
from mnist_demo.serving.split_jobs import SLICE, SplitJobs, Steps, Unfinished

MAX_LOADED = 12  # of them in memory: some 5 MB each for the training split of MNIST
MAX_KEPT = 100  # files, 1.2 MB each for the training split


class SplitVerdicts:
    """The verdicts of networks on splits.

    Args:
        splits: by name.
        jobs: which do the work.
        folder: where they are kept from one start of the server to the next; None for nowhere.
    """

    def __init__(self, splits: dict[str, Split], jobs: SplitJobs, folder: Path | None) -> None:
        self._splits = splits
        self._kept: KeptArrays[Verdicts] = KeptArrays(jobs, folder, MAX_LOADED, MAX_KEPT)

    @property
    def version(self) -> str:
        """A hash of the data: other samples have another one."""
        prints = "".join(split.fingerprint for split in self._splits.values())
        return hashlib.sha256(prints.encode()).hexdigest()[:16]

    def find(self, predictor: Predictor, split: str) -> Verdicts | Unfinished:
        """Return what a network says of a split, or how far that is; whoever asks first sets it off.

        What was asked for last is computed first.

        Raises:
            BusyError: too many wait.
        """
        chosen = self._splits[split]

        def use(logits: NDArray[Any]) -> Verdicts | None:
            if logits.shape != (len(chosen), 10) or logits.dtype != LOGIT_TYPE:
                return None
            return Verdicts(logits, chosen.labels, predictor.threshold)

        key = f"{chosen.fingerprint}-{predictor.fingerprint}"
        return self._kept.find(key, lambda: _read_split(predictor, chosen), use)


def _read_split(predictor: Predictor, split: Split) -> Steps:
    logits: list[NDArray[np.float16]] = []
    for start in range(0, len(split), SLICE):
        images = split.images[start : start + SLICE]
        logits += [part.astype(LOGIT_TYPE) for part in predictor.list_logits(images)]
        yield (start + len(images)) / len(split)
    return np.concatenate(logits)
