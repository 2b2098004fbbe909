"""Time from the pen to the label, in headless Chromium: our page, two bare echoes of strokes, and gr.Sketchpad.

    python benchmarks/drawing_latency.py [--strokes 45]

Every stroke is a 1, drawn from below at 60 moves a second, which one last move makes a 7. The pen then either rests on
the pad or has lifted in the same instant; so the label can turn to 7 only once that last move has been read. The label
of an echo is the number of points that it got, which the last move makes greater, too. Times are taken inside the page,
from just before the last move to the last change of the label. The apps take turns stroke by stroke; gr.Sketchpad,
which is seconds slower where its WebGL runs on the CPU, joins in every third time. See comparison_apps.py for what ours
is measured against: goals are set by the echo through a Gradio event, and the plain one says what of our time is that
of the page, of HTTP and of Gradio's server.
"""

import argparse
import contextlib
import itertools
import random
import shutil
import signal
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.startup import serving

WARM_UP = 5  # strokes that are not counted
MOMENTS = {"while drawing": False, "pen-up": True}  # whether the pen lifts with the last move
GOALS = {"echo": 1.3, "sketchpad": 0.2}  # ours / theirs, at most
CHROMIUM = (
    "--no-sandbox --headless --disable-background-networking --disable-component-update --disable-sync --no-first-run"
)


@dataclass(frozen=True)
class App:
    """How to start an app, and where things are on its page, as CSS selectors."""

    command: tuple[str, ...]  # a free port follows
    pad: str  # a canvas
    block: str  # what holds the label, and stays when the label is replaced
    label: str
    reset: str  # a button
    before: str | None = None  # a button to be pressed before the first stroke
    expected: str | None = "7"  # None: the number of points that were drawn
    every: int = 1  # of how many strokes it takes part in one
    rest: float = 0.0  # s after a stroke, in which it works on and would slow the next app


COMPARISON = "benchmarks/comparison_apps.py"
APPS = {
    "ours": App(("app.py", "--port"), "#draw-pad canvas", "#draw-result", "#draw-result .digit", reset="#draw-clear"),
    "echo": App((COMPARISON, "echo"), "#pad canvas", "#label", "#label output", reset="#pad button", expected=None),
    "plain echo": App(
        (COMPARISON, "plain-echo"),
        "#pad canvas",
        "#label",
        "#label output",
        reset="#draw-clear",
        expected="3",  # our pad leaves out those on the line between others
    ),
    "sketchpad": App(
        (COMPARISON, "sketchpad"),
        "#pad canvas",
        "#label",
        '#label [data-testid="label-output-value"]',
        reset='#pad [aria-label="Undo"]',  # Clear would put the brush away and leave the label as it is
        before='#pad [aria-label="Brush"]',
        every=3,
        rest=3.0,
    ),
}

# Draws one stroke in the page; resolves to the ms until the label was right, or null where it did not follow.
DRAW = """
async ({ app, points, lifts }) => {
  const expected = app.expected ?? String(points.length);
  const QUIET = 200; // ms; a label that has stood for so long is the last one
  const canvas = document.querySelector(app.pad);
  const read = () => document.querySelector(app.label)?.textContent.trim() ?? "";
  let label = read();
  let changed = -Infinity;
  const observer = new MutationObserver(() => {
    if (read() === label) return;
    label = read();
    changed = performance.now();
  });
  observer.observe(document.querySelector(app.block), { childList: true, characterData: true, subtree: true });

  async function until(isRight, patience) {
    const began = performance.now();
    const isDone = () => isRight() && performance.now() - changed > QUIET;
    while (!isDone() && performance.now() - began < patience) await new Promise((next) => setTimeout(next, 20));
    return isDone();
  }

  const box = canvas.getBoundingClientRect();
  const side = Math.min(box.width, box.height);
  function point(type, [x, y], buttons) {
    const clientX = box.left + (box.width - side) / 2 + x * side;
    const clientY = box.top + (box.height - side) / 2 + y * side;
    const button = type === "pointermove" ? -1 : 0;
    const pointer = { pointerId: 1, pointerType: "mouse", isPrimary: true, bubbles: true, cancelable: true };
    const event = new PointerEvent(type, { ...pointer, clientX, clientY, button, buttons });
    document.elementFromPoint(clientX, clientY).dispatchEvent(event);
  }

  const last = points.pop();
  point("pointermove", points[0], 0);
  for (const [index, at] of points.entries()) {
    await new Promise(requestAnimationFrame);
    point(index ? "pointermove" : "pointerdown", at, 1);
  }
  await new Promise(requestAnimationFrame);

  const began = performance.now();
  point("pointermove", last, 1);
  if (lifts) point("pointerup", last, 0);
  const isRight = () => label === expected && changed > began; // what was right before was no answer
  const latency = (await until(isRight, lifts ? 10000 : 1000)) ? changed - began : null;

  if (!lifts) point("pointerup", last, 0);
  await until(isRight, 10000);
  document.querySelector(app.reset).click();
  await until(() => !isRight(), 10000);
  observer.disconnect();
  return latency;
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Time how long a label takes to follow the pen.")
    parser.add_argument("--strokes", type=int, default=45, help=f"of each kind; the first {WARM_UP} are not counted")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the apps are ended then, too
    if arguments.strokes < WARM_UP + 2:
        parser.error(f"--strokes: expected at least {WARM_UP + 2}")
    latencies: dict[tuple[str, str], list[float | None]] = {(name, moment): [] for name in APPS for moment in MOMENTS}
    with open_pages() as pages:
        for number in range(arguments.strokes):
            points = trace_seven(random.Random(number))
            names = [name for name in (APPS if number % 2 else reversed(APPS)) if number % APPS[name].every == 0]
            for moment, name in itertools.product(MOMENTS, names):
                latency = draw(pages[name], APPS[name], points, MOMENTS[moment])
                if number >= WARM_UP:
                    latencies[name, moment].append(latency)
    for moment in MOMENTS:
        print_table(moment, {name: latencies[name, moment] for name in APPS})


def trace_seven(rng: random.Random) -> list[tuple[float, float]]:
    """Return the points of a 7, the last of which makes it one; (0, 0) to (1, 1) is the pad."""
    moves = rng.randint(10, 16)  # so that the last one comes at any moment of what the apps do in between
    left, top = rng.uniform(0.2, 0.3), rng.uniform(0.2, 0.3)
    stem = [(left + 0.2 + 0.2 * move / moves, top + 0.55 - 0.55 * move / moves) for move in range(moves + 1)]
    return [*stem, (left, top)]


def draw(page: Page, app: App, points: list[tuple[float, float]], lifts: bool) -> float | None:
    """Return the ms from the last point to its label; None where there came none, or another one."""
    page.bring_to_front()
    latency: float | None = page.evaluate(DRAW, {"app": asdict(app), "points": points, "lifts": lifts})
    time.sleep(app.rest)
    return latency


@contextlib.contextmanager
def open_pages() -> Iterator[dict[str, Page]]:
    """Start all apps and yield a page of each, ready to be drawn on."""
    with contextlib.ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM.split())
        stack.callback(browser.close)
        pages = {}
        for name, app in APPS.items():
            url = stack.enter_context(serving(app.command))
            page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
            page.goto(url)
            page.wait_for_selector(app.pad)
            if app.before:
                page.wait_for_load_state("networkidle")  # the brush can be pressed before it is ready
                page.click(app.before)
            pages[name] = page
        yield pages


def print_table(moment: str, latencies: dict[str, list[float | None]]) -> None:
    """Print what was measured of each app, and how ours compares."""
    print(f"\n| {moment} | p50 | p95 | without a label | ours / this, p50 | p95 | goal |")
    print("|---|---|---|---|---|---|---|")
    found = {}
    for name, values in latencies.items():
        answered = [value for value in values if value is not None]
        missing = f"{len(values) - len(answered)} of {len(values)}"
        if len(answered) < 2:
            print(f"| {name} | none until pen-up | | {missing} | | | |")
            continue
        cuts = statistics.quantiles(answered, n=20, method="inclusive")
        p50, p95 = found[name] = cuts[9], cuts[18]
        compared = " | "
        if name != "ours" and "ours" in found:
            compared = f"{found['ours'][0] / p50:.2f} | {found['ours'][1] / p95:.2f}"
        goal = f"at most {GOALS[name]:g}" if name in GOALS else ""
        print(f"| {name} | {p50:.0f} ms | {p95:.0f} ms | {missing} | {compared} | {goal} |")


if __name__ == "__main__":
    main()
