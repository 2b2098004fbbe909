import pytest

from mnist_demo.runs.overtime import Overtime
from mnist_demo.runs.rights import Limits
from mnist_demo.runs.run import Run
from mnist_demo.training.recipes import configure

LIMITS = Limits(seconds=3600, pause=10)


@pytest.fixture
def run():
    return Run("a1", 1, configure("mlp-relu"), state="running")


def after(clock, overtime, seconds, limits=LIMITS, others_wait=True):
    """Return the reason that it gives when so much time has passed, asked every second."""
    for _ in range(seconds):
        clock[0] += 1
        reason = overtime.reason(limits, others_wait)
    return reason


def test_a_run_may_take_its_time_and_not_more(run, clock):
    overtime = Overtime(run)
    assert after(clock, overtime, 3599) is None
    assert after(clock, overtime, 1) == "The run was stopped: the instructor's limit is 3,600 s."


def test_the_training_before_a_cut_counts(run, clock):
    run.seconds = 3000.0
    overtime = Overtime(run)
    run.seconds = 3500.0  # it goes on: this is the same time once more
    assert after(clock, overtime, 599) is None
    assert after(clock, overtime, 1)


def test_limits_that_are_set_later_count(run, clock):
    overtime = Overtime(run)
    assert after(clock, overtime, 100) is None
    assert after(clock, overtime, 1, Limits(seconds=60))
    assert after(clock, overtime, 1) is None


def test_a_pause_ends_when_it_has_held_up_others_for_long_enough(run, clock):
    overtime = Overtime(run)
    run.is_paused = True
    assert after(clock, overtime, 599) is None
    assert after(clock, overtime, 1) == "The run was stopped: it was paused for 10 min while others waited."


def test_a_pause_that_nobody_waits_for_may_last(run, clock):
    overtime = Overtime(run)
    run.is_paused = True
    assert after(clock, overtime, 3000, others_wait=False) is None
    assert after(clock, overtime, 500, others_wait=True) is None


def test_going_on_for_a_moment_does_not_begin_a_new_pause(run, clock):
    overtime = Overtime(run)
    reasons = []
    for _ in range(10):
        run.is_paused = True
        reasons.append(after(clock, overtime, 60))
        run.is_paused = False
        after(clock, overtime, 2)
    assert [bool(reason) for reason in reasons] == [False] * 9 + [True]


def test_the_instructors_run_takes_as_long_as_it_takes(run, clock):
    run.is_limited, run.is_paused = False, True
    assert after(clock, Overtime(run), 5000) is None
