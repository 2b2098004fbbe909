"""Figures for whoever runs the server, in the text format of Prometheus.

No label tells of a visitor: the values of all labels are names and numbers from the code, so they are few.
"""

import time
from collections import Counter as Counts
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Literal, TypeVar, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from mnist_demo.errors import BusyError, MnistDemoError
from mnist_demo.job_queue import JobQueue
from mnist_demo.reading.predictions import NumberReading, Prediction
from mnist_demo.runs.book import RunBook
from mnist_demo.runs.run import State

Kind = Literal["drawing", "picture", "predict", "read_number"]
Outcome = Literal["digit", "number", "reject", "refused", "busy", "failed"]
# s: a digit on the event loop takes some ms, a photo half a second, a place in a full queue several.
BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

R = TypeVar("R", bound=Prediction | NumberReading)


class Metrics:
    """The figures of one page, in a registry of their own: a process may have several pages.

    Attributes:
        in_flight: HTTP requests that are not answered yet, with event streams; the gates count them.
    """

    def __init__(self) -> None:
        self.in_flight = 0
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._readings = Counter("mnist_demo_readings", "Readings.", ["kind", "outcome"], registry=self._registry)
        self._seconds = Histogram(
            "mnist_demo_reading_seconds",
            "Time from the request of a reading to its answer, with waiting.",
            ["kind"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._refusals = Counter(
            "mnist_demo_refusals",
            "HTTP requests answered with a status from 400, by the gate that answered, or by the routes behind them.",
            ["status", "gate"],
            registry=self._registry,
        )
        for kind in get_args(Kind):  # from 0 on, or the first of each would be no increase
            self._seconds.labels(kind)
            for outcome in get_args(Outcome):
                self._readings.labels(kind, outcome)
        self.show("mnist_demo_requests_in_flight", "HTTP requests that are not answered yet.", lambda: self.in_flight)

    async def time(self, kind: Kind, reading: Awaitable[R]) -> R:
        """Await a reading and count it; its seconds count if it is answered."""
        began = time.perf_counter()
        outcome: Outcome = "failed"
        try:
            answer = await reading
            outcome = _outcome_of(answer)
            self._seconds.labels(kind).observe(time.perf_counter() - began)
            return answer
        except MnistDemoError as error:
            outcome = "busy" if isinstance(error, BusyError) else "refused"
            raise
        finally:
            self._readings.labels(kind, outcome).inc()

    def count_refusal(self, status: int, gate: str) -> None:
        """Count a request that was answered with a status from 400."""
        self._refusals.labels(status, gate).inc()

    def show(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Show a number that is looked up when somebody asks for it."""
        Gauge(name, text, registry=self._registry).set_function(value)

    def show_each(self, name: str, text: str, label: str, values: Callable[[], Mapping[str, float]]) -> None:
        """Show a number for each value of a label, likewise."""
        self._registry.register(_Looked(name, text, label, values))

    def show_runs(self, book: RunBook) -> None:
        """Show how many runs there are and how many wait."""

        def by_state() -> dict[str, float]:
            counts = Counts(run.state for run in book.runs())
            return {state: counts[state] for state in get_args(State)}

        self.show("mnist_demo_run_queue_length", "Runs that wait to be trained.", lambda: len(book.queue))
        self.show_each("mnist_demo_runs", "Runs that are kept, by state.", "state", by_state)

    def show_queues(self, queues: Iterable[JobQueue]) -> None:
        """Show how many jobs each queue has."""
        kept = tuple(queues)
        text = "Jobs that wait for a thread, or that it works on, by queue."
        self.show_each("mnist_demo_jobs", text, "queue", lambda: {queue.name: queue.jobs for queue in kept})

    def to_text(self) -> bytes:
        """Return all figures in the text format."""
        return generate_latest(self._registry)


class _Looked(Collector):
    """A gauge with one label, whose values are looked up when somebody asks for them."""

    def __init__(self, name: str, text: str, label: str, values: Callable[[], Mapping[str, float]]) -> None:
        self._name, self._text, self._label, self._values = name, text, label, values

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return it as it is now."""
        family = GaugeMetricFamily(self._name, self._text, labels=[self._label])
        for value, number in self._values().items():
            family.add_metric([value], number)
        return [family]


def _outcome_of(reading: Prediction | NumberReading) -> Outcome:
    if isinstance(reading, NumberReading):
        return "number"
    return "reject" if reading.digit is None else "digit"
