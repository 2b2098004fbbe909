"""The database of a history of runs: how it is opened, and what its errors mean."""

import errno
import functools
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from mnist_demo.errors import DiskFullError, RunsError
from mnist_demo.runs.migrations import migrate


class InUse(RunsError):
    """Another server keeps its runs there."""


P = ParamSpec("P")
R = TypeVar("R")


def tells_errors(method: Callable[P, R]) -> Callable[P, R]:
    """Turn SQLite's errors, such as a full disk, into this package's."""

    @functools.wraps(method)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except sqlite3.Error as error:
            raise _kind(error)(f"the history of runs cannot be read or written: {error}") from error

    return wrapper


def open_database(path: Path) -> sqlite3.Connection:
    """Open a history, bring it to the newest version, and keep all others out of it.

    Args:
        path: where it lies; it is made with its folder if it is not there.

    Raises:
        RunsError: the folder cannot be written, holds no such history or one of a newer version, or another server
            uses it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _connect(path)
    except OSError as error:
        raise _kind(error)(f"{path.parent}: cannot be used for runs: {error.strerror or error}") from error
    except sqlite3.OperationalError as error:
        if _kind(error) is InUse:
            raise InUse(f"{path.parent}: another server keeps its runs there") from error
        raise _kind(error)(f"{path}: cannot be used for runs: {error}") from error
    except sqlite3.DatabaseError as error:
        raise RunsError(f"{path}: expected a history of runs: {error}") from error


def _connect(path: Path) -> sqlite3.Connection:
    """Open the database, bring it to the newest version, and keep all others out of it."""
    database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        # A damaged text is a reason to leave out its row, not all of them.
        database.text_factory = functools.partial(str, encoding="utf-8", errors="replace")
        # Held until the server is gone: two servers would each take the other's running run for a cut one.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        migrate(database, path)
        # Commits survive the end of this process at once, and that of the machine a moment later.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        database.close()
        raise
    return database


def _kind(error: sqlite3.Error | OSError) -> type[RunsError]:
    """Return which of this package's errors says the same."""
    if isinstance(error, OSError):
        return DiskFullError if error.errno in (errno.ENOSPC, errno.EDQUOT) else RunsError
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of the code says in which way
    return {sqlite3.SQLITE_FULL: DiskFullError, sqlite3.SQLITE_BUSY: InUse}.get(code, RunsError)
