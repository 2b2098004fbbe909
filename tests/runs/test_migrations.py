"""Each migration, from the version before."""

import json
import sqlite3
from contextlib import closing

import pytest

from mnist_demo.errors import RunsError
from mnist_demo.runs.migrations import MIGRATIONS, migrate

ENDED = {"event": "ended", "reason": "finished", "message": "The run has finished.", "weights": None}


@pytest.fixture
def database(tmp_path):
    with closing(sqlite3.connect(tmp_path / "runs.sqlite", isolation_level=None)) as database:
        yield database


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.sqlite"


def at_version(database, version):
    """Bring a new history to a version, as the program of that day did."""
    for migration in MIGRATIONS[:version]:
        migration(database)
    database.execute(f"PRAGMA user_version = {version}")


def add_run(database, run_id, number=1, created=1000.0):
    row = (run_id, number, "{}", created)
    database.execute("INSERT INTO runs (id, number, config, created) VALUES (?, ?, ?, ?)", row)


def add_ended(database, run_id, **values):
    event = json.dumps({**ENDED, **values})
    database.execute("INSERT INTO events (run, number, kind, event) VALUES (?, 0, 'ended', ?)", (run_id, event))


def setting(database, name):
    row = database.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return row and row[0]


def ended(database, run_id):
    (event,) = database.execute("SELECT event FROM events WHERE run = ?", (run_id,)).fetchone()
    return event


def test_a_new_history_has_the_newest_version_and_no_copy(database, path):
    migrate(database, path)
    assert database.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert list(path.parent.iterdir()) == [path]


def test_a_second_time_nothing_happens(database, path):
    migrate(database, path)
    before = path.read_bytes()
    migrate(database, path)
    assert path.read_bytes() == before


def test_1_create_tables_knows_since_when_there_is_this_history(database, path):
    database.execute("CREATE TABLE runs (id TEXT PRIMARY KEY, number INTEGER, config TEXT, created REAL)")
    for number, created in enumerate((30.0, 20.0, None, b"never")):
        add_run(database, f"a{number}", number, created)
    at_version(database, 1)
    assert setting(database, "began") == "20.0"


def test_2_move_queue_into_runs(database, path):
    at_version(database, 1)
    for number, run_id in enumerate("abcd"):
        add_run(database, run_id, number)
    queue = json.dumps({"c": True, "gone": True, "a": False})
    database.execute("INSERT INTO settings (name, value) VALUES ('queue', ?)", (queue,))
    migrate(database, path)
    rows = database.execute("SELECT id, is_limited FROM runs WHERE place IS NOT NULL ORDER BY place").fetchall()
    assert rows == [("c", 1), ("a", 0)]
    assert database.execute("SELECT id, is_limited FROM runs WHERE place IS NULL").fetchall() == [("b", 1), ("d", 1)]
    assert setting(database, "queue") is None


@pytest.mark.parametrize("queue", ["nonsense", "[]", "[" * 100_000, b"\xff", None])
def test_2_a_queue_that_cannot_be_read_stays_and_is_reported(database, path, queue, caplog):
    at_version(database, 1)
    add_run(database, "a")
    database.execute("INSERT INTO settings (name, value) VALUES ('queue', ?)", (queue,))
    migrate(database, path)
    assert database.execute("SELECT place FROM runs").fetchone() == (None,)
    assert setting(database, "queue") == queue
    assert "the order of the queued runs cannot be read" in caplog.text


def test_3_strip_folders(database, path):
    at_version(database, 2)
    for run_id, weights in {"a": "/srv/my runs/a.safetensors", "b": r"C:\runs\b.safetensors", "c": None}.items():
        add_ended(database, run_id, weights=weights, message=f"/srv/{run_id}.state: cannot be written")
    migrate(database, path)
    for run_id, weights in {"a": "a.safetensors", "b": "b.safetensors", "c": None}.items():
        expected = {**ENDED, "weights": weights, "message": f"{run_id}.state: cannot be written"}
        assert json.loads(ended(database, run_id)) == expected


@pytest.mark.parametrize("event", ["nonsense", "[1]", b"\xff", None, '{"weights": 3, "message": null}'])
def test_3_an_event_that_cannot_be_read_stays(database, path, event):
    at_version(database, 2)
    database.execute("INSERT INTO events (run, number, kind, event) VALUES ('a', 0, 'ended', ?)", (event,))
    migrate(database, path)
    assert ended(database, "a") == event


@pytest.mark.parametrize("version", range(len(MIGRATIONS)))
def test_before_anything_changes_a_copy_is_kept(database, path, version):
    at_version(database, version)
    database.execute("CREATE TABLE IF NOT EXISTS mine (value TEXT)")
    database.execute("INSERT INTO mine (value) VALUES ('as it was')")
    migrate(database, path)
    copy = path.with_name(f"runs-version-{version}.sqlite")
    with closing(sqlite3.connect(copy)) as old:
        assert old.execute("PRAGMA user_version").fetchone() == (version,)
        assert old.execute("SELECT value FROM mine").fetchone() == ("as it was",)
    assert sorted(path.parent.iterdir()) == sorted([path, copy])


def test_a_migration_that_fails_leaves_all_as_it_was(database, path, monkeypatch):
    def fail(database):
        database.execute("DELETE FROM runs")
        raise sqlite3.OperationalError("disk I/O error")

    at_version(database, 1)
    add_run(database, "a")
    monkeypatch.setattr("mnist_demo.runs.migrations.MIGRATIONS", (*MIGRATIONS, fail))
    with pytest.raises(sqlite3.OperationalError):
        migrate(database, path)
    assert database.execute("PRAGMA user_version").fetchone() == (1,)
    assert [column for _, column, *_ in database.execute("PRAGMA table_info(runs)")][-1] == "created"
    assert database.execute("SELECT id FROM runs").fetchone() == ("a",)


@pytest.mark.parametrize("version", [len(MIGRATIONS) + 1, -1])
def test_a_newer_history_is_refused_and_stays_as_it_is(database, path, version):
    at_version(database, len(MIGRATIONS))
    database.execute(f"PRAGMA user_version = {version}")
    before = path.read_bytes()
    expected = f"expected a history of runs of version 0 to {len(MIGRATIONS)}, found {version}: it was written by"
    with pytest.raises(RunsError, match=expected):
        migrate(database, path)
    assert path.read_bytes() == before
