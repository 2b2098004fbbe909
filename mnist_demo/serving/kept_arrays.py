"""Arrays that networks make of whole splits: in memory while they are in use, and in files for the next start."""

import io
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from mnist_demo.files import write_atomically
from mnist_demo.serving.split_jobs import SplitJobs, Steps, Unfinished

log = logging.getLogger(__name__)

Result = TypeVar("Result")


class KeptArrays(Generic[Result]):
    """Computes what it does not have yet, once for all who ask; what was not used for longest is given up.

    Args:
        jobs: which do the work.
        folder: where the arrays are kept from one start of the server to the next; None for nowhere.
        max_loaded: results in memory.
        max_kept: files.
    """

    def __init__(self, jobs: SplitJobs, folder: Path | None, max_loaded: int, max_kept: int) -> None:
        self._jobs = jobs
        self._folder = folder
        self._max_loaded, self._max_kept = max_loaded, max_kept
        self._loaded: OrderedDict[str, Result] = OrderedDict()  # the last used one last
        self._lock = threading.Lock()

    def find(
        self, key: str, begin: Callable[[], Steps], use: Callable[[NDArray[Any]], Result | None]
    ) -> Result | Unfinished:
        """Return the result, or how far it is; whoever asks first sets it off, what was asked for last goes on first.

        Args:
            key: of letters, digits and dashes; two kinds of arrays need different ones.
            begin: begins to compute the array.
            use: makes the result of it; None if the array, which a file may hold, is not what is expected.

        Raises:
            BusyError: too many wait.
        """
        with self._lock:
            if key in self._loaded:
                self._loaded.move_to_end(key)
                return self._loaded[key]
            if (unfinished := self._jobs.find(key)) is not None:
                return unfinished
            if (kept := self._read(key)) is not None and (result := use(kept)) is not None:
                self._remember(key, result)
                return result
            return self._jobs.start(key, begin(), lambda array: self._finish(key, array, use))

    def _finish(self, key: str, array: NDArray[Any], use: Callable[[NDArray[Any]], Result | None]) -> None:
        self._write(key, array)
        result = use(array)
        with self._lock:
            if result is not None:
                self._remember(key, result)

    def _remember(self, key: str, result: Result) -> None:
        self._loaded[key] = result
        while len(self._loaded) > self._max_loaded:
            self._loaded.popitem(last=False)

    def _read(self, key: str) -> NDArray[Any] | None:
        if self._folder is None:
            return None
        path = self._folder / f"{key}.npy"
        try:
            array: NDArray[Any] = np.load(path, allow_pickle=False)
            path.touch()  # it was used
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError) as error:
            log.warning("%s: cannot be read, and is computed again: %s", path, error)
            return None
        return array

    def _write(self, key: str, array: NDArray[Any]) -> None:
        if self._folder is None:
            return
        content = io.BytesIO()
        np.save(content, array)
        try:
            self._folder.mkdir(exist_ok=True)
            write_atomically(self._folder / f"{key}.npy", content.getvalue(), durable=False)
            used = sorted(self._folder.glob("*.npy"), key=lambda path: path.stat().st_mtime)
            for path in used[: -self._max_kept]:
                path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s: what networks say of the samples cannot be kept: %s", self._folder, error)
