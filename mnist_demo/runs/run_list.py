"""The runs of a server in memory: by id, in pages, and as changes since a version."""

import threading
import time
from itertools import islice

from mnist_demo.errors import NotFoundError
from mnist_demo.runs.run import Run

MAX_REMOVED = 1_000  # ids to remember, for pages that still show these runs


class RunList:
    """All runs, each with the version of its last change.

    Args:
        changed: lock for reading and writing the list.

    Attributes:
        version: increases with every change.
        room_version: the version of the last change of the limits for visitors.
    """

    def __init__(self, changed: threading.Condition) -> None:
        self.changed = changed
        # Microseconds, so that versions keep increasing after a restart of the server.
        self.version = self.room_version = self._first_version = time.time_ns() // 1000
        self._runs: dict[str, Run] = {}  # by id, oldest first
        self._by_change: dict[str, Run] = {}  # by id, most recently changed last
        self._removed: dict[str, int] = {}  # the version at which a run was removed, by id
        self._removed_by_instructor: set[str] = set()  # ids, a subset of these

    def __len__(self) -> int:
        return len(self._runs)

    def run(self, run_id: object) -> Run:
        """Return a run by its id.

        Raises:
            NotFoundError: there is no such run.
        """
        run = self.find(run_id)
        if run is None:
            was_removed = isinstance(run_id, str) and run_id in self._removed
            raise NotFoundError(f"there is no run {run_id!r:.50}{': it was removed' if was_removed else ''}")
        return run

    def find(self, run_id: object) -> Run | None:
        """Return a run by its id, None if there is none."""
        return self._runs.get(run_id) if isinstance(run_id, str) else None

    def runs(self) -> list[Run]:
        """Return all runs, oldest first."""
        with self.changed:
            return list(self._runs.values())

    def page(self, count: int, before: int | None = None) -> list[Run]:
        """Return the newest `count` runs, oldest first; with `before` only from those with lower numbers."""
        with self.changed:
            newest_first = reversed(self._runs.values())
            older = (run for run in newest_first if before is None or run.number < before)
            return [*islice(older, count)][::-1]

    def changes(self, since: int) -> tuple[list[Run], list[str]] | None:
        """Return the runs that have changed since a version, and the ids of those that were removed.

        None if that is not known: the version is not from this book, or is too old.
        """
        with self.changed:
            if not self._first_version <= since <= self.version:
                return None
            changed = []
            for run in reversed(self._by_change.values()):
                if run.version <= since:
                    break
                changed.append(run)
            removed = [run_id for run_id, version in self._removed.items() if version > since]
            return sorted(changed, key=lambda run: run.number), removed

    def was_removed_by_instructor(self, run_id: str) -> bool:
        """Return whether a run was recently removed by the instructor."""
        return run_id in self._removed_by_instructor

    def note_room(self) -> None:
        """Note that the limits for visitors have changed."""
        with self.changed:
            self.version += 1
            self.room_version = self.version

    def _put(self, run: Run) -> None:
        """Add a run, or replace its record."""
        self._runs[run.id] = run
        self._touch(run)

    def _touch(self, *runs: Run) -> None:
        """Note that runs have changed."""
        for run in runs:
            self.version += 1
            run.version = self.version
            self._by_change.pop(run.id, None)
            self._by_change[run.id] = run

    def _put_back(self, run: Run) -> None:
        """Add a run again that was dropped."""
        self._removed.pop(run.id, None)
        self._removed_by_instructor.discard(run.id)
        self._put(run)
        self._runs = dict(sorted(self._runs.items(), key=lambda item: item[1].number))

    def _drop(self, run: Run, by_instructor: bool = False) -> None:
        del self._runs[run.id], self._by_change[run.id]
        self.version += 1
        self._removed[run.id] = self.version
        if by_instructor:
            self._removed_by_instructor.add(run.id)
        if len(self._removed) > MAX_REMOVED:
            oldest = next(iter(self._removed))
            self._first_version = self._removed.pop(oldest)  # a page with an older version gets a full reload
            self._removed_by_instructor.discard(oldest)
