import threading
from types import SimpleNamespace

import pytest

from mnist_demo.errors import LimitError, MnistDemoError, NotFoundError, RightsError, SettingsError
from mnist_demo.runs.book import RunBook
from mnist_demo.runs.rights import Limits, Rights, Visitor
from mnist_demo.runs.steering import INSTRUCTORS, OWNERS, STOPPED_BY_INSTRUCTOR, clear, set_limits, steer
from mnist_demo.training.events import Ended, EpochEnded, Started
from mnist_demo.training.recipes import configure

ADA, BOB, NOBODY, INSTRUCTOR = Visitor("ada"), Visitor("bob"), Visitor(), Visitor(key="the key")


@pytest.fixture
def trainer(tmp_path):
    """A trainer without workers: it notes in `told` what they would be told."""
    told = []
    book = RunBook(tmp_path)
    yield SimpleNamespace(
        book=book,
        rights=Rights("the key"),
        told=told,
        stop=lambda run, *why: told.append(("stop", run, *why)),
        go=lambda run, goal: told.append(("go", run, goal)),
        set_learning_rate=lambda run, rate: told.append(("rate", run, rate)),
    )
    book.close()


@pytest.fixture
def run(trainer):
    """A run of Ada's."""
    return trainer.book.add(configure("mlp-relu"), "", "Ada", "ada", is_limited=True)


def cut(trainer, run):
    """Let a run begin, and be stopped after an epoch."""
    trainer.book.take_next()
    for event in (
        Started(run.id, "mlp-relu", "cpu", 60_000, 10_000, 39_760),
        EpochEnded(1, 0.25, 0.9, 0.12, 0.96, 4.5),
        Ended("stopped", "The run was stopped.", None, None, None),
    ):
        trainer.book.record(run, event)
    trainer.book.store.state(run.id).write_bytes(b"all that it needs")


@pytest.mark.parametrize("visitor", [ADA, INSTRUCTOR])
@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("pause", ("go", "here")),
        ("go-on", ("go", "end")),
        ("step-batch", ("go", "batch")),
        ("step-epoch", ("go", "epoch")),
        ("learning-rate", ("rate", 0.5)),
    ],
)
def test_who_has_started_a_run_and_the_instructor_steer_it(trainer, run, visitor, action, told):
    steer(trainer, run.id, action, 0.5, visitor)
    what, *value = told
    assert trainer.told == [(what, run.id, *value)]


def test_who_has_started_a_run_stops_it(trainer, run):
    steer(trainer, run.id, "stop", None, ADA)
    assert trainer.told == [("stop", run.id)]


def test_a_run_that_the_instructor_stops_says_so(trainer, run):
    trainer.book.take_next()
    steer(trainer, run.id, "stop", None, INSTRUCTOR)
    assert trainer.told == [("stop", run.id, STOPPED_BY_INSTRUCTOR)]


@pytest.mark.parametrize("visitor", [ADA, INSTRUCTOR])
def test_a_cut_run_goes_on_for_them(trainer, run, visitor):
    cut(trainer, run)
    steer(trainer, run.id, "resume", None, visitor)
    resumed = trainer.book.run(run.id)
    assert resumed.state == "queued"
    assert resumed.is_limited == (visitor is ADA)


def test_going_on_is_no_way_around_the_limits(trainer, run):
    cut(trainer, run)
    trainer.rights.limits = Limits(runs=1)
    trainer.book.add(run.config, "", "Ada", "ada", is_limited=True)
    with pytest.raises(LimitError, match="1 of your runs are queued already"):
        steer(trainer, run.id, "resume", None, ADA)


@pytest.mark.parametrize("visitor", [BOB, NOBODY, Visitor("bob", "another key")])
@pytest.mark.parametrize("action", [*OWNERS, *INSTRUCTORS, "restore"])
def test_nobody_else_does_anything_with_it(trainer, run, action, visitor):
    with pytest.raises(RightsError):
        steer(trainer, run.id, action, 0, visitor)
    assert trainer.told == []
    assert trainer.book.queue == [run]


@pytest.mark.parametrize("action", INSTRUCTORS)
def test_some_things_are_the_instructors_also_with_ones_own_run(trainer, run, action):
    with pytest.raises(RightsError, match="only the instructor may do this"):
        steer(trainer, run.id, action, 0, ADA)


@pytest.mark.parametrize("action", ["remove", "stop"])
def test_the_instructor_removes_a_run_that_waits_and_takes_that_back(trainer, run, action):
    last = trainer.book.add(configure("cnn"), "", "", None, is_limited=True)
    steer(trainer, run.id, action, None, INSTRUCTOR)
    assert trainer.book.runs() == trainer.book.queue == [last]
    assert trainer.book.was_removed_by_instructor(run.id)
    steer(trainer, run.id, "restore", None, INSTRUCTOR)
    assert trainer.book.runs() == trainer.book.queue == [run, last]
    with pytest.raises(NotFoundError, match="to restore"):
        steer(trainer, run.id, "restore", None, INSTRUCTOR)


def test_only_the_instructor_takes_a_removal_back(trainer, run):
    steer(trainer, run.id, "remove", None, INSTRUCTOR)
    with pytest.raises(RightsError, match="only the instructor"):
        steer(trainer, run.id, "restore", None, ADA)


@pytest.mark.parametrize("do", [clear, lambda trainer, visitor: set_limits(trainer, {}, visitor)])
def test_only_the_instructor_clears_the_board_and_sets_limits(trainer, do):
    with pytest.raises(RightsError, match="only the instructor"):
        do(trainer, ADA)


@pytest.mark.parametrize("action", [*OWNERS, *INSTRUCTORS])
def test_nothing_happens_between_the_check_and_the_act(trainer, run, action, monkeypatch):
    reached = []

    def look_from_elsewhere(*_):
        def look():
            if trainer.book.changed.acquire(timeout=0.05):
                reached.append(action)
                trainer.book.changed.release()

        other = threading.Thread(target=look)
        other.start()
        other.join()

    monkeypatch.setattr(trainer.rights, "require_control", look_from_elsewhere)
    monkeypatch.setattr(trainer.rights, "require_instructor", look_from_elsewhere)
    monkeypatch.setitem(OWNERS if action in OWNERS else INSTRUCTORS, action, look_from_elsewhere)
    steer(trainer, run.id, action, 0, INSTRUCTOR)
    assert reached == []


def test_the_instructor_moves_a_run(trainer, run):
    last = trainer.book.add(configure("cnn"), "", "", None, is_limited=True)
    steer(trainer, last.id, "move", 0.0, INSTRUCTOR)
    assert trainer.book.queue == [last, run]


@pytest.mark.parametrize("place", [-1, 21, 0.5, "first", None, True])
def test_a_place_that_is_none_is_refused(trainer, run, place):
    with pytest.raises(SettingsError, match="place: expected a whole number from 0 to 20, found"):
        steer(trainer, run.id, "move", place, INSTRUCTOR)


@pytest.mark.parametrize("action", ["explode", "STOP", "", None, 7, [], {"stop": 1}])
def test_an_unknown_action_is_told_what_there_is(trainer, run, action):
    with pytest.raises(SettingsError, match=r"action: expected one of stop, pause, .*, remove, move, restore, found"):
        steer(trainer, run.id, action, None, INSTRUCTOR)


@pytest.mark.parametrize("action", ["stop", "remove", "explode"])
def test_an_unknown_run_is_told(trainer, action):
    with pytest.raises(MnistDemoError, match="there is no run 'x'"):
        steer(trainer, "x", action, None, INSTRUCTOR)
