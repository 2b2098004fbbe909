"""Everything at once for a long time: visitors, runs, hostile files and killed workers.

    python benchmarks/soak.py [--minutes 20] [--visitors 10]

Visitors draw and watch as in benchmarks/room.py. Runs are started one after the other, some paused, stopped or removed.
Every few seconds somebody sends a hostile file or leaves in the middle of a request, and every half minute a process
that the server has started is killed or stopped. Memory, descriptors and child processes of the server are measured
every minute; at the end every finished drawing must have got its reading, and every run must have ended.
"""

import argparse
import asyncio
import contextlib
import os
import random
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.attacks import HOSTILE_FILES
from benchmarks.growing_drawings import Stage, make_drawings
from benchmarks.memory import write_small_data
from benchmarks.processes import command_of, descriptors_of, group_of, megabytes_of
from benchmarks.room import POLL, Ours
from benchmarks.startup import running

KILLED = ("mnist_demo.runs.worker", "mnist_demo.reading.decoder")  # that are killed now and then
KILL_INTERVAL = 30.0  # s
FILE_INTERVAL = 2.0  # s between two hostile files
RUN_INTERVAL = 10.0  # s between two starts, as many as one address may make
MEASURE_INTERVAL = 60.0  # s
PATIENCE = 120.0  # s that runs have to end when all is over
KEY = "the key of the soak"
RECIPES = ("mlp-relu", "mlp-sigmoid", "cnn", "fast")


@dataclass
class Tally:
    """What has happened so far."""

    readings: int = 0
    busy: int = 0  # answers 503, after which the visitor asked again
    drawings: int = 0
    unanswered: int = 0  # finished drawings without a reading
    waits: list[float] = field(default_factory=list)  # ms
    statuses: Counter[int] = field(default_factory=Counter)  # of hostile files
    killed: Counter[str] = field(default_factory=Counter)
    started: list[str] = field(default_factory=list)  # runs
    removed: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)


async def draw(url: str, stages: list[Stage], tally: Tally, until: float) -> None:
    """Draw a digit over and over, and insist on the reading of each whole drawing."""
    visitor = Ours(url, "")
    while time.monotonic() < until:
        for stage in stages:
            if await _read(visitor, stage, tally) is None and stage is stages[-1]:
                tally.unanswered += 1
            await asyncio.sleep(0.2)
        tally.drawings += 1
        await asyncio.sleep(2)


async def _read(visitor: Ours, stage: Stage, tally: Tally) -> bool | None:
    """Return whether a drawing was read; as the pad does, ask again where the server is busy."""
    for _ in range(30):
        sent = time.monotonic()
        try:
            await visitor.read(stage)
        except ConnectionError as error:
            if " 503 " not in str(error):
                tally.errors.append(f"reading: {error}")
                return None
            tally.busy += 1
            await asyncio.sleep(1)
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            tally.errors.append(f"reading: {type(error).__name__}: {error}")
            visitor.drawing.streams = None
            return None
        else:
            tally.readings += 1
            tally.waits.append(1000 * (time.monotonic() - sent))
            return True
    return None


async def watch(url: str, tally: Tally, until: float) -> None:
    """Watch the newest run, as a page does."""
    visitor = Ours(url, "")
    while time.monotonic() < until:
        newest = tally.started[-1] if tally.started else ""
        if visitor.state["run"] != newest:
            visitor.state |= {"run": newest, "after": 0, "snapshot": 0}
        try:
            await visitor.poll()
        except KeyError:
            visitor.state["run"] = ""  # it was removed
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            tally.errors.append(f"watching: {type(error).__name__}: {error}")
            visitor.watching.streams = None
        await asyncio.sleep(POLL)


async def train(url: str, tally: Tally, until: float, dice: random.Random) -> None:
    """Start runs as the instructor does, and do something with every other one."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        while time.monotonic() < until:
            recipe = dice.choice(RECIPES)
            answer = await client.post(
                "gradio_api/run/start_training", json={"data": [recipe, dice.randint(1, 4), *[None] * 9]}
            )
            if answer.is_success:
                run = answer.json()["data"][0]
                tally.started.append(run)
                await asyncio.sleep(dice.random() * RUN_INTERVAL)
                action = dice.choice(["", "", "pause", "stop", "remove"])
                if action:
                    order = {"action": action, "key": KEY}
                    done = await client.post(f"runs/{run}", json=order)
                    if done.is_success and action == "remove":
                        tally.removed.add(run)
                    if done.is_success and action == "pause":
                        await asyncio.sleep(1)
                        await client.post(f"runs/{run}", json=order | {"action": "go-on"})
            await asyncio.sleep(RUN_INTERVAL)


async def attack(url: str, files: list[bytes], tally: Tally, until: float, dice: random.Random) -> None:
    """Send hostile files, and leave in the middle of a request."""
    parts = urlsplit(url)
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        while time.monotonic() < until:
            try:
                answer = await client.post("read?model=digitnet", content=dice.choice(files))
                tally.statuses[answer.status_code] += 1
            except httpx.HTTPError as error:
                tally.errors.append(f"hostile file: {type(error).__name__}: {error}")
            with socket.create_connection((parts.hostname or "", parts.port or 80)) as leaving:
                leaving.sendall(b"POST /read HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nhalf")
            await asyncio.sleep(FILE_INTERVAL)


async def kill(pid: int, tally: Tally, until: float, dice: random.Random) -> None:
    """Kill or stop one of the processes that the server has started, every half minute."""
    while time.monotonic() + KILL_INTERVAL < until:
        await asyncio.sleep(KILL_INTERVAL)
        children = {child: name for child in group_of(pid) for name in KILLED if name in command_of(child)}
        if children:
            child = dice.choice(list(children))
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, dice.choice([signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGRTMIN]))
                tally.killed[children[child]] += 1


async def measure(pid: int, until: float) -> list[tuple[float, int, int]]:
    """Return memory in MB, descriptors and processes, measured every minute, and print them."""
    found, began = [], time.monotonic()
    print("| minute | server, MB | descriptors | processes | all processes, MB |\n|---|---|---|---|---|")
    while time.monotonic() < until:
        await asyncio.sleep(min(MEASURE_INTERVAL, max(0.0, until - time.monotonic())))
        members = group_of(pid)
        found.append((megabytes_of(pid), descriptors_of(pid), len(members)))
        minute, everything = (time.monotonic() - began) / 60, sum(map(megabytes_of, members))
        cells = f"{found[-1][0]:.0f} | {found[-1][1]} | {found[-1][2]} | {everything:.0f}"
        print(f"| {minute:.0f} | {cells} |", flush=True)
    return found


async def account(url: str, tally: Tally) -> Counter[str]:
    """Return how many runs have ended in which state; one that does not end counts as it stands."""
    states: dict[str, str] = {}
    deadline = time.monotonic() + PATIENCE
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        while time.monotonic() < deadline:
            states = {run["run"]: run["state"] for run in (await client.get("runs")).json()}
            waiting = [run for run in states if states[run] in ("queued", "running")]
            if not waiting:
                break
            await asyncio.sleep(1)
    return Counter(states.get(run, "removed" if run in tally.removed else "gone") for run in tally.started)


async def soak(url: str, pid: int, arguments: argparse.Namespace) -> tuple[Tally, Counter[str], Any]:
    tally, dice = Tally(), random.Random(0)
    files = [build() for build in HOSTILE_FILES.values()]
    until = time.monotonic() + 60 * arguments.minutes
    drawings = make_drawings()
    visitors = [
        task
        for number in range(arguments.visitors)
        for task in (draw(url, drawings[number % len(drawings)][0], tally, until), watch(url, tally, until))
    ]
    others = [train(url, tally, until, dice), attack(url, files, tally, until, dice), kill(pid, tally, until, dice)]
    *_, states = await asyncio.gather(*visitors, *others, measure(pid, until))
    return tally, await account(url, tally), states


def main() -> None:
    parser = argparse.ArgumentParser(description="Do everything at once for a long time.")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--visitors", type=int, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = write_small_data(Path(folder) / "data")
        command = ("app.py", "--data", str(data), "--instructor-key", KEY, "--port")
        with running(command, TMPDIR=folder) as (url, pid):
            tally, runs, states = asyncio.run(soak(url, pid, arguments))
    waits = statistics.quantiles(tally.waits, n=100, method="inclusive")
    print(
        f"\n{tally.drawings} drawings, {tally.readings} readings: p50 {waits[49]:.0f} ms, p99 {waits[98]:.0f} ms,",
        end="",
    )
    print(
        f" most {max(tally.waits):.0f} ms; {tally.busy} asked again, {tally.unanswered} drawings unanswered (goal: 0)"
    )
    print(f"{len(tally.started)} runs: {', '.join(f'{count} {state}' for state, count in sorted(runs.items()))}")
    print(f"hostile files: {', '.join(f'{count} x {status}' for status, count in sorted(tally.statuses.items()))}")
    print(f"killed or stopped: {', '.join(f'{count} {name}' for name, count in tally.killed.items())}")
    print(f"server: {states[0][0]:.0f} MB in the first minute, {states[-1][0]:.0f} MB in the last", end="")
    print(f"; descriptors {states[0][1]} and {states[-1][1]}, processes {states[0][2]} and {states[-1][2]}")
    for error, count in Counter(tally.errors).most_common(10):
        print(f"{count} x {error}")


if __name__ == "__main__":
    main()
