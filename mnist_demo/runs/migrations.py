"""Schema migrations of a history of runs, each from one version to the next.

The version is stored in the database (PRAGMA user_version). Version 0 stands for new histories and for those from
before there were versions. A published migration is never changed: a new one is added. Each leaves what it cannot read
untouched.
"""

import contextlib
import json
import logging
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path, PureWindowsPath
from typing import Any

from mnist_demo.errors import RunsError
from mnist_demo.files import without_folders

log = logging.getLogger(__name__)


def create_tables(database: sqlite3.Connection) -> None:
    """1: the tables of version 0, and the time at which the history began."""
    database.execute(
        "CREATE TABLE IF NOT EXISTS runs"
        " (id TEXT PRIMARY KEY, number INTEGER, config TEXT, name TEXT, nickname TEXT, token TEXT, created REAL)"
    )
    database.execute(
        "CREATE TABLE IF NOT EXISTS events"
        " (run TEXT, number INTEGER, kind TEXT, event TEXT, PRIMARY KEY (run, number)) WITHOUT ROWID"
    )
    database.execute("CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT)")
    oldest = "SELECT min(created) FROM runs WHERE typeof(created) = 'real'"
    began = f"INSERT OR IGNORE INTO settings (name, value) VALUES ('began', coalesce(({oldest}), ?))"
    database.execute(began, (time.time(),))


def move_queue_into_runs(database: sqlite3.Connection) -> None:
    """2: the order and the rights of queued runs become columns; they used to be in a setting."""
    database.execute("ALTER TABLE runs ADD COLUMN place INTEGER")
    database.execute("ALTER TABLE runs ADD COLUMN is_limited INTEGER NOT NULL DEFAULT 1")
    row = database.execute("SELECT value FROM settings WHERE name = 'queue'").fetchone()
    if row is None:
        return
    queue = _read_object(row[0])
    if queue is None:
        log.warning("the order of the queued runs cannot be read: they are queued by number")
        return
    for place, (run_id, is_limited) in enumerate(queue.items()):
        limited = is_limited is not False
        database.execute("UPDATE runs SET place = ?, is_limited = ? WHERE id = ?", (place, limited, run_id))
    database.execute("DELETE FROM settings WHERE name = 'queue'")


def strip_folders(database: sqlite3.Connection) -> None:
    """3: the last event of a run no longer contains the server's folder of its weights."""
    rows = database.execute("SELECT run, number, event FROM events WHERE kind = 'ended'").fetchall()
    for run_id, number, event in rows:
        values = _read_object(event)
        if values is None:
            continue
        if isinstance(weights := values.get("weights"), str):
            values["weights"] = PureWindowsPath(weights).name  # understands both / and \\
        if isinstance(message := values.get("message"), str):
            values["message"] = without_folders(message)
        row = (json.dumps(values), run_id, number)
        database.execute("UPDATE events SET event = ? WHERE run = ? AND number = ?", row)


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (create_tables, move_queue_into_runs, strip_folders)


def migrate(database: sqlite3.Connection, path: Path) -> None:
    """Migrate a history to the latest version, all or nothing, after saving a copy beside it.

    Args:
        database: the open history, with `isolation_level=None`.
        path: its file.

    Raises:
        RunsError: its version is newer than this program supports.
        sqlite3.Error: it cannot be read or written.
    """
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if not 0 <= version <= len(MIGRATIONS):
        expected = f"expected a history of runs of version 0 to {len(MIGRATIONS)}"
        raise RunsError(f"{path}: {expected}, found {version}: it was written by a newer mnist_demo")
    if version == len(MIGRATIONS):
        return
    if database.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,):
        copy = _keep_copy(database, path.with_name(f"{path.stem}-version-{version}{path.suffix}"))
        log.warning("%s: migrated to version %d; backup: %s", path, len(MIGRATIONS), copy.name)
    database.execute("BEGIN IMMEDIATE")
    try:
        for migration in MIGRATIONS[version:]:
            migration(database)
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        database.execute("COMMIT")
    except BaseException:
        database.execute("ROLLBACK")
        raise


def _keep_copy(database: sqlite3.Connection, path: Path) -> Path:
    """Save a copy of the history atomically, and return its path; an older copy of the same version is replaced."""
    temporary = path.with_name(f".{path.name}")
    temporary.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(temporary)) as copy:
        database.backup(copy)
    return temporary.replace(path)


def _read_object(text: object) -> dict[str, Any] | None:
    """Parse a JSON object; None if the text is not one."""
    try:
        values = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None
