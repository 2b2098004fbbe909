"""A visitor at a human pace, for locust, and many of them in this process; visitors.py starts it.

    python benchmarks/visitor.py http://127.0.0.1:7860 RUN VISITORS SECONDS

It draws a digit in three seconds, and the pad asks as its script does (ui/components/draw_pad/drawing_reader.js): the
newest strokes as soon as the last ones are answered, and again after a refusal. Then it watches
the run for five seconds, and the page asks what is new as its script does (ui/components/run_view/poller.js): the chart
is hidden while one draws, so nothing is asked then. Each visitor has a connection of its own. What happens while they
come does not count. Prints a line once all are there, and then a JSON object, see `Tally`.
"""

# ruff: noqa: I001
import locust  # first: it replaces what others would import, so that all visitors share one thread

import argparse
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gevent
from locust.contrib.fasthttp import ResponseContextManager
from locust.env import Environment

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.growing_drawings import make_drawings

STROKE = 3.0  # s from the first point of a digit to the last one
WATCHING = 5.0  # s until the next digit
FRAME = 1 / 60  # s: as often a browser tells where the pen is, and the pad has a new drawing
LIVE_INTERVAL = 0.2  # s between an answer about a run and the next question
TRY_AGAIN, MAX_TRY_AGAIN = 1.0, 30.0  # s until the pad asks again, if the server does not say when; at most
FAILED_INTERVAL, MAX_INTERVAL = 2.0, 30.0  # s until the page asks again about a run, twice as long each time; at most
ARRIVING = 1 / 4  # of the time: until all visitors are there
JSON = {"Content-Type": "application/json"}
READING, POLL = "reading", "poll"


@dataclass
class Tally:
    """What visitors have seen once all of them were there.

    Attributes:
        seconds: how long that was.
        processor: seconds of the processor that this process took for it: near one a second, it is the limit itself.
        milliseconds: from each question that was answered to its answer, of "reading" and "poll".
        received: bytes of the bodies of these answers.
        refusals: how often what failed: "reading 503", or "poll 0" for no answer at all.
        drawings: that were finished.
        lost: of these: whose last reading was another digit than that of the whole drawing.
    """

    seconds: float = 0.0
    processor: float = 0.0
    milliseconds: dict[str, list[float]] = field(default_factory=lambda: {READING: [], POLL: []})
    received: dict[str, int] = field(default_factory=lambda: {READING: 0, POLL: 0})
    refusals: Counter[str] = field(default_factory=Counter)
    drawings: int = 0
    lost: int = 0

    def note(self, name: str, response_time: float, response_length: int, exception: Any, **_: Any) -> None:
        """Count a request; locust calls it with these names."""
        if exception is not None:
            self.refusals[f"{name} {exception}"] += 1
            return
        self.milliseconds[name].append(response_time)
        self.received[name] += response_length


class Visitor(locust.FastHttpUser):
    """One browser; `run_id` and `tally` are set on the class."""

    run_id = ""
    tally = Tally()
    drawings = make_drawings()
    concurrency = 1  # connections

    def on_start(self) -> None:
        """Open the page: nothing is known yet."""
        self.state = {"since": 0, "run": self.run_id, "after": 0, "snapshot": 0, "pixels": "", "before": 0}
        self.failures = 0  # polls in a row

    @locust.task
    def visit(self) -> None:
        """Draw one digit and watch the run for a while."""
        self.draw()
        until = time.monotonic() + WATCHING
        while (left := until - time.monotonic()) > 0:
            gevent.sleep(min(left, self.poll()))

    def draw(self) -> None:
        """Draw a digit, until the whole of it is read."""
        stages, digit = random.choice(self.drawings)
        began = time.monotonic()
        while True:
            sent = time.monotonic()
            share = min(1.0, (sent - began) / STROKE)
            answer, pause = self.read(stages[round(share * (len(stages) - 1))].message, share < 1)
            if share == 1.0 and answer is not None:
                break
            gevent.sleep(max(pause, sent + FRAME - time.monotonic()))
        self.tally.drawings += 1
        self.tally.lost += answer.get("guess") != digit

    def read(self, message: bytes, is_moving: bool) -> tuple[dict[str, Any] | None, float]:
        """Return what the server says of a drawing, or None and after how many seconds to ask again."""
        address = f"/read?model=digitnet&moving={int(is_moving)}"
        with self.client.post(address, message, headers=JSON, name=READING, catch_response=True) as response:
            if response.status_code == 200:
                return json.loads(response.content), 0
            response.failure(response.status_code)
        return None, min(_retry_after(response) or TRY_AGAIN, MAX_TRY_AGAIN) * (1 + random.random() / 2)

    def poll(self) -> float:
        """Ask what is new of the run, and return after how many seconds to do so again."""
        with self.client.post("/live", json=self.state, name=POLL, catch_response=True) as response:
            if response.status_code == 200:
                self.take(json.loads(response.content))
                self.failures = 0
                return LIVE_INTERVAL
            response.failure(response.status_code)
        self.failures += 1
        return max(_retry_after(response), min(MAX_INTERVAL, FAILED_INTERVAL * 2 ** (self.failures - 1)))

    def take(self, answer: dict[str, Any]) -> None:
        """Note what is known from now on."""
        self.state["since"] = answer["version"]
        self.state["after"] += len(answer["events"])
        if answer["reading"]:
            self.state["snapshot"] = answer["reading"]["snapshot"]


def _retry_after(response: ResponseContextManager) -> float:
    return float((response.headers or {}).get("Retry-After", 0))


def visit(url: str, run: str, visitors: int, seconds: float) -> Tally:
    """Let visitors come in the first part of some seconds, and return what they have seen in the rest."""
    Visitor.host, Visitor.run_id = url.rstrip("/"), run
    environment = Environment(user_classes=[Visitor])
    runner = environment.create_local_runner()
    runner.start(visitors, spawn_rate=visitors / (ARRIVING * seconds))
    gevent.sleep(ARRIVING * seconds)
    tally = Visitor.tally = Tally()
    environment.events.request.add_listener(tally.note)
    print(f"{runner.user_count} visitors", flush=True)
    began, used = time.monotonic(), time.process_time()
    gevent.sleep((1 - ARRIVING) * seconds)
    tally.seconds, tally.processor = time.monotonic() - began, time.process_time() - used
    environment.events.request.remove_listener(tally.note)
    runner.quit()
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description="Let visitors draw and watch a run.")
    parser.add_argument("url")
    parser.add_argument("run")
    parser.add_argument("visitors", type=int)
    parser.add_argument("seconds", type=float)
    arguments = parser.parse_args()
    print(json.dumps(vars(visit(**vars(arguments)))))


if __name__ == "__main__":
    main()
