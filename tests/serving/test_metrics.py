"""What is counted, of readings and runs, without a server."""

import asyncio

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mnist_demo.errors import BusyError, ImageError
from mnist_demo.job_queue import JobQueue
from mnist_demo.reading.predictions import NumberReading
from mnist_demo.serving.metrics import Metrics
from mnist_demo.training.recipes import configure


@pytest.fixture
def metrics():
    return Metrics()


def read(metrics):
    """All figures that are not 0: {(name, *values of the labels): value}."""
    families = text_string_to_metric_families(metrics.to_text().decode())
    samples = [sample for family in families for sample in family.samples if sample.value]
    return {(sample.name, *sample.labels.values()): sample.value for sample in samples}


async def end(error):
    raise error


@pytest.mark.parametrize(
    ("error", "outcome"), [(ImageError("x"), "refused"), (BusyError("x"), "busy"), (OSError("x"), "failed")]
)
def test_a_reading_that_fails_counts_by_whose_fault_it_is_and_takes_no_time(metrics, error, outcome):
    with pytest.raises(type(error)):
        asyncio.run(metrics.time("predict", end(error)))
    figures = read(metrics)
    assert figures["mnist_demo_readings_total", "predict", outcome] == 1
    assert ("mnist_demo_reading_seconds_count", "predict") not in figures


def test_seconds_are_those_until_the_answer_is_there(metrics):
    async def wait():
        await asyncio.sleep(0.06)
        return NumberReading([], [], [])

    asyncio.run(metrics.time("read_number", wait()))
    figures = read(metrics)
    assert figures["mnist_demo_readings_total", "read_number", "number"] == 1
    assert 0.06 <= figures["mnist_demo_reading_seconds_sum", "read_number"] < 5
    assert ("mnist_demo_reading_seconds_bucket", "read_number", "0.05") not in figures
    assert figures["mnist_demo_reading_seconds_bucket", "read_number", "10.0"] == 1


def test_every_kind_of_reading_is_there_before_the_first(metrics):
    assert b'mnist_demo_readings_total{kind="picture",outcome="busy"} 0.0' in metrics.to_text()


def test_runs_are_counted_as_they_stand(metrics, open_book):
    book = open_book()
    metrics.show_runs(book)
    for _ in range(3):
        book.add(configure("mlp-relu"), "", "", None, True)
    book.take_next()
    figures = read(metrics)
    assert figures["mnist_demo_run_queue_length",] == 2
    runs = {name[1]: number for name, number in figures.items() if name[0] == "mnist_demo_runs"}
    assert runs == {"queued": 2, "running": 1}


def test_jobs_are_counted_while_they_wait(metrics):
    queue = JobQueue("testing", jobs=9)
    metrics.show_queues([queue])

    def count():
        return read(metrics).get(("mnist_demo_jobs", "testing"), 0)

    assert queue.submit(0, count).result() == 1
    queue.close()
    assert count() == 0


def test_two_pages_in_one_process_count_for_themselves(metrics):
    other = Metrics()
    other.count_refusal(404, "known_routes")
    assert not any(name.startswith("mnist_demo_refusals") for name, *_ in read(metrics))
