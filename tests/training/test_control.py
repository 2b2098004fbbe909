"""What test_loop.py does not show of the reins of a run."""

import threading

import pytest

from mnist_demo.training.control import Control, Stopped


@pytest.fixture
def waiting():
    """A function that lets a thread wait for its run to go on, and returns the thread and what it comes to."""
    threads = []

    def start(control):
        outcome = []

        def wait():
            try:
                control.wait()
                outcome.append("goes on")
            except Stopped:
                outcome.append("stopped")

        threads.append(threading.Thread(target=wait, daemon=True))
        threads[-1].start()
        return threads[-1], outcome

    yield start
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def test_unless_told_otherwise_a_run_goes_to_its_end():
    control = Control()
    control.check()
    control.wait()
    assert not control.pauses_after("batch")
    assert not control.pauses_after("epoch")


def test_here_pauses_after_whatever_comes_first():
    control = Control()
    control.go("here")
    assert control.pauses_after("batch")
    assert control.pauses_after("epoch")


def test_one_epoch_is_not_over_after_a_batch():
    control = Control()
    control.go("epoch")
    assert not control.pauses_after("batch")
    assert control.pauses_after("epoch")
    assert control.pauses_after("batch")  # and there it stays


@pytest.mark.parametrize("goal", ["end", "epoch", "batch"])
def test_a_run_that_pauses_goes_on_when_it_is_told_how_far(waiting, goal):
    control = Control()
    control.go("here")
    thread, outcome = waiting(control)
    control.go("here")
    thread.join(0.1)
    assert outcome == []
    control.go(goal)
    thread.join(5)
    assert outcome == ["goes on"]


def test_a_run_that_pauses_can_be_stopped(waiting):
    control = Control()
    control.go("here")
    thread, outcome = waiting(control)
    control.stop()
    thread.join(5)
    assert outcome == ["stopped"]
    with pytest.raises(Stopped):
        control.check()


def test_of_several_new_learning_rates_the_last_one_counts_and_once():
    control = Control()
    assert control.take_learning_rate() is None
    control.set_learning_rate(0.1)
    control.set_learning_rate(0.2)
    assert control.take_learning_rate() == 0.2
    assert control.take_learning_rate() is None
