"""The files of runs, beside their history.

RUN.safetensors holds the weights of a run that has ended; RUN.live.safetensors those of a running one, updated a few
times a second; the folder RUN.epochs those after some of its epochs; RUN.state what it needs to resume after its latest
epoch. They are written by workers.
"""

import logging
import re
from collections.abc import Container, Iterable
from pathlib import Path

from mnist_demo.runs.kept_epochs import KeptEpochs
from mnist_demo.runs.run import Run

log = logging.getLogger(__name__)

# The last group matches temporary files left by a worker that was killed while writing; see files.write_atomically.
NAME = re.compile(r"\.?(?P<run>[0-9a-f]{8})\.(?P<kind>live\.safetensors|safetensors|state|epochs)(?P<unfinished>\..+)?")


class RunFiles:
    """The paths of the files of runs.

    Args:
        folder: of all these files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def weights(self, run_id: str) -> Path:
        """Return the path of the weights of a run that has ended."""
        return self.folder / f"{run_id}.safetensors"

    def live_weights(self, run_id: str) -> Path:
        """Return the path of the weights of a running run."""
        return self.folder / f"{run_id}.live.safetensors"

    def epochs(self, run_id: str) -> KeptEpochs:
        """Return the weights of a run after its epochs."""
        return KeptEpochs(self.folder / f"{run_id}.epochs")

    def state(self, run_id: str) -> Path:
        """Return the path of a run's state after its latest epoch."""
        return self.folder / f"{run_id}.state"

    def has_state(self, run_id: str) -> bool:
        """Return whether a run has a saved state."""
        try:
            return self.state(run_id).is_file()
        except OSError:  # the folder is no longer readable
            return False

    def clear_away(self, run: Run) -> None:
        """Remove the files that a run no longer needs after its end."""
        _remove([self.live_weights(run.id), *([self.state(run.id)] if run.state == "finished" else [])])

    def remove_files(self, run_id: str) -> None:
        """Remove all files of a run."""
        _remove([self.weights(run_id), self.live_weights(run_id), self.state(run_id)])
        self.epochs(run_id).remove()

    def sweep(self, known: Container[str], since: float) -> None:
        """Remove files left by servers and workers that were killed; no run may be running.

        Args:
            known: the ids of runs; all files of other runs are removed.
            since: seconds since 1970; files of unknown runs that are older are kept, as they belong to a history that
                was here before this one.
        """
        for path in list(self.folder.iterdir()):
            if (name := NAME.fullmatch(path.name)) is None:
                continue
            is_passing = name["unfinished"] or name["kind"] == "live.safetensors"
            if is_passing or (name["run"] not in known and path.stat().st_mtime >= since):
                if path.is_dir():
                    self.epochs(name["run"]).remove()
                else:
                    _remove([path])


def _remove(paths: Iterable[Path]) -> None:
    """Remove files on a best-effort basis: nothing depends on it, and the next start tries again."""
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s: cannot be removed: %s", path, error.strerror or error)
