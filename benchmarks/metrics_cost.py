"""What counting costs: each reading, each request, and each look at the figures.

    python benchmarks/metrics_cost.py [--rounds 20000]

A reading that returns at once is awaited bare and counted in turn, and a request that is answered at once passes the
counting of the gates or none; the fastest of five tries counts.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from starlette.responses import Response
from starlette.types import ASGIApp, Message

from mnist_demo.reading.predictions import NumberReading
from mnist_demo.serving.gates.counting import CountedRequests, Milestone
from mnist_demo.serving.metrics import Metrics

TRIES = 5
GATES = 8  # milestones that a request passes
GOAL = 20.0  # us a reading, at most


async def read() -> NumberReading:
    return NumberReading([], [], [])


async def receive() -> Message:
    return {"type": "http.disconnect"}


async def send(message: Message) -> None:
    """Nobody listens."""


async def time_one(action: Callable[[], Awaitable[object]], rounds: int) -> float:
    """Return how many microseconds an action takes."""
    best = float("inf")
    for _ in range(TRIES):
        began = time.perf_counter()
        for _ in range(rounds):
            await action()
        best = min(best, time.perf_counter() - began)
    return 1e6 * best / rounds


def guard(answer: ASGIApp, metrics: Metrics) -> ASGIApp:
    """Return an app behind all the counting of the gates, and no gate."""
    for number in range(GATES):
        answer = Milestone(answer, str(number))
    return CountedRequests(answer, metrics)


async def measure(rounds: int) -> None:
    metrics = Metrics()
    answer = Response(b"ok")
    guarded = guard(answer, metrics)
    pairs = {
        "a reading": (read, lambda: metrics.time("drawing", read())),
        "a request": (
            lambda: answer({"type": "http"}, receive, send),
            lambda: guarded({"type": "http"}, receive, send),
        ),
    }
    print("| what | bare | counted | counting |\n|---|---|---|---|")
    for name, (bare, counted) in pairs.items():
        before, after = await time_one(bare, rounds), await time_one(counted, rounds)
        print(f"| {name} | {before:.2f} us | {after:.2f} us | {after - before:.2f} us |")
    began = time.perf_counter()
    size = len(metrics.to_text())
    print(
        f"\nGoal: at most {GOAL:g} us a reading. A look: {1e3 * (time.perf_counter() - began):.1f} ms, {size:,} bytes"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what counting costs.")
    parser.add_argument("--rounds", type=int, default=20_000)
    asyncio.run(measure(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
