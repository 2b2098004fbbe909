"""Opening the database of a history of runs, and translating its errors."""

import errno
import functools
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from mnist_demo.errors import DiskFullError, RunsError
from mnist_demo.runs.migrations import migrate


class InUse(RunsError):
    """The folder is in use by another server."""


P = ParamSpec("P")
R = TypeVar("R")


def tells_errors(method: Callable[P, R]) -> Callable[P, R]:
    """Translate SQLite's errors, such as a full disk, to this package's."""

    @functools.wraps(method)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except sqlite3.Error as error:
            raise _kind(error)(f"the history of runs cannot be read or written: {error}") from error

    return wrapper


def open_database(path: Path) -> sqlite3.Connection:
    """Open a history, migrate it to the latest version, and lock it exclusively.

    Args:
        path: the database; created with its folder if it does not exist.

    Raises:
        RunsError: the folder is not writable, holds something else or a history from a newer version, or is in use by
            another server.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _connect(path)
    except OSError as error:
        raise _kind(error)(f"{path.parent}: cannot be used for runs: {error.strerror or error}") from error
    except sqlite3.OperationalError as error:
        if _kind(error) is InUse:
            raise InUse(f"{path.parent}: in use by another server") from error
        raise _kind(error)(f"{path}: cannot be used for runs: {error}") from error
    except sqlite3.DatabaseError as error:
        raise RunsError(f"{path}: expected a history of runs: {error}") from error


def _connect(path: Path) -> sqlite3.Connection:
    """Open the database, migrate it to the latest version, and lock it exclusively."""
    database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        # Damaged text must affect only its own row.
        database.text_factory = functools.partial(str, encoding="utf-8", errors="replace")
        # Held until the server exits: two servers would each mistake the other's running run for an interrupted one.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        migrate(database, path)
        # Commits survive a crash of this process at once, and a crash of the machine a moment later.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        database.close()
        raise
    return database


def _kind(error: sqlite3.Error | OSError) -> type[RunsError]:
    """Return the corresponding error class of this package."""
    if isinstance(error, OSError):
        return DiskFullError if error.errno in (errno.ENOSPC, errno.EDQUOT) else RunsError
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the upper bits of the code give details
    return {sqlite3.SQLITE_FULL: DiskFullError, sqlite3.SQLITE_BUSY: InUse}.get(code, RunsError)
