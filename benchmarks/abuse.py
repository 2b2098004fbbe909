"""Hostile files and requests, one after the other: how long each takes, and what it does to everyone else.

    python benchmarks/abuse.py [--only WORD]

Our app and a bare Gradio app with the same network are attacked in the same way. Meanwhile a second client, in a
process of its own, asks for something cheap every 50 ms. A row says how long the attack took, how much the memory of
the server and its children grew at most and how much of that was left 3 s later, the longest wait of the second client,
and what was answered. Ours has to stand all attacks in one life; the bare app is started anew for each.
"""

import argparse
import multiprocessing
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.attacks import ATTACKS, Attack, Bare, Ours, Target
from benchmarks.processes import descriptors_of, group_of, megabytes_of, watching_memory
from benchmarks.startup import running

INTERVAL = 0.05  # s between two questions of the second client
PATIENCE = 60.0  # s that it waits for an answer
REST = 3.0  # s after an attack, for the server to clean up
GOALS = {"wait": 150, "memory": 300}  # ms, MB
APPS: dict[type[Target], tuple[str, ...]] = {
    Ours: ("app.py", "--instructor-key", "the key", "--port"),
    Bare: ("benchmarks/comparison_apps.py", "upload"),
}


@dataclass(frozen=True)
class Row:
    """What one attack did; the memory is that of the server and all that it has started."""

    seconds: float
    peak: float  # MB above what was taken before
    left: float  # MB
    descriptors: int  # more than before
    wait: float  # ms
    answers: str


def ask_all_the_time(url: str, orders: Any, results: Any) -> None:
    """Ask for `url` until told to stop, and hand over the waits in ms; without an answer it is a minute."""
    waits = []
    with httpx.Client(timeout=PATIENCE) as client:
        while not orders.poll():
            began = time.perf_counter()
            try:
                client.get(url).raise_for_status()
                waits.append(1000 * (time.perf_counter() - began))
            except httpx.HTTPError:
                waits.append(1000 * PATIENCE)
            time.sleep(max(0.0, INTERVAL - (time.perf_counter() - began)))
    results.put(waits)


def measure(attack: Attack, target: Target, pid: int) -> Row:
    """Let one attack go against a server, and return what it did."""
    context = multiprocessing.get_context("spawn")
    stop, orders = context.Pipe()
    results = context.Queue()
    other = context.Process(target=ask_all_the_time, args=(target.url + target.CHEAP, orders, results))
    other.start()
    time.sleep(1.0)  # until the second client is there
    before, descriptors = memory_of(pid), descriptors_of(pid)
    with watching_memory(pid) as peak:
        began = time.perf_counter()
        answers = attack.run(target)
        seconds = time.perf_counter() - began
    stop.send("stop")
    waits = results.get()
    other.join()
    time.sleep(REST)
    grown = peak.megabytes - before
    return Row(seconds, grown, memory_of(pid) - before, descriptors_of(pid) - descriptors, max(waits), tell(answers))


def memory_of(pid: int) -> float:
    return sum(map(megabytes_of, group_of(pid)))


def tell(answers: list[int]) -> str:
    """Return how often each status was answered; 0 stands for no answer."""
    return ", ".join(f"{answers.count(status)} x {status or 'none'}" for status in sorted(set(answers)))


def main() -> None:
    parser = argparse.ArgumentParser(description="Attack our app and a bare Gradio app, and see what others notice.")
    parser.add_argument("--only", default="", metavar="WORD", help="attacks whose name contains it")
    arguments = parser.parse_args()
    attacks = [attack for attack in ATTACKS if arguments.only in attack.name]
    rows: dict[str, list[Row]] = {}
    with running(APPS[Ours]) as (url, pid):
        time.sleep(10)  # until the spare worker is warm
        start = memory_of(pid)
        for attack in attacks:
            rows[attack.name] = [measure(attack, Ours(url), pid)]
            print(f"ours, {attack.name}: {rows[attack.name][0]}", file=sys.stderr, flush=True)
        grown = memory_of(pid) - start
    for attack in attacks:
        if attack.hits_bare:
            with running(APPS[Bare]) as (url, pid):
                rows[attack.name].append(measure(attack, Bare(url), pid))
            print(f"bare, {attack.name}: {rows[attack.name][1]}", file=sys.stderr, flush=True)
    print("| attack | app | s | memory, MB | left, MB | descriptors | longest wait of others, ms | answers |")
    print("|---|---|---|---|---|---|---|---|")
    for name, both in rows.items():
        for app, row in zip(("ours", "bare Gradio"), both, strict=False):
            cells = f"{row.seconds:.2f} | {row.peak:+.0f} | {row.left:+.0f} | {row.descriptors:+d} | {row.wait:.0f}"
            print(f"| {name if app == 'ours' else ''} | {app} | {cells} | {row.answers} |")
    ours = [both[0] for both in rows.values()]
    print(f"\nOurs: others wait at most {max(row.wait for row in ours):.0f} ms", end="")
    print(f" (median of the attacks {statistics.median(row.wait for row in ours):.0f}; goal {GOALS['wait']}),", end="")
    print(f" memory grows by at most {max(row.peak for row in ours):.0f} MB (goal {GOALS['memory']}),", end="")
    print(f" {grown:+.0f} MB are left after all of them.")


if __name__ == "__main__":
    main()
