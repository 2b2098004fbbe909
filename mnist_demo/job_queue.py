"""A bounded job queue with one worker thread."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from mnist_demo.errors import BusyError

P = ParamSpec("P")
R = TypeVar("R")


class JobQueue:
    """Runs jobs one at a time in the order of submission, and refuses new ones when it is full.

    Args:
        name: what it does, for the message: "reading pictures".
        jobs: maximum number at once, including the one in progress.
        size: maximum total size, in the unit that `run` is given; None for no limit.
        retry_after: seconds to wait before a retry, for a refused job.

    Attributes:
        name: what it does.
    """

    def __init__(self, name: str, jobs: int, size: int | None = None, retry_after: float = 1.0) -> None:
        self.name = name
        self._max_jobs, self._max_size = jobs, size
        self._retry_after = retry_after
        self._jobs = self._size = 0
        self._lock = threading.Lock()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    @property
    def jobs(self) -> int:
        """How many jobs wait or are in progress."""
        return self._jobs

    async def run(self, size: int, job: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a job and await its result; cancelling a waiting job removes it. Arguments are those of `submit`."""
        return await asyncio.wrap_future(self.submit(size, job, *args, **kwargs))

    def submit(self, size: int, job: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Queue a job of the given size and return its future.

        Raises:
            BusyError: too many jobs are waiting, they are too large, or the queue is closed.
        """
        with self._lock:
            is_too_large = self._max_size is not None and self._size and self._size + size > self._max_size
            if self._jobs >= self._max_jobs or is_too_large:
                raise BusyError(f"{self.name}: the server is busy, try again", self._retry_after)
            try:
                future = self._executor.submit(job, *args, **kwargs)
            except RuntimeError as error:  # after `close`
                raise BusyError("the server is shutting down") from error
            self._jobs += 1
            self._size += size

        def forget(_: Future[R]) -> None:
            with self._lock:
                self._jobs -= 1
                self._size -= size

        future.add_done_callback(forget)
        return future

    def close(self) -> None:
        """Cancel all waiting jobs, accept no new ones, and return when the current one has finished."""
        self._executor.shutdown(cancel_futures=True)
