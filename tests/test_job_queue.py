import asyncio
import threading

import pytest
from waiting import finish, wait_for

from mnist_demo.errors import BusyError
from mnist_demo.job_queue import JobQueue


@pytest.fixture
def gate():
    """Opens what the jobs wait for."""
    gate = threading.Event()
    yield gate
    gate.set()


def test_jobs_are_done_in_turn_and_their_results_and_errors_come_back():
    queue, done = JobQueue("testing", jobs=10), []
    futures = [queue.submit(0, done.append, number) for number in range(5)]
    failing = queue.submit(0, int, "seven")
    assert [future.result(10) for future in futures] == [None] * 5
    assert done == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="seven"):
        failing.result(10)
    queue.close()


def test_too_many_are_refused_until_one_is_done(gate):
    queue = JobQueue("testing", jobs=2, retry_after=3)
    first, _ = queue.submit(0, gate.wait), queue.submit(0, gate.wait)
    with pytest.raises(BusyError, match="testing: the server is busy") as caught:
        queue.submit(0, gate.wait)
    assert caught.value.retry_after == 3
    gate.set()
    first.result(10)
    wait_for(lambda: queue.submit(0, int).result(10) == 0)
    queue.close()


def test_too_large_ones_are_refused_unless_nothing_else_is_there(gate):
    queue = JobQueue("testing", jobs=9, size=100)
    queue.submit(120, gate.wait)
    with pytest.raises(BusyError):
        queue.submit(1, gate.wait)
    gate.set()
    queue.close()


def test_a_job_that_nobody_waits_for_any_more_is_not_done(gate):
    queue, done = JobQueue("testing", jobs=9), []

    async def leave():
        queue.submit(0, gate.wait)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(queue.run(0, done.append, 1), timeout=0.01)

    finish(leave())
    gate.set()
    queue.submit(0, done.append, 2).result(10)
    assert done == [2]
    queue.close()


def test_a_closed_one_gives_up_what_waits_and_takes_nothing(gate):
    queue = JobQueue("testing", jobs=9)
    queue.submit(0, gate.wait, 0.2)
    waiting = queue.submit(0, int)
    queue.close()
    assert waiting.cancelled()
    with pytest.raises(BusyError, match="shutting down"):
        queue.submit(0, int)
