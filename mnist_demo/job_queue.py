"""Work that is done in turn, in a thread of its own, and how much of it may wait."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from mnist_demo.errors import BusyError

P = ParamSpec("P")
R = TypeVar("R")


class JobQueue:
    """One thread that does jobs in the order in which they come, and refuses those that come too many.

    Args:
        name: what it does, for the message: "reading pictures".
        jobs: that may be there at once, with the one that is being done.
        size: of all of them together, in whatever unit `run` is told; None for no limit.
        retry_after: seconds after which whoever is refused may try again.
    """

    def __init__(self, name: str, jobs: int, size: int | None = None, retry_after: float = 1.0) -> None:
        self._name = name
        self._max_jobs, self._max_size = jobs, size
        self._retry_after = retry_after
        self._jobs = self._size = 0
        self._lock = threading.Lock()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, size: int, job: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Do a job in its turn; one whose waiter is cancelled before is not done. Arguments are those of `submit`."""
        return await asyncio.wrap_future(self.submit(size, job, *args, **kwargs))

    def submit(self, size: int, job: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Return the future result of a job of some size.

        Raises:
            BusyError: too many jobs wait, they are too large, or the queue is closed.
        """
        with self._lock:
            is_too_large = self._max_size is not None and self._size and self._size + size > self._max_size
            if self._jobs >= self._max_jobs or is_too_large:
                raise BusyError(f"{self._name}: too much to do at the moment, try again", self._retry_after)
            try:
                future = self._executor.submit(job, *args, **kwargs)
            except RuntimeError as error:  # after `close`
                raise BusyError("the server is closing") from error
            self._jobs += 1
            self._size += size

        def forget(_: Future[R]) -> None:
            with self._lock:
                self._jobs -= 1
                self._size -= size

        future.add_done_callback(forget)
        return future

    def close(self) -> None:
        """Give up all jobs that wait, take no others, and return when the one that is being done has ended."""
        self._executor.shutdown(cancel_futures=True)
