"""How many visitors at a human pace one page server bears: 200, 1,000 and 2,000, a minute each.

    python benchmarks/visitors.py [--visitors 200 1000 2000] [--seconds 60] [--recipe mlp-relu]

They draw and watch a run that trains beside them, see visitor.py, over HTTP on this machine, from a process of their
own. The first quarter of the time they arrive, which does not count. Server, run and visitors share the cores. Each
number of visitors meets a server that has just started; what that server needs is from its own /metrics.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.room import examples_seen, quantiles, start_run
from benchmarks.startup import PROJECT, serving
from mnist_demo.training.recipes import RECIPES

P95 = 400  # ms: the goal of a room of fifty
REFUSED = 0.01  # of the requests: a server that refuses more has come to its end
WARMING = 8.0  # s until the run has begun and the spare worker is warm


def main() -> None:
    parser = argparse.ArgumentParser(description="Let many visitors draw and watch a run at a human pace.")
    parser.add_argument("--visitors", type=int, nargs="+", default=[200, 1_000, 2_000])
    parser.add_argument("--seconds", type=float, default=60.0, help="with each number of them")
    parser.add_argument("--recipe", choices=list(RECIPES), default="mlp-relu", help="what is trained meanwhile")
    arguments = parser.parse_args()
    print("| visitors | what | answers/s | p50 | p95 | refused | bytes each | KB/s to a visitor |")
    print("|---|---|---|---|---|---|---|---|")
    reports = {number: measure(number, arguments.seconds, arguments.recipe) for number in arguments.visitors}
    print("\n| visitors | refusals | drawings | lost last readings | core: server | visitors | memory | training |")
    print("|---|---|---|---|---|---|---|---|")
    for number, report in reports.items():
        tally = report["tally"]
        refusals = ", ".join(f"{name}: {count:,}" for name, count in sorted(tally["refusals"].items())) or "none"
        cores = f"{report['processor']:.0%} | {tally['processor'] / tally['seconds']:.0%}"
        print(
            f"| {number:,} | {refusals} | {tally['drawings']:,} | {tally['lost']:,} | {cores} "
            f"| {report['memory'] / 1e6:,.0f} MB | {report['training']:,.0f} examples/s |"
        )
    print(f"\n{describe_end(reports)}")


def measure(number: int, seconds: float, recipe: str) -> dict[str, Any]:
    """Let that many visitors come to a new server, print what they have seen, and return it with what that needed."""
    with serving(("app.py", "--port")) as url:
        run = start_run(url, recipe)
        time.sleep(WARMING)
        with sending(url, run, number, seconds) as visitors:
            visitors.readline()  # all are there
            before, seen, began = read_figures(url), examples_seen(url, run), time.monotonic()
            tally = json.loads(visitors.readline())
            took = time.monotonic() - began
            after, training = read_figures(url), (examples_seen(url, run) - seen) / took
    for what, milliseconds in tally["milliseconds"].items():
        print_row(number, what, milliseconds, tally)
    return {
        "tally": tally,
        "processor": (after["process_cpu_seconds_total"] - before["process_cpu_seconds_total"]) / took,
        "memory": after["process_resident_memory_bytes"],
        "training": training,
    }


@contextlib.contextmanager
def sending(url: str, run: str, number: int, seconds: float) -> Iterator[IO[str]]:
    """Let visitors come, and yield what visitor.py prints: a line once all are there, and what they have seen."""
    command = [sys.executable, str(PROJECT / "benchmarks" / "visitor.py"), url, run, str(number), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            process.terminate()


def read_figures(url: str) -> dict[str, float]:
    """Return the figures of a server that have no labels."""
    with urllib.request.urlopen(f"{url}metrics") as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return {sample.name: sample.value for family in families for sample in family.samples if not sample.labels}


def print_row(number: int, what: str, milliseconds: list[float], tally: dict[str, Any]) -> None:
    p50, p95 = quantiles(milliseconds)
    received, seconds = tally["received"][what], tally["seconds"]
    print(
        f"| {number:,} | {what} | {len(milliseconds) / seconds:,.0f} | {p50:,.0f} ms | {p95:,.0f} ms "
        f"| {share_refused(what, tally):.1%} | {received / max(1, len(milliseconds)):,.0f} "
        f"| {received / seconds / number / 1000:.1f} |",
        flush=True,
    )


def share_refused(what: str, tally: dict[str, Any]) -> float:
    refused = sum(count for name, count in tally["refusals"].items() if name.startswith(what))
    return refused / max(1, refused + len(tally["milliseconds"][what]))


def describe_end(reports: dict[int, dict[str, Any]]) -> str:
    """Return which numbers of visitors were served in time, and which were not."""
    served = [number for number, report in reports.items() if is_served(report["tally"])]
    limits = f"readings and polls with p95 under {P95} ms, and under {REFUSED:.0%} refused"
    failed = [number for number in reports if number not in served]
    return f"Served ({limits}): {_join(served)}; not: {_join(failed)} visitors."


def is_served(tally: dict[str, Any]) -> bool:
    return all(
        quantiles(milliseconds)[1] < P95 and share_refused(what, tally) < REFUSED
        for what, milliseconds in tally["milliseconds"].items()
    )


def _join(numbers: list[int]) -> str:
    return ", ".join(f"{number:,}" for number in numbers) or "none"


if __name__ == "__main__":
    main()
