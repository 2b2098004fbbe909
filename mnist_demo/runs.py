"""The history of runs, in SQLite: it outlives the server, however that ends.

A folder holds runs.sqlite and, beside it, what the workers write: RUN.safetensors, the weights of a run that has
ended; RUN.live.safetensors, those of one that trains, a few times a second; RUN.state, all that it needs to go on
after its newest epoch.
"""

import contextlib
import functools
import itertools
import json
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import ParamSpec, TypeVar

from mnist_demo.errors import MnistDemoError, RunsError
from mnist_demo.events import EpochEnded, Event, from_json, to_json
from mnist_demo.recipes import TrainConfig
from mnist_demo.records import Run

SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, number INTEGER, config TEXT, name TEXT, nickname TEXT, token TEXT, created REAL
);
CREATE TABLE IF NOT EXISTS events (
    run TEXT, number INTEGER, kind TEXT, event TEXT, PRIMARY KEY (run, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT);
"""


class InUse(RunsError):
    """Another server keeps its runs there."""


P = ParamSpec("P")
R = TypeVar("R")


def _tells_errors(method: Callable[P, R]) -> Callable[P, R]:
    """Turn SQLite's errors, such as a full disk, into this package's."""

    @functools.wraps(method)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except sqlite3.Error as error:
            raise RunsError(f"the history of runs cannot be read or written: {error}") from error

    return wrapper


def find_free_folder(wanted: Path) -> Path:
    """Return `wanted`, or if another server keeps its runs there the first free one of `wanted`-2, `wanted`-3 ...

    Raises:
        RunsError: the folder cannot be used, for another reason than that.
    """
    for number in itertools.count(1):
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        with contextlib.suppress(InUse):
            RunStore(folder).close()
            break
    return folder


class RunStore:
    """Runs and their events on disk. All methods may be called from any thread.

    Args:
        folder: where they lie; it is made if it is not there.

    Raises:
        RunsError: the folder cannot be written, holds no such history, or another server uses it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        path = self.folder / "runs.sqlite"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
            # Held until the server is gone: two servers would each take the other's running run for a cut one.
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            # Commits survive the end of this process at once, and that of the machine a moment later.
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.executescript(SCHEMA)
        except OSError as error:
            raise RunsError(f"{folder}: cannot be used for runs: {error.strerror or error}") from error
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise InUse(f"{folder}: another server keeps its runs there") from error
            raise RunsError(f"{path}: cannot be used for runs: {error}") from error
        except sqlite3.DatabaseError as error:
            raise RunsError(f"{path}: expected a history of runs: {error}") from error
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let another server use the folder."""
        with self._lock:
            self._database.close()

    def weights(self, run_id: str) -> Path:
        """Return where the weights of a run that has ended lie."""
        return self.folder / f"{run_id}.safetensors"

    def live_weights(self, run_id: str) -> Path:
        """Return where those of a run that trains lie."""
        return self.folder / f"{run_id}.live.safetensors"

    def state(self, run_id: str) -> Path:
        """Return where the state of a run after its newest epoch lies."""
        return self.folder / f"{run_id}.state"

    @_tells_errors
    def add(self, run: Run) -> None:
        """Enter a run that has no events yet."""
        row = (run.id, run.number, json.dumps(asdict(run.config)), run.name, run.nickname, run.token, run.created)
        with self._lock:
            self._database.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    @_tells_errors
    def append(self, run: Run, event: Event) -> None:
        """Write what happened after all that is known of the run, and let the run take note of it."""
        with self._lock:
            row = (run.id, run.events, event.event, to_json(event))
            self._database.execute("INSERT INTO events VALUES (?, ?, ?, ?)", row)
            run.observe(event)

    @_tells_errors
    def events(self, run_id: str, after: int = 0, count: int = -1) -> list[str]:
        """Return at most `count` events of a run from number `after` on, each as JSON; by default all."""
        query = "SELECT event FROM events WHERE run = ? AND number >= ? ORDER BY number LIMIT ?"
        with self._lock:
            return [event for (event,) in self._database.execute(query, (run_id, after, count))]

    @_tells_errors
    def rewind(self, run: Run) -> None:
        """Forget what happened after the newest epoch of a run, so that it can go on from there."""
        newest = "SELECT coalesce(max(number), -1) FROM events WHERE run = :run AND kind = :kind"
        query = f"DELETE FROM events WHERE run = :run AND number > ({newest})"
        with self._lock:
            self._database.execute(query, {"run": run.id, "kind": EpochEnded.event})

    @_tells_errors
    def remove(self, run: Run) -> None:
        """Forget a run, its events and its files."""
        with self._lock:
            self._database.execute("DELETE FROM events WHERE run = ?", (run.id,))
            self._database.execute("DELETE FROM runs WHERE id = ?", (run.id,))
        for path in (self.weights(run.id), self.live_weights(run.id), self.state(run.id)):
            path.unlink(missing_ok=True)

    def clear_away(self, run: Run) -> None:
        """Remove the files that a run which has ended needs no more."""
        self.live_weights(run.id).unlink(missing_ok=True)
        if run.state == "finished":
            self.state(run.id).unlink(missing_ok=True)

    @_tells_errors
    def load(self) -> list[Run]:
        """Return all runs, the oldest first, as far as their events tell; one that was cut still says "running".

        Raises:
            RunsError: an entry is damaged.
        """
        runs = []
        with self._lock:
            rows = self._database.execute("SELECT * FROM runs ORDER BY number").fetchall()
        for row in rows:
            run = self._read(*row)
            self.replay(run)
            runs.append(run)
        return runs

    @_tells_errors
    def replay(self, run: Run) -> None:
        """Let a new record of a run take note of all its events."""
        query = "SELECT event FROM events WHERE run = ? AND kind NOT IN ('batch', 'evaluation') ORDER BY number"
        with self._lock:
            rows = self._database.execute(query, (run.id,)).fetchall()
            (count,) = self._database.execute("SELECT count(*) FROM events WHERE run = ?", (run.id,)).fetchone()
        try:
            for (event,) in rows:
                run.observe(from_json(event))
        except ValueError as error:
            raise RunsError(f"{self.folder}: the events of run {run.number} cannot be read: {error}") from error
        if run.weights is not None:
            run.weights = str(self.weights(run.id))  # the folder may have been moved
        if rows and not run.is_over:
            run.state = "running"
        run.events = count

    def _read(self, run_id: str, number: int, config: str, *rest: object) -> Run:
        try:
            return Run(run_id, number, TrainConfig(**json.loads(config)), *rest)  # type: ignore[arg-type]
        except (ValueError, TypeError, MnistDemoError) as error:
            raise RunsError(f"{self.folder}: the settings of run {number} cannot be read: {error}") from error

    @_tells_errors
    def setting(self, name: str) -> str | None:
        """Return what was last written under this name."""
        with self._lock:
            row = self._database.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    @_tells_errors
    def set(self, name: str, value: str) -> None:
        """Write a setting, in place of what stood there."""
        with self._lock:
            self._database.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))
