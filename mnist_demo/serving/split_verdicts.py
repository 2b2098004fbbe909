"""What networks say of whole splits: computed once, beside the page, and kept by the hash of their weights."""

import contextlib
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
from mnist_demo.errors import BusyError
from mnist_demo.files import write_atomically
from mnist_demo.insight.verdicts import LOGIT_TYPE, Verdicts
from mnist_demo.job_queue import JobQueue
from mnist_demo.reading.predictor import Predictor
from mnist_demo.threads import keep_to_one_core

log = logging.getLogger(__name__)

MAX_WAITING = 20  # networks and splits
SLICE = 1_024  # samples that are read before another network may have its turn: half a second
MAX_LOADED = 12  # of them in memory: some 5 MB each for the training split of MNIST
MAX_KEPT = 100  # files, 1.2 MB each for the training split


@dataclass(frozen=True)
class Unfinished:
    """Verdicts that are not there yet: the share of the samples that the network has read, in [0, 1]."""

    share: float


class _Reading:
    """A network that reads a split, slice by slice."""

    def __init__(self, predictor: Predictor, split: Split) -> None:
        self.predictor = predictor
        self._split = split
        self._parts: list[NDArray[np.float16]] = []
        self._done = 0

    @property
    def share(self) -> float:
        """How much of the split is read, in [0, 1]."""
        return self._done / len(self._split)

    def go_on(self) -> Verdicts | None:
        """Read another slice; return the verdicts if that was the last one."""
        images = self._split.images[self._done : self._done + SLICE]
        self._parts += [logits.astype(LOGIT_TYPE) for logits in self.predictor.list_logits(images)]
        self._done += len(images)
        if self._done < len(self._split):
            return None
        return Verdicts(np.concatenate(self._parts), self._split.labels, self.predictor.threshold)


class SplitVerdicts:
    """The verdicts of networks on splits.

    Args:
        splits: by name.
        folder: where they are kept from one start of the server to the next; None for nowhere.
    """

    def __init__(self, splits: dict[str, Split], folder: Path | None) -> None:
        self._splits = splits
        self._folder = folder
        self._loaded: OrderedDict[str, Verdicts] = OrderedDict()  # the last used one last
        self._readings: OrderedDict[str, _Reading] = OrderedDict()  # the last wanted one last
        self._lock = threading.Lock()
        self._queue = JobQueue("reading the split", MAX_WAITING, retry_after=5)

    @property
    def version(self) -> str:
        """A hash of the data: other samples have another one."""
        prints = "".join(split.fingerprint for split in self._splits.values())
        return hashlib.sha256(prints.encode()).hexdigest()[:16]

    def close(self) -> None:
        """Give up what waits."""
        self._queue.close()

    def find(self, predictor: Predictor, split: str) -> Verdicts | Unfinished:
        """Return what a network says of a split, or how far that is; whoever asks first sets it off.

        What was asked for last is computed first.

        Raises:
            BusyError: too many wait.
        """
        key = f"{self._splits[split].fingerprint}-{predictor.fingerprint}"
        with self._lock:
            if key in self._loaded:
                self._loaded.move_to_end(key)
                return self._loaded[key]
            if key in self._readings:
                self._readings.move_to_end(key)
                return Unfinished(self._readings[key].share)
            if (kept := self._read(key, predictor, self._splits[split])) is not None:
                self._remember(key, kept)
                return kept
            self._queue.submit(0, self._go_on)
            self._readings[key] = _Reading(predictor, self._splits[split])
            return Unfinished(0.0)

    def _go_on(self) -> None:
        """Read some more of the split that was asked for last."""
        keep_to_one_core()
        with self._lock:
            key, reading = next(reversed(self._readings.items()))
        try:
            verdicts = reading.go_on()
        except RuntimeError as error:  # of PyTorch, such as a GPU that is out of memory
            log.warning("what %s says of a split cannot be computed: %s", reading.predictor.name, error)
            with self._lock:
                del self._readings[key]
            return
        if verdicts is None:
            with contextlib.suppress(BusyError):  # the server is shutting down
                self._queue.submit(0, self._go_on)
            return
        self._write(key, verdicts)
        with self._lock:
            self._remember(key, verdicts)
            del self._readings[key]

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
