"""The files of runs, beside their history.

RUN.safetensors are the weights of a run that has ended; RUN.live.safetensors those of one that trains, a few times a
second; RUN.state all that it needs to go on after its newest epoch. Workers write them.
"""

import logging
import re
from collections.abc import Container, Iterable
from pathlib import Path

from mnist_demo.runs.run import Run

log = logging.getLogger(__name__)

# The last group is what a worker that was killed while it wrote has left; see files.write_atomically.
NAME = re.compile(r"\.?(?P<run>[0-9a-f]{8})\.(?P<kind>live\.safetensors|safetensors|state)(?P<unfinished>\..+)?")


class RunFiles:
    """Where the files of runs lie.

    Args:
        folder: of them all.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def weights(self, run_id: str) -> Path:
        """Return where the weights of a run that has ended lie."""
        return self.folder / f"{run_id}.safetensors"

    def live_weights(self, run_id: str) -> Path:
        """Return where those of a run that trains lie."""
        return self.folder / f"{run_id}.live.safetensors"

    def state(self, run_id: str) -> Path:
        """Return where the state of a run after its newest epoch lies."""
        return self.folder / f"{run_id}.state"

    def has_state(self, run_id: str) -> bool:
        """Return whether the state of a run is there."""
        try:
            return self.state(run_id).is_file()
        except OSError:  # the folder cannot be read any more
            return False

    def clear_away(self, run: Run) -> None:
        """Remove the files that a run which has ended needs no more."""
        _remove([self.live_weights(run.id), *([self.state(run.id)] if run.state == "finished" else [])])

    def remove_files(self, run_id: str) -> None:
        """Remove all files of a run."""
        _remove([self.weights(run_id), self.live_weights(run_id), self.state(run_id)])

    def sweep(self, known: Container[str], since: float) -> None:
        """Remove what servers and workers that were killed have left; no run may train meanwhile.

        Args:
            known: the ids of runs. Of others all files are removed.
            since: seconds since 1970. Files that are older and of no known run stay: they are those of a history that
                was here before this one.
        """
        for path in list(self.folder.iterdir()):
            if (name := NAME.fullmatch(path.name)) is None:
                continue
            is_passing = name["unfinished"] or name["kind"] == "live.safetensors"
            if is_passing or (name["run"] not in known and path.stat().st_mtime >= since):
                _remove([path])


def _remove(paths: Iterable[Path]) -> None:
    """Remove files as far as that is possible: nothing depends on it, and the next start tries again."""
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s: cannot be removed: %s", path, error.strerror or error)
