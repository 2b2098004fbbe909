"""Histories that are old, new, damaged, or on a full disk: nothing in one keeps the server from starting."""

import errno
import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from waiting import wait_for

from mnist_demo.errors import DiskFullError, RunsError, StateError
from mnist_demo.networks.checkpoints import load_checkpoint
from mnist_demo.runs.rights import Limits
from mnist_demo.runs.store import RunStore
from mnist_demo.serving.routes.access import status_of
from mnist_demo.training.events import BatchReport, Ended, EpochEnded, Started, to_json
from mnist_demo.training.recipes import configure

OLD = Path(__file__).parent.parent / "histories" / "4796325"
CONFIG = configure("mlp-relu", epochs=3)
STARTED = Started("a1", "mlp-relu", "cpu", 60_000, 10_000, 39_760)
EVENTS = [
    STARTED,
    EpochEnded(0, None, None, 2.3, 0.1, 0.0),
    BatchReport(1, 640, 0.25, 31_000),
    EpochEnded(1, 0.25, 0.9, 0.12, 0.96, 4.5),
]
STOPPED = Ended("stopped", "The run was stopped.", "a1.safetensors", None, None)
FINISHED = Ended("finished", "The run has finished.", "a1.safetensors", 0.98, 0.97)


def add(book, *events):
    """Enter a run to which this has happened, if anything."""
    run = book.add(CONFIG, "", "", None, is_limited=True)
    if events:
        book.take_next()
    for event in events:
        book.record(run, event)
    return run


def fill(book):
    """Enter more runs than there is room for."""
    for _ in range(100):
        add(book)


def interrupt(*_):
    raise KeyboardInterrupt


def change(book, statement, *values):
    """Change the file behind a history's back."""
    book.store.close()
    with closing(sqlite3.connect(book.store.folder / "runs.sqlite")) as database, database:
        database.execute(statement, values)


def read(book, query):
    """Close a history, and return what its file holds."""
    book.store.close()
    with closing(sqlite3.connect(book.store.folder / "runs.sqlite")) as database:
        return database.execute(query).fetchall()


class TestOldHistory:
    """The history as commit 4796325 wrote it, without a version."""

    @pytest.fixture
    def book(self, tmp_path, open_book):
        shutil.copytree(OLD, tmp_path / "runs")
        return open_book()

    def test_it_opens_with_all_of_its_runs(self, book, caplog):
        found = [(run.number, run.config.recipe, run.state, run.epoch, run.test_accuracy) for run in book.runs()]
        assert found == [(1, "mlp-relu", "finished", 1, 0.951), (2, "fast", "finished", 1, 0.992)]
        assert "skipped" not in caplog.text

    def test_their_weights_can_be_used(self, book):
        names = [load_checkpoint(book.store.weights(run.id)).name for run in book.runs()]
        assert names == ["mlp-relu", "fastnet"]

    def test_it_no_longer_tells_where_it_lay(self, book):
        for run in book.runs():
            assert run.weights == f"{run.id}.safetensors"
            assert book.events(run)[-1]["weights"] == run.weights
            assert "/srv" not in "".join(book.store.events(run.id))

    def test_it_goes_on(self, book, open_book):
        run = add(book, *EVENTS, FINISHED)
        assert run.number == 3
        assert [run.number for run in open_book().runs()] == [1, 2, 3]

    def test_a_copy_is_kept_as_it_was(self, book):
        copy = book.store.folder / "runs-version-0.sqlite"
        tables = ["SELECT * FROM runs", "SELECT * FROM events", "SELECT * FROM settings"]
        with closing(sqlite3.connect(copy)) as kept, closing(sqlite3.connect(OLD / "runs.sqlite")) as old:
            assert [kept.execute(query).fetchall() for query in tables] == [old.execute(q).fetchall() for q in tables]


DAMAGE = {
    "its recipe was renamed": "UPDATE runs SET config = replace(config, 'mlp-relu', 'mlp') WHERE number = 2",
    "its settings are no JSON": "UPDATE runs SET config = 'nonsense' WHERE number = 2",
    "its settings are nested": f"UPDATE runs SET config = '{'[' * 100_000}' WHERE number = 2",
    "its settings are missing": "UPDATE runs SET config = NULL WHERE number = 2",
    "it has another setting": """UPDATE runs SET config = replace(config, '{', '{"new": 1, ') WHERE number = 2""",
    "its time is a text": "UPDATE runs SET created = 'noon' WHERE number = 2",
    "an event is no JSON": "UPDATE events SET event = 'nonsense' WHERE run = 'ID' AND number = 3",
    "an event is unknown": """UPDATE events SET event = '{"event": "party"}' WHERE run = 'ID' AND number = 3""",
    "an event lacks a number": """UPDATE events SET event = replace(event, '0.96', 'null') WHERE run = 'ID'""",
    "an event is missing": "DELETE FROM events WHERE run = 'ID' AND number = 2",
    "a report is no JSON": """UPDATE events SET event = '{"event"' WHERE run = 'ID' AND number = 2""",
    "a report is no text": "UPDATE events SET event = x'fffe' WHERE run = 'ID' AND number = 2",
}


class TestDamagedRun:
    """A run that cannot be read is reported and left as it is; all others are there."""

    @pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE)
    def test_it_is_left_out(self, open_book, caplog, statement):
        book = open_book()
        first, second, third = (add(book, *EVENTS, FINISHED) for _ in range(3))
        change(book, statement.replace("ID", second.id))
        queries = "SELECT * FROM runs ORDER BY number", "SELECT * FROM events ORDER BY run, number"
        before = [read(book, query) for query in queries]
        book = open_book()
        assert [run.id for run in book.runs()] == [first.id, third.id]
        assert f"run 2 ({second.id}) is skipped" in caplog.text
        assert [read(book, query) for query in queries] == before

    def test_a_text_that_is_no_utf_8(self, open_book):
        book = open_book()
        add(book, *EVENTS, FINISHED)
        change(book, "UPDATE runs SET name = CAST(? AS TEXT)", b"Zo\xeb")
        assert [run.name for run in open_book().runs()] == ["Zo\ufffd"]

    def test_its_number_and_its_id_are_not_given_again(self, open_book, monkeypatch):
        book = open_book()
        run = add(book, *EVENTS, FINISHED)
        change(book, "UPDATE runs SET config = 'nonsense'")
        names = iter([run.id, run.id, "0123abcd"])
        monkeypatch.setattr("mnist_demo.runs.store.secrets.token_hex", lambda _: next(names))
        new = add(open_book())
        assert (new.number, new.id) == (2, "0123abcd")

    def test_its_files_and_its_place_stay(self, open_book):
        book = open_book()
        broken, other = add(book), add(book)
        book.store.weights(broken.id).write_bytes(b"all that is left of it")
        change(book, "UPDATE runs SET config = 'nonsense' WHERE number = 1")
        book = open_book()
        assert [run.id for run in book.queue] == [other.id]
        assert book.store.weights(broken.id).exists()
        change(book, "UPDATE runs SET config = ?", json.dumps({**CONFIG.__dict__, "sizes": []}))
        assert [run.id for run in open_book().queue] == [broken.id, other.id]


class TestDamagedSettings:
    @pytest.mark.parametrize(
        "limits", ["nonsense", "{}", "[1]", '{"runs": 0, "epochs": 1, "seconds": 1}', "[" * 99_999]
    )
    def test_limits_that_cannot_be_read_are_reported_and_stay(self, trainer_of, tmp_path, caplog, limits):
        trainer = trainer_of("exit", folder=tmp_path / "runs")
        trainer.book.store.set("limits", limits)
        trainer.close()
        trainer = trainer_of("exit", folder=tmp_path / "runs")
        assert trainer.rights.limits == Limits()
        assert "the limits for visitors cannot be read" in caplog.text
        assert trainer.book.store.setting("limits") == limits

    def test_files_are_not_swept_where_it_is_unknown_since_when(self, open_book):
        book = open_book()
        book.store.set("began", "long ago")
        orphan = book.store.weights("0123abcd")
        orphan.write_bytes(b"")
        open_book()
        assert orphan.exists()


class TestOtherVersions:
    def test_a_newer_history_is_refused(self, open_book):
        book = open_book()
        change(book, "PRAGMA user_version = 99")
        with pytest.raises(RunsError, match="found 99: it was written by a newer mnist_demo"):
            open_book()
        change(book, "PRAGMA user_version = 3")  # nobody holds it
        open_book()

    @pytest.mark.parametrize("table", ["runs", "events", "settings"])
    def test_columns_that_are_not_known_are_in_nobodys_way(self, open_book, table):
        book = open_book()
        add(book, *EVENTS, FINISHED)
        change(book, f"ALTER TABLE {table} ADD COLUMN mine TEXT DEFAULT 'x'")
        book = open_book()
        add(book, *EVENTS, FINISHED)
        book.store.set("limits", "none")
        assert [run.events for run in open_book().runs()] == [5, 5]


class TestRemoving:
    def test_a_server_that_is_killed_on_the_way_has_not_removed_half_of_it(self, open_book, monkeypatch):
        book = open_book()
        run = add(book, *EVENTS, FINISHED)
        weights = book.store.weights(run.id)
        weights.write_bytes(b"")
        monkeypatch.setattr(book.store, "remove_files", interrupt)
        with pytest.raises(KeyboardInterrupt):
            book.remove(run)
        book = open_book()
        assert (book.runs(), book.queue) == ([], [])
        assert not weights.exists()

    def test_what_cannot_be_removed_is_there_as_before(self, open_book):
        book = open_book()
        waiting, finished = add(book), add(book)
        for run in (waiting, finished):
            book.store._database.execute(
                "CREATE TRIGGER IF NOT EXISTS no BEFORE DELETE ON runs BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
            )
            with pytest.raises(RunsError, match="disk I/O error"):
                book.remove(run)
        assert book.queue == [waiting, finished]
        book.store._database.execute("DROP TRIGGER no")
        assert [run.id for run in open_book().queue] == [waiting.id, finished.id]

    def test_a_file_that_cannot_be_deleted_is_reported(self, open_book, caplog):
        book = open_book()
        run = add(book, *EVENTS, FINISHED)
        book.store.weights(run.id).mkdir()
        book.remove(run)
        assert book.runs() == open_book().runs() == []
        assert f"{run.id}.safetensors: cannot be removed: " in caplog.text

    def test_what_killed_servers_and_workers_have_left_is_swept_up(self, open_book):
        book = open_book()
        run = add(book, *EVENTS)
        names = [f"{run.id}.live.safetensors", f".{run.id}.state.x3_k", "0123abcd.safetensors", "0123abcd.state"]
        stays = [f"{run.id}.safetensors", f"{run.id}.state", "notes.txt", "digits.safetensors", "0123abcd.csv"]
        for name in [*names, *stays]:
            (book.store.folder / name).write_bytes(b"")
        book = open_book()
        assert not [name for name in names if (book.store.folder / name).exists()]
        assert [name for name in stays if not (book.store.folder / name).exists()] == []

    def test_weights_that_are_older_than_the_history_stay(self, open_book, tmp_path):
        (tmp_path / "runs").mkdir()
        weights = tmp_path / "runs" / "0123abcd.safetensors"
        weights.write_bytes(b"whose history is lost")
        os.utime(weights, (1000, 1000))
        open_book()
        assert weights.exists()


class TestClearingUp:
    def test_a_finished_run_stays_finished_where_it_fails(self, trainer_of, tmp_path, monkeypatch, caplog):
        trainer = trainer_of(f"read settings; printf '%s\\n' '{to_json(FINISHED)}'")
        monkeypatch.setattr(trainer.book.store, "live_weights", lambda _: tmp_path)  # a folder is no file
        runs = [trainer.book.run(trainer.start(CONFIG)) for _ in range(2)]
        wait_for(lambda: runs[1].is_over and trainer._current is None)
        assert [run.state for run in runs] == ["finished", "finished"]
        assert [event["event"] for event in trainer.book.events(runs[0])] == ["ended"]
        assert "cannot be removed" in caplog.text

    def test_what_has_ended_cannot_fail_any_more(self, open_book):
        book = open_book()
        run = add(book, *EVENTS, FINISHED)
        book.fail(run, "It broke.")
        assert (run.state, run.events) == ("finished", 5)


class TestFullDisk:
    @pytest.fixture
    def full(self, open_book):
        """A book on a disk that is full."""
        book = open_book()
        (pages,) = book.store._database.execute("PRAGMA page_count").fetchone()
        book.store._database.execute(f"PRAGMA max_page_count = {pages}")
        return book

    def test_a_new_run_is_refused(self, full):
        with pytest.raises(DiskFullError, match="database or disk is full") as raised:
            fill(full)
        assert status_of(raised.value) == 507
        assert len(full.queue) == len(full.runs()) < 100

    def test_the_book_goes_on_when_there_is_room_again(self, full):
        with pytest.raises(DiskFullError):
            fill(full)
        full.store._database.execute("PRAGMA max_page_count = 10000")
        run = add(full)
        assert full.queue[-1] is run
        full.remove(run)

    @pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
    def test_a_folder_cannot_be_made(self, tmp_path, monkeypatch, code):
        def fail(*_, **__):
            raise OSError(code, "No space left on device")

        monkeypatch.setattr("mnist_demo.runs.database.Path.mkdir", fail)
        with pytest.raises(DiskFullError, match="No space left on device"):
            RunStore(tmp_path / "runs")


class TestResuming:
    def test_a_run_that_is_about_to_stop_goes_on_when_it_has(self, trainer_of):
        stopped = to_json(STOPPED)
        trainer = trainer_of(f"read settings; echo; read stop; sleep 0.5; printf '%s\\n' '{stopped}'")
        run = trainer.book.run(trainer.start(CONFIG))
        wait_for(lambda: trainer._current is not None)
        trainer.book.store.state(run.id).write_bytes(b"all that it needs")
        trainer.stop(run.id)
        trainer.book.resume(run)
        assert not run.is_over
        again = trainer.book.run
        wait_for(lambda: again(run.id) is not run and again(run.id).state == "running")
        assert run.state == "stopped"
        trainer.stop(run.id)
        wait_for(lambda: again(run.id).is_over)

    def test_one_that_has_nothing_to_go_on_from_does_not(self, trainer_of):
        trainer = trainer_of("read settings; echo; exec sleep 60")
        run = trainer.book.run(trainer.start(CONFIG))
        wait_for(lambda: trainer._current is not None)
        run.stopping = "The run was stopped."
        with pytest.raises(StateError, match="run 1 has nothing to resume from"):
            trainer.book.resume(run)


def test_no_record_and_no_event_tells_where_the_server_keeps_its_files(open_book, tmp_path):
    book = open_book(tmp_path / "my runs")
    first, second = add(book, *EVENTS), add(book)
    where = book.store.weights(first.id)
    book.record(first, Ended("finished", f"{where}: No space left on device", str(where), None, None))
    book.fail(second, f"OSError: [Errno 2] No such file or directory: '{book.store.state(second.id)}'")
    for run in (first, second):
        assert "/" not in f"{run.message} {run.weights} {book.store.events(run.id)[-1]}"
    assert first.message == f"{first.id}.safetensors: No space left on device"
