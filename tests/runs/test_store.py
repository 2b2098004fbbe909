import json
import sqlite3
from contextlib import closing

import pytest

from mnist_demo.errors import RunsError
from mnist_demo.runs.run import Run
from mnist_demo.runs.store import RunStore, find_free_folder
from mnist_demo.training.events import BatchReport, Ended, EpochEnded, LearningRateChanged, Started, to_dict
from mnist_demo.training.recipes import configure

STARTED = Started("a1", "cnn", "cpu", 60_000, 10_000, 49_770)
EVENTS = [
    STARTED,
    EpochEnded(0, None, None, 2.3, 0.1, 0.0),
    BatchReport(1, 640, 0.1 + 0.2, 31_000),
    EpochEnded(1, 0.25, 0.9, 0.12, 0.975, 4.5),
    LearningRateChanged(60_640, 0.01),
    BatchReport(2, 61_280, 0.125, 30_000),
    EpochEnded(2, 0.125, 0.95, 0.11, 0.985, 9.0),
    Ended("finished", "The run has finished.", "a1.safetensors", 0.98, 0.985),
]


@pytest.fixture
def open_store(tmp_path):
    """A function that opens the history in a folder, as a server does at its start; the one before is closed."""
    opened = []

    def open_(folder=tmp_path / "runs"):
        close()
        opened.append(RunStore(folder))
        return opened[-1]

    def close():
        for store in opened:
            store.close()

    yield open_
    close()


@pytest.fixture
def store(open_store):
    return open_store()


def add(store, *events, number=1):
    """Enter a run to which this has happened."""
    run = Run(f"a{number}", number, configure("cnn", epochs=2, sizes=(8, 8, 16)), "Wide", "Zoë 🦊", "the-secret")
    store.add(run)
    for event in events:
        store.append(run, event)
    return run


def change(store, statement):
    """Change the file behind a history's back."""
    store.close()
    with closing(sqlite3.connect(store.folder / "runs.sqlite")) as database, database:
        database.execute(statement)


def read(store, run):
    return [json.loads(event) for event in store.events(run.id)]


class TestEvents:
    def test_they_come_back_in_order_and_exactly(self, store):
        run = add(store, *EVENTS)
        assert read(store, run) == [to_dict(event) for event in EVENTS]

    def test_from_a_number_on(self, store):
        run = add(store, *EVENTS)
        assert [len(store.events(run.id, after)) for after in (1, 7, 8, 99)] == [7, 1, 0, 0]
        assert json.loads(store.events(run.id, 7)[0])["event"] == "ended"

    def test_each_run_has_its_own(self, store):
        first, second = add(store, *EVENTS), add(store, STARTED, number=2)
        assert (len(read(store, first)), len(read(store, second))) == (8, 1)
        assert store.events("nope") == []


class TestRecord:
    def test_it_tells_how_the_run_went(self, store):
        run = add(store, *EVENTS)
        assert (run.state, run.message, run.weights) == ("finished", "The run has finished.", "a1.safetensors")
        assert (run.epoch, run.test_accuracy, run.seconds) == (2, 0.985, 9.0)
        assert run.parameters == 49_770
        assert run.reached == {0.97: 4.5, 0.98: 9.0}
        assert run.changed_rate
        assert run.events == 8

    @pytest.mark.parametrize("count", range(len(EVENTS) + 1))
    def test_after_a_new_start_it_tells_the_same_however_far_the_run_was(self, open_store, count):
        run = add(open_store(), *EVENTS[:count])
        if 0 < count < len(EVENTS):
            run.state = "running"  # as the server notes when it takes a run off the queue
        store = open_store()
        assert store.load() == [run]

    def test_a_run_that_falls_below_a_mark_again_keeps_its_time(self, store):
        run = add(store, EVENTS[3], EpochEnded(2, 0.2, 0.9, 0.2, 0.96, 9.0), EpochEnded(3, 0.2, 0.9, 0.2, 0.98, 13.5))
        assert run.reached == {0.97: 4.5, 0.98: 13.5}

    def test_the_end_of_a_run_is_the_end_of_its_pause(self, store):
        run = add(store, STARTED)
        run.is_paused = True
        store.append(run, Ended("stopped", "The run was stopped.", None, None, None))
        assert not run.is_paused

    def test_runs_come_back_in_the_order_of_their_numbers(self, open_store):
        store = open_store()
        for number in (2, 10, 1):
            add(store, number=number)
        assert [run.number for run in open_store().load()] == [1, 2, 10]


class TestRewinding:
    def test_what_happened_after_the_newest_epoch_is_forgotten(self, store):
        run = add(store, *EVENTS[:6], Ended("failed", "It was cut.", None, None, None))
        store.rewind(run)
        assert read(store, run) == [to_dict(event) for event in EVENTS[:4]]

    def test_other_runs_keep_their_events(self, store):
        run, other = add(store, *EVENTS[:6]), add(store, *EVENTS, number=2)
        store.rewind(run)
        assert len(read(store, other)) == len(EVENTS)

    def test_what_happens_next_stands_where_the_forgotten_stood(self, store):
        run = add(store, *EVENTS[:6])
        store.rewind(run)
        again = Run(run.id, run.number, run.config)
        store.replay(again)
        assert (again.epoch, again.changed_rate) == (1, False)
        store.append(again, EVENTS[5])
        assert read(store, run) == [to_dict(event) for event in [*EVENTS[:4], EVENTS[5]]]


class TestFiles:
    def write_all(self, store, run):
        paths = [store.weights(run.id), store.live_weights(run.id), store.state(run.id)]
        for path in paths:
            path.write_bytes(b"content")
        return paths

    def test_a_removed_run_leaves_nothing_behind(self, open_store):
        store = open_store()
        run, other = add(store, *EVENTS), add(store, *EVENTS, number=2)
        gone, kept = self.write_all(store, run), self.write_all(store, other)
        for each in (run, other):
            store.epochs(each.id).keep(3, lambda path: path.write_bytes(b"weights"))
        store.remove(run)
        assert (store.epochs(run.id).kept(), store.epochs(other.id).kept()) == ([], [3])
        assert not any(path.exists() for path in gone)
        assert all(path.exists() for path in kept)
        assert store.events(run.id) == []
        assert [run.number for run in open_store().load()] == [2]

    def test_a_finished_run_keeps_its_weights_alone(self, store):
        run = add(store, *EVENTS)
        weights, live, state = self.write_all(store, run)
        store.clear_away(run)
        assert [path.exists() for path in (weights, live, state)] == [True, False, False]

    def test_a_run_that_was_stopped_also_keeps_what_it_can_go_on_from(self, store):
        run = add(store, *EVENTS[:4], Ended("stopped", "The run was stopped.", "a1.safetensors", None, None))
        weights, live, state = self.write_all(store, run)
        store.clear_away(run)
        assert [path.exists() for path in (weights, live, state)] == [True, False, True]


class TestSettings:
    def test_a_setting_is_what_was_written_last(self, open_store):
        store = open_store()
        assert store.setting("limits") is None
        store.set("limits", "a few")
        store.set("limits", "many")
        assert open_store().setting("limits") == "many"


class TestFolder:
    def test_it_is_made_with_those_above_it(self, open_store, tmp_path):
        open_store(tmp_path / "new" / "runs")
        assert (tmp_path / "new" / "runs" / "runs.sqlite").is_file()

    def test_a_second_server_is_refused_until_the_first_is_gone(self, store):
        with pytest.raises(RunsError, match="runs: in use by another server"):
            RunStore(store.folder)
        store.close()
        RunStore(store.folder).close()

    def test_a_second_server_finds_a_folder_of_its_own(self, store):
        assert find_free_folder(store.folder) == store.folder.with_name("runs-2")
        with closing(RunStore(store.folder.with_name("runs-2"))):
            assert find_free_folder(store.folder) == store.folder.with_name("runs-3")
        store.close()
        assert find_free_folder(store.folder) == store.folder

    def test_a_file_in_its_place_is_told(self, tmp_path):
        (tmp_path / "runs").write_bytes(b"")
        with pytest.raises(RunsError, match="runs: cannot be used for runs: File exists"):
            RunStore(tmp_path / "runs")

    def test_a_file_of_another_kind_is_told_and_stays(self, tmp_path):
        path = tmp_path / "runs.sqlite"
        path.write_bytes(b"<!DOCTYPE html>" * 100)
        with pytest.raises(RunsError, match=r"runs\.sqlite: expected a history of runs: file is not a database"):
            RunStore(tmp_path)
        assert path.read_bytes() == b"<!DOCTYPE html>" * 100

    def test_what_cannot_be_written_is_told(self, store):
        run = add(store, STARTED)
        store.close()
        with pytest.raises(RunsError, match="the history of runs cannot be read or written"):
            store.append(run, EVENTS[1])
        assert run.events == 1  # the record says no more than the file
