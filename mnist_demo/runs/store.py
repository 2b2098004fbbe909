"""The history of runs, in SQLite: it outlives the server, however that ends.

A folder holds runs.sqlite, and beside it what RunFiles describes. The tables are those that migrations.py makes. What
cannot be read is reported, left as it is, and treated as if it were not there.
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


class RunStore(RunFiles):
    """Runs and their events on disk. All methods may be called from any thread.

    Args:
        folder: where they lie; it is made if it is not there.

    Raises:
        RunsError: the folder cannot be written, holds no such history or one of a newer version, or another server
            uses it.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._lock = threading.Lock()
        self._database = open_database(self.folder / "runs.sqlite")

    def close(self) -> None:
        """Let another server use the folder."""
        with self._lock:
            self._database.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the database, and write all that is written in it, or nothing."""
        with self._lock:
            self._database.execute("BEGIN")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:  # on a full disk SQLite may have ended it itself
                    self._database.execute("ROLLBACK")
                raise

    @tells_errors
    def new_id(self) -> str:
        """Return a name that no run has, not even one that cannot be read."""
        while self._row("SELECT 1 FROM runs WHERE id = ?", name := secrets.token_hex(4)):
            pass
        return name

    @tells_errors
    def last_number(self) -> int:
        """Return the highest number of a run, also of one that cannot be read; 0 if there is none."""
        (number,) = self._row("SELECT coalesce(max(number), 0) FROM runs WHERE typeof(number) = 'integer'")
        return int(number)

    @tells_errors
    def add(self, run: Run, place: int | None = None) -> None:
        """Enter a run that has no events yet.

        Args:
            run: the record.
            place: where it waits, 0 being the next to begin; None if it has begun.
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
        """Write what happened after all that is known of the run, and let the run take note of it."""
        row = (run.id, run.events, event.event, to_json(event))
        with self._lock:
            self._database.execute("INSERT INTO events (run, number, kind, event) VALUES (?, ?, ?, ?)", row)
            run.observe(event)

    @tells_errors
    def events(self, run_id: str, after: int = 0, count: int = -1) -> list[str]:
        """Return at most `count` events of a run from number `after` on, each as JSON; by default all."""
        query = "SELECT event FROM events WHERE run = ? AND number >= ? ORDER BY number LIMIT ?"
        with self._lock:
            return [event for (event,) in self._database.execute(query, (run_id, after, count))]

    @tells_errors
    def rewind(self, run: Run) -> None:
        """Forget what happened after the newest epoch of a run, so that it can go on from there."""
        newest = "SELECT coalesce(max(number), -1) FROM events WHERE run = :run AND kind = :kind"
        query = f"DELETE FROM events WHERE run = :run AND number > ({newest})"
        with self._lock:
            self._database.execute(query, {"run": run.id, "kind": EpochEnded.event})

    @tells_errors
    def note_queue(self, waiting: Sequence[Run], begun: Run | None = None) -> None:
        """Write down who waits in which order and with which rights, and which run no longer does."""
        with self._transaction() as database:
            if begun is not None:
                database.execute("UPDATE runs SET place = NULL WHERE id = ?", (begun.id,))
            rows = [(place, run.is_limited, run.id) for place, run in enumerate(waiting)]
            database.executemany("UPDATE runs SET place = ?, is_limited = ? WHERE id = ?", rows)

    @tells_errors
    def waiting(self) -> list[str]:
        """Return the ids of the runs that waited when that was last written down, the next to begin first."""
        with self._lock:
            rows = self._database.execute("SELECT id FROM runs WHERE place IS NOT NULL ORDER BY place").fetchall()
        return [run_id for (run_id,) in rows]

    @tells_errors
    def remove(self, run: Run) -> None:
        """Forget a run and its events, and then remove its files."""
        with self._transaction() as database:
            database.execute("DELETE FROM events WHERE run = ?", (run.id,))
            database.execute("DELETE FROM runs WHERE id = ?", (run.id,))
        self.remove_files(run.id)

    @tells_errors
    def load(self) -> list[Run]:
        """Return all runs that can be read, the oldest first; one that was cut still says "running"."""
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
                log.warning("%s: run %s (%s) is left out: %s", self.folder, row[1], row[0], error)
        return runs

    @tells_errors
    def replay(self, run: Run) -> None:
        """Let a new record of a run take note of all its events.

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
        """Remove files that servers and workers have left when they were killed; no run may train meanwhile."""
        with self._lock:
            known = {run_id for (run_id,) in self._database.execute("SELECT id FROM runs")}
        try:
            self.sweep(known, since=float(self.setting("began") or "nan"))
        except (ValueError, OSError) as error:
            log.warning("%s: files without a run are not looked for: %s", self.folder, error)

    @tells_errors
    def setting(self, name: str) -> str | None:
        """Return what was last written under this name."""
        row = self._row("SELECT value FROM settings WHERE name = ?", name)
        return None if row is None else str(row[0])

    @tells_errors
    def set(self, name: str, value: str) -> None:
        """Write a setting, in place of what stood there."""
        with self._lock:
            self._database.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (name, value))

    def _row(self, query: str, *values: object) -> Any:
        """Return the first row that a query finds, None if it finds none."""
        with self._lock:
            return self._database.execute(query, values).fetchone()


def _read(run_id: str, number: int, config: str, *rest: Any) -> Run:
    """Return the record of a row.

    Raises:
        RunsError: it is damaged, or of a recipe or with settings that there no longer are.
    """
    name, nickname, token, created, is_limited = rest
    try:
        settings = TrainConfig(**json.loads(config))
    except (ValueError, TypeError, RecursionError, MnistDemoError) as error:
        raise RunsError(f"its settings cannot be read: {error}") from error
    if not (isinstance(number, int) and isinstance(created, float) and isinstance(token, str | None)):
        raise RunsError(f"expected a number and a time, found {number!r:.50} and {created!r:.50}, or no text as token")
    return Run(run_id, number, settings, str(name), str(nickname), token, created, bool(is_limited))
