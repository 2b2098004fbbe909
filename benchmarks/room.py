"""A room of visitors who draw at once and watch a run that trains on the same cores, over real HTTP.

    python benchmarks/room.py [--visitors 50] [--browsing 5] [--seconds 20] [--recipe mlp-relu]

The visitors live in a process of their own. Each draws a digit point by point: it sends its strokes as soon as the
last ones are answered, at most five times a second, lifts the pen after two seconds, and waits for the reading of the
whole drawing; beside that it asks for what is new of the run, as the page does. With --browsing others leaf through
Browse: once a second each scrolls on by a sheet of pictures and looks at a sample, its neighbours, and what networks
say of it. The same is done to a bare Gradio app with the same network on its default queue, which gets pictures and
trains nothing, and has nobody who browses. Speeds of the run are those that it reports, before the visitors come and
while they draw, so each is measured beside the other. What visitors send is counted without headers, which are the
browser's, beside the PNGs of 280x280 that the pad sent before of such drawings.
"""

import argparse
import asyncio
import base64
import json
import multiprocessing
import statistics
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.growing_drawings import Stage, make_drawings
from benchmarks.startup import serving
from mnist_demo.training.recipes import RECIPES

PER_SECOND = 5  # drawings that a visitor sends, at most
STROKE = 2.0  # s from the first point to the last one
POLL = 0.2  # s between two questions about the run
LEAF = 1.0  # s between two samples that somebody looks at in Browse
GOALS = {"p95": 400, "training": 0.4}
EPOCHS = 1000  # the run outlasts the visitors


@dataclass
class Tally:
    """What the visitors of one app have seen."""

    milliseconds: list[float] = field(default_factory=list)  # of each drawing, from sending it to its reading
    sent: int = 0  # bytes of them, without headers
    as_pictures: int = 0  # bytes that PNGs of the same drawings have
    polls: list[float] = field(default_factory=list)
    browsed: list[float] = field(default_factory=list)  # ms of each answer in Browse
    poll_bytes: int = 0  # that came as answers to them, with their headers
    errors: list[str] = field(default_factory=list)
    drawings: int = 0  # that were finished
    lost: int = 0  # finished drawings whose last reading was not that of the whole drawing


class Connection:
    """One kept-alive HTTP connection; a browser has several, these visitors two."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = str(parts.hostname), int(parts.port or 80)
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.sent = 0  # bytes of the bodies of all requests
        self.received = 0  # bytes of the last answer

    async def request(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> bytes:
        """Return the body of the answer.

        Raises:
            ConnectionError: the status is not 200, or the connection is gone.
        """
        if self.streams is None:
            self.streams = await asyncio.open_connection(self.host, self.port)
        reader, writer = self.streams
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nContent-Type: {kind}\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        self.sent += len(body)
        header = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        content = await self._read_body(reader, header)
        self.received = len(header) + len(content)
        if " 200 " not in header.partition("\r\n")[0]:
            raise ConnectionError(f"{path}: {header.partition(chr(13))[0]} {content[:200]!r}")
        return content

    async def _read_body(self, reader: asyncio.StreamReader, header: str) -> bytes:
        if "transfer-encoding: chunked" not in header:
            return await reader.readexactly(int(header.partition("content-length:")[2].partition("\r")[0]))
        content = b""
        while size := int(await reader.readline(), 16):
            content += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readexactly(2)
        return content


class Ours:
    """Our page's plain routes."""

    def __init__(self, url: str, run: str) -> None:
        self.drawing, self.watching = Connection(url), Connection(url)
        self.state: dict[str, Any] = {"since": 0, "run": run, "after": 0, "snapshot": 0, "pixels": "", "token": "t"}

    async def read(self, stage: Stage, is_moving: bool = False) -> int | None:
        address = f"/read?model=digitnet&moving={int(is_moving)}"
        answer = json.loads(await self.drawing.request("POST", address, stage.message))
        if "error" in answer:
            raise ConnectionError(answer["error"])
        return answer.get("guess")

    async def poll(self) -> None:
        answer = json.loads(await self.watching.request("POST", "/live", json.dumps(self.state).encode()))
        self.state["since"] = answer["version"]
        self.state["after"] += len(answer["events"])
        if answer["reading"]:
            self.state["snapshot"] = answer["reading"]["snapshot"]


class Bare:
    """A Gradio event on the default queue, as gradio's own client calls it."""

    def __init__(self, url: str, number: int) -> None:
        self.drawing = Connection(url)
        self.session = f"visitor{number}"

    async def read(self, stage: Stage, is_moving: bool = False) -> int | None:
        url = f"data:image/png;base64,{base64.b64encode(stage.picture).decode()}"
        job = {"data": [url], "fn_index": 0, "session_hash": f"{self.session}-{time.perf_counter_ns()}"}
        await self.drawing.request("POST", "/gradio_api/queue/join?", json.dumps(job).encode())
        stream = await self.drawing.request("GET", f"/gradio_api/queue/data?session_hash={job['session_hash']}")
        messages = [json.loads(line[5:]) for line in stream.decode().splitlines() if line.startswith("data:")]
        done = next(message for message in messages if message["msg"] == "process_completed")
        if not done["success"]:
            raise ConnectionError(str(done["output"]))
        return json.loads(done["output"]["data"][0])

    async def poll(self) -> None:
        """Nothing is trained here."""


async def draw(app: Ours | Bare, stages: list[Stage], digit: int, tally: Tally, until: float) -> None:
    """Draw one digit over and over until the time is over."""
    while time.monotonic() < until:
        began, answer = time.monotonic(), None
        while True:
            share = min(1.0, (time.monotonic() - began) / STROKE)
            sent = time.monotonic()
            stage = stages[round(share * (len(stages) - 1))]
            try:
                answer = await app.read(stage, is_moving=share < 1)
            except (OSError, asyncio.IncompleteReadError, KeyError, StopIteration, ValueError) as error:
                tally.errors.append(f"{type(error).__name__}: {error}")
                return
            tally.milliseconds.append(1000 * (time.monotonic() - sent))
            tally.as_pictures += len(stage.picture)
            if share == 1.0:
                break
            await asyncio.sleep(max(0.0, sent + 1 / PER_SECOND - time.monotonic()))
        tally.drawings += 1
        tally.lost += answer != digit
        await asyncio.sleep(1 / PER_SECOND)


async def watch(app: Ours | Bare, tally: Tally, until: float) -> None:
    """Ask for what is new of the run until the time is over."""
    while time.monotonic() < until and isinstance(app, Ours):
        sent = time.monotonic()
        try:
            await app.poll()
        except (OSError, asyncio.IncompleteReadError, KeyError, ValueError) as error:
            tally.errors.append(f"watching: {type(error).__name__}: {error}")
            return
        tally.polls.append(1000 * (time.monotonic() - sent))
        tally.poll_bytes += app.watching.received
        await asyncio.sleep(POLL)


async def browse(url: str, number: int, tally: Tally, until: float) -> None:
    """Leaf through the test split until the time is over, from another place on than the others."""
    connection, index = Connection(url), 1000 * number
    black = base64.b64encode(bytes(28 * 28)).decode()
    while time.monotonic() < until:
        asked: list[tuple[str, str, dict[str, Any] | None]] = [
            ("GET", f"/samples/test/sprite?from={index}&count=256", None),
            ("POST", "/samples/test/search", {"label": index % 10, "count": 200}),
            ("GET", f"/samples/test/{index}", None),
            ("POST", "/samples/neighbours", {"split": "test", "index": index}),
            ("POST", "/inside/damage", {"network": "digitnet", "pixels": black, "name": "rotate", "strength": 10}),
        ]
        for method, path, body in asked:
            sent = time.monotonic()
            try:
                await connection.request(method, path, b"" if body is None else json.dumps(body).encode())
            except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                tally.errors.append(f"browsing: {type(error).__name__}: {error}")
                return
            tally.browsed.append(1000 * (time.monotonic() - sent))
        index = (index + 256) % 9_000
        await asyncio.sleep(LEAF)


async def visit(kind: str, url: str, run: str, visitors: int, browsing: int, seconds: float) -> Tally:
    tally = Tally()
    until = time.monotonic() + seconds
    drawings = make_drawings()
    apps: list[Ours | Bare] = []
    tasks = [browse(url, number, tally, until) for number in range(browsing)]
    for number in range(visitors):
        app = Ours(url, run) if kind == "ours" else Bare(url, number)
        stages, digit = drawings[number % len(drawings)]
        apps.append(app)
        tasks += [draw(app, stages, digit, tally, until), watch(app, tally, until)]
    await asyncio.gather(*tasks)
    tally.sent = sum(app.drawing.sent for app in apps)
    return tally


def run_visitors(kind: str, url: str, run: str, visitors: int, browsing: int, seconds: float, results: Any) -> None:
    results.put(asdict(asyncio.run(visit(kind, url, run, visitors, browsing, seconds))))


def send_visitors(kind: str, url: str, run: str, visitors: int, browsing: int, seconds: float) -> Tally:
    """Let visitors come in a process of their own."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    process = context.Process(target=run_visitors, args=(kind, url, run, visitors, browsing, seconds, results))
    process.start()
    tally = Tally(**results.get())
    process.join()
    return tally


def start_run(url: str, recipe: str) -> str:
    """Start a run that outlasts the visitors, and return its id."""
    from gradio_client import Client

    run: str = Client(url, verbose=False).predict(recipe, EPOCHS, api_name="/start_training")
    return run


def speed_of(url: str, run: str, seconds: float) -> float:
    """Return how many examples a second a run learns from while this waits."""
    before, began = examples_seen(url, run), time.monotonic()
    time.sleep(seconds)
    return (examples_seen(url, run) - before) / (time.monotonic() - began)


def examples_seen(url: str, run: str) -> int:
    events = json.loads(asyncio.run(Connection(url).request("GET", f"/runs/{run}/events?after=0")))
    return max((event["examples_seen"] for event in events if event["event"] == "batch"), default=0)


def main() -> None:
    parser = argparse.ArgumentParser(description="Let a room of visitors draw while a run trains.")
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--browsing", type=int, default=0, help="visitors beside them; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--recipe", choices=list(RECIPES), default="mlp-relu", help="what is trained meanwhile")
    arguments = parser.parse_args()
    print("| app | visitors | readings/s | p50 | p95 | errors | drawings | lost last readings |")
    print("|---|---|---|---|---|---|---|---|")
    with serving(("app.py", "--port")) as url:
        run = start_run(url, arguments.recipe)
        time.sleep(8)  # until the spare worker is warm, too
        alone = speed_of(url, run, arguments.seconds / 2)
        before, began = examples_seen(url, run), time.monotonic()
        ours = send_visitors("ours", url, run, arguments.visitors, arguments.browsing, arguments.seconds)
        beside = (examples_seen(url, run) - before) / (time.monotonic() - began)
    print_row("ours, while it trains", arguments, ours)
    with serving(("benchmarks/comparison_apps.py", "queue")) as url:
        bare = send_visitors("bare", url, "", arguments.visitors, 0, arguments.seconds)
        print_row("bare Gradio, default queue", arguments, bare)
    print("\n| a visitor sends | bytes a reading | KB/s |\n|---|---|---|")
    print_sent("strokes, to ours", arguments, ours, ours.sent)
    print_sent("the same drawings as PNGs", arguments, ours, ours.as_pictures)
    print_sent("data URLs, to bare Gradio", arguments, bare, bare.sent)
    print(f"\nWatching: {len(ours.polls) / arguments.seconds:.0f} answers/s, {describe(ours.polls)}")
    if ours.browsed:
        print(f"Browsing: {len(ours.browsed) / arguments.seconds:.0f} answers/s, {describe(ours.browsed)}")
    print(
        f"Each viewer gets {ours.poll_bytes / arguments.visitors / arguments.seconds / 1000:.1f} KB/s (goal: under 20)"
    )
    print(f"Goal: no error, nothing lost, p95 under {GOALS['p95']} ms")
    print(f"Training: {alone:,.0f} examples/s alone, {beside:,.0f} beside the visitors: {beside / alone:.0%}", end="")
    print(f" (goal: at least {GOALS['training']:.0%})")


def print_row(name: str, arguments: argparse.Namespace, tally: Tally) -> None:
    rate = len(tally.milliseconds) / arguments.seconds
    p50, p95 = quantiles(tally.milliseconds)
    print(
        f"| {name} | {arguments.visitors} | {rate:.0f} | {p50:.0f} ms | {p95:.0f} ms "
        f"| {len(tally.errors)} | {tally.drawings} | {tally.lost} |",
        flush=True,
    )
    for error in sorted(set(tally.errors))[:3]:
        print(f"  {error}", file=sys.stderr)


def print_sent(what: str, arguments: argparse.Namespace, tally: Tally, sent: int) -> None:
    """Print how many bytes of requests' bodies the readings of a tally took."""
    per_second = sent / arguments.visitors / arguments.seconds / 1000
    print(f"| {what} | {sent / max(1, len(tally.milliseconds)):,.0f} | {per_second:.2f} |")


def quantiles(values: list[float]) -> tuple[float, float]:
    if len(values) < 2:
        return float("nan"), float("nan")
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    return cuts[9], cuts[18]


def describe(values: list[float]) -> str:
    p50, p95 = quantiles(values)
    return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms"


if __name__ == "__main__":
    main()
