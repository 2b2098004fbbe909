"""The history of runs in SQLite, which survives a crash of the server.

A folder holds runs.sqlite, and beside it the files described in RunFiles. The schema is defined by migrations.py. What
cannot be read is reported, left untouched, and otherwise ignored.
"""

import contextlib
import itertools
import json
import logging
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mnist_demo.errors import MnistDemoError, RunsError
from mnist_demo.runs.database import InUse, open_database, tells_errors
from mnist_demo.runs.run import Run
from mnist_demo.runs.run_files import RunFiles
from mnist_demo.training.config import TrainConfig
from mnist_demo.training.events import EpochEnded, Event, from_json, to_json

log = logging.getLogger(__name__)


def find_free_folder(wanted: Path) -> Path:
    """Return `wanted`, or if it is in use by another server, the first free one of `wanted`-2, `wanted`-3 ...

    Raises:
        RunsError: the folder cannot be used for another reason.
    """
    for number in itertools.count(1):
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        with contextlib.suppress(InUse):
            RunStore(folder).close()
            break
    return folder


class RunStore(RunFiles):
    """Runs and their events on disk. All methods are thread-safe.

    Args:
        folder: where they are stored; created if it does not exist.

    Raises:
        RunsError: the folder is not writable, holds something else or a history from a newer version, or is in use by
            another server.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._lock = threading.Lock()
        self._database = open_database(self.folder / "runs.sqlite")

    def close(self) -> None:
        """Close the database, which releases the folder for other servers."""
        with self._lock:
            self._database.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Lock the database, and commit all changes or none."""
        with self._lock:
            self._database.execute("BEGIN")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:  # on a full disk SQLite may have rolled back already
                    self._database.execute("ROLLBACK")
                raise

    @tells_errors
    def new_id(self) -> str:
        """Return an id that no run has, not even one that cannot be read."""
        while self._row("SELECT 1 FROM runs WHERE id = ?", name := secrets.token_hex(4)):
            pass
        return name

    @tells_errors
    def last_number(self) -> int:
        """Return the highest number of any run, including those that cannot be read; 0 if there is none."""
        (number,) = self._row("SELECT coalesce(max(number), 0) FROM runs WHERE typeof(number) = 'integer'")
        return int(number)

    @tells_errors
    def add(self, run: Run, place: int | None = None) -> None:
        """Add a run that has no events yet.

        Args:
            run: the record.
            place: in the queue, 0 being the next to begin; None if it has begun.
        """
        config = json.dumps(asdict(run.config))
        row = (run.id, run.number, config, run.name, run.nickname, run.token, run.created, place, run.is_limited)
        with self._lock:
            self._database.execute(
                "INSERT INTO runs (id, number, config, name, nickname, token, created, place, is_limited)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )

    @tells_errors
    def append(self, run: Run, event: Event) -> None:
        """Append an event to the history of a run, and update the run's record."""
        row = (run.id, run.events, event.event, to_json(event))
        with self._lock:
            self._database.execute("INSERT INTO events (run, number, kind, event) VALUES (?, ?, ?, ?)", row)
            run.observe(event)

    @tells_errors
    def events(self, run_id: str, after: int = 0, count: int = -1) -> list[str]:
        """Return at most `count` events of a run, starting with number `after`, each as JSON; by default all."""
        query = "SELECT event FROM events WHERE run = ? AND number >= ? ORDER BY number LIMIT ?"
        with self._lock:
            return [event for (event,) in self._database.execute(query, (run_id, after, count))]

    @tells_errors
    def rewind(self, run: Run) -> None:
        """Delete the events after the latest epoch of a run, so that it can resume from there."""
        newest = "SELECT coalesce(max(number), -1) FROM events WHERE run = :run AND kind = :kind"
        query = f"DELETE FROM events WHERE run = :run AND number > ({newest})"
        with self._lock:
            self._database.execute(query, {"run": run.id, "kind": EpochEnded.event})

    @tells_errors
    def note_queue(self, waiting: Sequence[Run], begun: Run | None = None) -> None:
        """Store the order and the rights of the queued runs, and which run has left the queue."""
        with self._transaction() as database:
            if begun is not None:
                database.execute("UPDATE runs SET place = NULL WHERE id = ?", (begun.id,))
            rows = [(place, run.is_limited, run.id) for place, run in enumerate(waiting)]
            database.executemany("UPDATE runs SET place = ?, is_limited = ? WHERE id = ?", rows)

    @tells_errors
    def waiting(self) -> list[str]:
        """Return the ids of the queued runs as last stored, the next to begin first."""
        with self._lock:
            rows = self._database.execute("SELECT id FROM runs WHERE place IS NOT NULL ORDER BY place").fetchall()
        return [run_id for (run_id,) in rows]

    @tells_errors
    def remove(self, run: Run) -> None:
        """Delete a run and its events, and then its files."""
        with self._transaction() as database:
            database.execute("DELETE FROM events WHERE run = ?", (run.id,))
            database.execute("DELETE FROM runs WHERE id = ?", (run.id,))
        self.remove_files(run.id)

    @tells_errors
    def load(self) -> list[Run]:
        """Return all readable runs, oldest first; an interrupted one still has the state "running"."""
        columns = "id, number, config, name, nickname, token, created, is_limited"
        with self._lock:
            rows = self._database.execute(f"SELECT {columns} FROM runs ORDER BY number").fetchall()
        runs = []
        for row in rows:
            try:
                run = _read(*row)
                self.replay(run)
                runs.append(run)
            except RunsError as error:
                log.warning("%s: run %s (%s) is skipped: %s", self.folder, row[1], row[0], error)
        return runs

    @tells_errors
    def replay(self, run: Run) -> None:
        """Rebuild the record of a run from its events.

        Raises:
            RunsError: one of them is damaged or missing.
        """
        damaged = "coalesce(sum(typeof(event) <> 'text' OR NOT json_valid(event)), 0)"
        query = "SELECT event FROM events WHERE run = ? AND kind NOT IN ('batch', 'evaluation') ORDER BY number"
        with self._lock:
            rows = self._database.execute(query, (run.id,)).fetchall()
            count, last, bad = self._database.execute(
                f"SELECT count(*), coalesce(max(number), -1), {damaged} FROM events WHERE run = ?", (run.id,)
            ).fetchone()
        if bad or last != count - 1:
            raise RunsError(f"of its events {bad} are damaged and {last + 1 - count} are missing")
        try:
            for (event,) in rows:
                run.observe(from_json(event))
        except ValueError as error:
            raise RunsError(f"one of its events cannot be read: {error}") from error
        if rows and not run.is_over:
            run.state = "running"
        run.events = count

    @tells_errors
    def sweep_up(self) -> None:
        """Remove files left by servers and workers that were killed; no run may be running."""
        with self._lock:
            known = {run_id for (run_id,) in self._database.execute("SELECT id FROM runs")}
        try:
            self.sweep(known, since=float(self.setting("began") or "nan"))
        except (ValueError, OSError) as error:
            log.warning("%s: leftover files cannot be removed: %s", self.folder, error)

    @tells_errors
    def setting(self, name: str) -> str | None:
        """Return a stored setting, None if there is none."""
        row = self._row("SELECT value FROM settings WHERE name = ?", name)
        return None if row is None else str(row[0])

    @tells_errors
    def set(self, name: str, value: str) -> None:
        """Store a setting, replacing its old value."""
        with self._lock:
            self._database.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (name, value))

    def _row(self, query: str, *values: object) -> Any:
        """Return the first row of a query's result, None if there is none."""
        with self._lock:
            return self._database.execute(query, values).fetchone()


def _read(run_id: str, number: int, config: str, *rest: Any) -> Run:
    """Return the record of a row.

    Raises:
        RunsError: it is damaged, or its recipe or settings no longer exist.
    """
    name, nickname, token, created, is_limited = rest
    try:
        settings = TrainConfig(**json.loads(config))
    except (ValueError, TypeError, RecursionError, MnistDemoError) as error:
        raise RunsError(f"its settings cannot be read: {error}") from error
    if not (isinstance(number, int) and isinstance(created, float) and isinstance(token, str | None)):
        raise RunsError(f"expected a number and a time, found {number!r:.50} and {created!r:.50}, or a bad token")
    return Run(run_id, number, settings, str(name), str(nickname), token, created, bool(is_limited))
