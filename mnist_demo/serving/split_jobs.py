"""What takes a network that reads a whole split: done a slice at a time, in one thread beside the page."""

import contextlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from mnist_demo.errors import BusyError
from mnist_demo.job_queue import JobQueue
from mnist_demo.threads import keep_in_background

log = logging.getLogger(__name__)

MAX_WAITING = 20  # jobs
SLICE = 1_024  # samples that are read before another job may have its turn: half a second

Steps = Generator[float, None, NDArray[Any]]  # yields the share that is done after each slice, and returns an array


@dataclass(frozen=True)
class Unfinished:
    """What is not there yet: the share of the samples that the network has read, in [0, 1]."""

    share: float


@dataclass
class _Job:
    steps: Steps
    finish: Callable[[NDArray[Any]], None]
    share: float = 0.0


class SplitJobs:
    """Jobs by key, of which the one that was asked for last goes on first.

    All share one thread, on one core and with the lowest priority: training and those who draw come first.
    """

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, _Job] = OrderedDict()  # the last wanted one last
        self._lock = threading.Lock()
        self._queue = JobQueue("reading the split", MAX_WAITING, retry_after=5)

    def close(self) -> None:
        """Give up what waits."""
        self._queue.close()

    def find(self, key: str) -> Unfinished | None:
        """Return how far a job is, and let it go on first; None if there is none."""
        with self._lock:
            if key not in self._jobs:
                return None
            self._jobs.move_to_end(key)
            return Unfinished(self._jobs[key].share)

    def start(self, key: str, steps: Steps, finish: Callable[[NDArray[Any]], None]) -> Unfinished:
        """Set a job off.

        Args:
            key: which is not under way.
            steps: the work, slice by slice.
            finish: takes what comes out, in the thread of the jobs.

        Raises:
            BusyError: too many wait.
        """
        with self._lock:
            self._queue.submit(0, self._go_on)
            self._jobs[key] = _Job(steps, finish)
        return Unfinished(0.0)

    def _go_on(self) -> None:
        """Do another slice of the job that was asked for last."""
        keep_in_background()
        with self._lock:
            key, job = next(reversed(self._jobs.items()))
        try:
            job.share = next(job.steps)
        except StopIteration as end:
            try:
                job.finish(end.value)
            finally:
                self._forget(key)
        except RuntimeError as error:  # of PyTorch, such as a GPU that is out of memory
            log.warning("%s: what takes a whole split cannot be computed: %s", key, error)
            self._forget(key)
        else:
            with contextlib.suppress(BusyError):  # the server is shutting down
                self._queue.submit(0, self._go_on)

    def _forget(self, key: str) -> None:
        with self._lock:
            del self._jobs[key]
