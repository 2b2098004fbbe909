"""What networks say of whole splits: computed once, beside the page, and kept by the hash of their weights."""

import hashlib
import io
import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_demo.data.datasets import Split
from mnist_demo.files import write_atomically
from mnist_demo.insight.verdicts import LOGIT_TYPE, Verdicts
from mnist_demo.job_queue import JobQueue
from mnist_demo.reading.predictor import Predictor
from mnist_demo.threads import keep_to_one_core

log = logging.getLogger(__name__)

MAX_WAITING = 20  # networks and splits
MAX_LOADED = 12  # of them in memory: some 5 MB each for the training split of MNIST
MAX_KEPT = 100  # files, 1.2 MB each for the training split


@dataclass(frozen=True)
class Unfinished:
    """Verdicts that are not there yet: the share of the samples that the network has read, in [0, 1]."""

    share: float


class SplitVerdicts:
    """The verdicts of networks on splits.

    Args:
        splits: by name.
        folder: where they are kept from one start of the server to the next; None for nowhere.
    """

    def __init__(self, splits: dict[str, Split], folder: Path | None) -> None:
        self._splits = splits
        self._hashes = {name: _hash(split.images, split.labels) for name, split in splits.items()}
        self._folder = folder
        self._loaded: OrderedDict[str, Verdicts] = OrderedDict()  # the last used one last
        self._progress: dict[str, float] = {}
        self._lock = threading.Lock()
        self._queue = JobQueue("reading the split", MAX_WAITING, retry_after=5)

    def close(self) -> None:
        """Give up what waits."""
        self._queue.close()

    def find(self, predictor: Predictor, split: str) -> Verdicts | Unfinished:
        """Return what a network says of a split, or how far that is; whoever asks first sets it off.

        Raises:
            BusyError: too many wait.
        """
        key = f"{self._hashes[split]}-{predictor.fingerprint}"
        with self._lock:
            if key in self._loaded:
                self._loaded.move_to_end(key)
                return self._loaded[key]
            if key in self._progress:
                return Unfinished(self._progress[key])
            kept = self._read(key, predictor, self._splits[split])
            if kept is None:
                self._queue.submit(0, self._compute, key, predictor, self._splits[split])
                self._progress[key] = 0.0
                return Unfinished(0.0)
            self._remember(key, kept)
            return kept

    def _compute(self, key: str, predictor: Predictor, split: Split) -> None:
        keep_to_one_core()
        try:
            parts = []
            for logits in predictor.list_logits(split.images):
                parts.append(logits.astype(LOGIT_TYPE))
                self._progress[key] += len(logits) / len(split)
            verdicts = Verdicts(np.concatenate(parts), split.labels, predictor.threshold)
            self._write(key, verdicts)
            with self._lock:
                self._remember(key, verdicts)
        except RuntimeError as error:  # of PyTorch, such as a GPU that is out of memory
            log.warning("what %s says of a split cannot be computed: %s", predictor.name, error)
        finally:
            with self._lock:
                del self._progress[key]

    def _remember(self, key: str, verdicts: Verdicts) -> None:
        self._loaded[key] = verdicts
        while len(self._loaded) > MAX_LOADED:
            self._loaded.popitem(last=False)

    def _read(self, key: str, predictor: Predictor, split: Split) -> Verdicts | None:
        if self._folder is None:
            return None
        path = self._folder / f"{key}.npy"
        try:
            logits = np.load(path, allow_pickle=False)
            path.touch()  # it was used
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("%s: cannot be read, and is computed again: %s", path, error)
            return None
        if logits.shape != (len(split), 10) or logits.dtype != LOGIT_TYPE:
            return None
        return Verdicts(logits, split.labels, predictor.threshold)

    def _write(self, key: str, verdicts: Verdicts) -> None:
        if self._folder is None:
            return
        content = io.BytesIO()
        np.save(content, verdicts.logits)
        try:
            self._folder.mkdir(exist_ok=True)
            write_atomically(self._folder / f"{key}.npy", content.getvalue(), durable=False)
            used = sorted(self._folder.glob("*.npy"), key=lambda path: path.stat().st_mtime)
            for path in used[:-MAX_KEPT]:
                path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s: what networks say of the samples cannot be kept: %s", self._folder, error)


def _hash(*arrays: NDArray[np.uint8]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]
