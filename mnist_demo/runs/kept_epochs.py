"""The weights of a run after its epochs: a file for each of a few, so that the run can be seen again as it learned.

They lie in a folder of the run's own, which its worker fills and thins out.
"""

import logging
import re
import shutil
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

MAX_KEPT = 20  # epochs of a run
MAX_BYTES = 50_000_000  # of a run
NAME = re.compile(r"(?P<epoch>\d{1,9})\.safetensors")


def epochs_to_keep(newest: int, size: int) -> list[int]:
    """Return which epochs are kept after `newest`, evenly spaced from 0, the untrained network; none if too large.

    They are the multiples of a power of two, and `newest`. So the longer a run gets, the wider they are spaced, and
    none is wanted that was removed before.

    Args:
        newest: the latest epoch.
        size: bytes of the weights of one.
    """
    most = min(MAX_KEPT, MAX_BYTES // max(size, 1))
    if most < 2:
        return []
    stride = 1
    while len(kept := sorted({*range(0, newest + 1, stride), newest})) > most:
        stride *= 2
    return kept


class KeptEpochs:
    """The epochs of one run whose weights are kept.

    Args:
        folder: for these files alone; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, epoch: int) -> Path:
        """Return where the weights after an epoch lie, if they are kept."""
        return self._folder / f"{epoch}.safetensors"

    def kept(self) -> list[int]:
        """Return the epochs that are kept, in order."""
        try:
            names = [NAME.fullmatch(path.name) for path in self._folder.iterdir()]
        except OSError:  # there are none, or the folder is no longer readable
            return []
        return sorted(int(name["epoch"]) for name in names if name)

    def keep(self, epoch: int, save: Callable[[Path], None]) -> None:
        """Keep the weights after an epoch, which `save` writes to a path, and remove what is not kept any more.

        Raises:
            OSError: the folder cannot be written to; `save` may raise more.
        """
        self._folder.mkdir(exist_ok=True)
        save(self.path(epoch))
        kept = {self.path(each) for each in epochs_to_keep(epoch, self.path(epoch).stat().st_size)}
        for path in self._folder.iterdir():
            if path not in kept:
                path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove all of them, on a best-effort basis like the other files of runs."""
        try:
            shutil.rmtree(self._folder)
        except FileNotFoundError:
            pass
        except OSError as error:
            log.warning("%s: cannot be removed: %s", self._folder, error.strerror or error)
