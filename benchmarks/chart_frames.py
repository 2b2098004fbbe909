"""Frames a second while the chart is hovered, scrolled and fed, in headless Chromium, beside an empty canvas.

    python benchmarks/chart_frames.py [--rounds 2]

The chart shows one run, or six that are compared, each of 100 epochs and 5,000 reports of the training loss. For two
seconds at a time the pointer moves across the plot, or the page scrolls up and down, or it scrolls while a report comes
five times a second; each in every frame. The reference is the same page, moved in the same way, with a canvas that
nothing is painted on.
"""

import argparse
import shutil
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from playwright.sync_api import Page, Route, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.drawing_latency import CHROMIUM

UI = Path(__file__).parent.parent / "mnist_demo" / "ui"
RUN_VIEW = UI / "components" / "run_view"
ORIGIN = "http://chart"  # answered from the files
STYLES = [UI / "page.css", RUN_VIEW / "run_view.css"]
RUNS = {"empty canvas": 0, "1 run": 1, "6 runs": 6}
MOVES = ("hover", "scroll", "live")
GOAL = 60  # frames a second

PAGE = """
<!doctype html>
<style>{style} body {{ margin: 0 20px; padding: 500px 0 900px; background: #f7f5f0; font: 16px sans-serif }}</style>
<div id="train-chart"><canvas></canvas><div class="tooltip" hidden></div></div>
<script>
  let scriptTime = 0; // ms in what the chart does before a frame
  const nextFrame = requestAnimationFrame.bind(window);
  function timed(action) {{
    const began = performance.now();
    action();
    scriptTime += performance.now() - began;
  }}
  window.requestAnimationFrame = (action) => nextFrame((time) => timed(() => action(time)));
</script>
<script type="module">
  import {{ LiveChart }} from "./chart/chart.js";
  window.LiveChart = LiveChart;
</script>
"""

# Makes the curves and shows them.
SHOW = """
(runs) => {
  const [EPOCHS, REPORTS, SIZE] = [100, 5000, 60000];
  const noise = (index) => Math.sin(index * 12.9898) ** 2;
  const makeCurve = (_, run) => {
    const loss = (epoch, index) => 0.05 + 0.02 * run + 2.2 * Math.exp(-1.5 * epoch ** 0.5) * (0.7 + 0.6 * noise(index));
    const share = (epoch) => (epoch ? 0.985 - 0.003 * run - 0.03 * Math.exp(-epoch / 12) : 0.1);
    const indices = (count) => [...Array(count + 1).keys()];
    const series = (count, value) => indices(count).map((index) => [(EPOCHS * SIZE * index) / count, value(index)]);
    return {
      id: `${run}`,
      label: `Run ${run + 1}`,
      length: 1.1 * EPOCHS * SIZE,
      trainLoss: series(REPORTS, (index) => loss((EPOCHS * index) / REPORTS, index)),
      testLoss: series(EPOCHS, (epoch) => loss(epoch, epoch)),
      testAccuracy: series(EPOCHS, share),
      changes: [],
    };
  };
  window.curves = Array.from({ length: runs }, makeCurve);
  if (!runs) return;
  window.chart = new LiveChart(document.querySelector("canvas"), document.querySelector(".tooltip"));
  chart.setCurves(curves);
}
"""

# Moves the pointer or the page in every frame; resolves to the ms between frames, and those of script in each.
MOVE = """
async (move) => {
  const [DURATION, INTERVAL, STEP, RANGE] = [2000, 200, 8, 1000]; // ms, ms between reports, px a frame, px
  const canvas = document.querySelector("canvas");
  const zigzag = (way, range) => Math.abs(((way + range) % (2 * range)) - range);
  scrollTo(0, move === "hover" ? 300 : 0);
  for (let count = 0; count < 10; count++) await new Promise(nextFrame);
  const box = canvas.getBoundingClientRect();
  const [frames, script] = [[], []];
  const began = await new Promise(nextFrame);
  let last = began;
  let reported = began;
  for (let count = 0; last - began < DURATION; count++) {
    scriptTime = 0;
    if (move === "hover") {
      const at = { clientX: box.left + zigzag(STEP * count, box.width), clientY: box.top + box.height / 2 };
      const event = new PointerEvent("pointermove", { ...at, pointerType: "mouse", bubbles: true });
      timed(() => canvas.dispatchEvent(event));
    } else {
      scrollTo(0, zigzag(STEP * count, RANGE));
    }
    if (move === "live" && window.chart && last - reported > INTERVAL) {
      const [examples, loss] = curves[0].trainLoss.at(-1);
      curves[0].trainLoss.push([examples + 1200, loss]);
      timed(() => chart.draw());
      reported = last;
    }
    const time = await new Promise(nextFrame); // after the chart's own action, which was asked for before
    await new Promise((next) => setTimeout(next)); // browsers send events between frames
    frames.push(time - last);
    script.push(scriptTime);
    last = time;
  }
  return { frames, script };
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how smoothly the chart moves.")
    parser.add_argument("--rounds", type=int, default=2, help="times that everything is measured, in turn")
    arguments = parser.parse_args()
    frames: dict[tuple[str, str], list[float]] = defaultdict(list)
    script: dict[tuple[str, str], list[float]] = defaultdict(list)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM.split())
        for _ in range(arguments.rounds):
            for name, runs in RUNS.items():
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                open_chart(page, runs)
                for move in MOVES:
                    measured = page.evaluate(MOVE, move)
                    frames[move, name] += measured["frames"]
                    script[move, name] += measured["script"]
                page.close()
        browser.close()
    print_table(frames, script)


def open_chart(page: Page, runs: int) -> None:
    """Show the curves of some runs on a bare page."""
    style = "\n".join(path.read_text(encoding="utf-8") for path in STYLES)
    page.route(f"{ORIGIN}/", lambda route: route.fulfill(body=PAGE.format(style=style), content_type="text/html"))
    page.route(f"{ORIGIN}/chart/*.js", serve_script)
    page.goto(ORIGIN)
    page.wait_for_function("() => Boolean(window.LiveChart)")
    page.evaluate(SHOW, runs)


def serve_script(route: Route) -> None:
    """Answer the request for a module of the chart."""
    route.fulfill(path=RUN_VIEW / route.request.url.removeprefix(f"{ORIGIN}/"))


def print_table(frames: dict[tuple[str, str], list[float]], script: dict[tuple[str, str], list[float]]) -> None:
    """Print what was measured of each page while it moved, and how it compares with the empty canvas."""
    print("| | | frames/s | frame, p50 | p95 | script, p50 | p95 | most | frames/s, this / empty |")
    print("|---|---|---|---|---|---|---|---|---|")
    for (move, name), times in sorted(frames.items(), key=lambda item: MOVES.index(item[0][0])):
        rate = 1000 / statistics.mean(times)
        empty = 1000 / statistics.mean(frames[move, "empty canvas"])
        cells = [f"{rate:.1f}", *quantiles(times), *quantiles(script[move, name]), f"{max(script[move, name]):.1f} ms"]
        print(f"| {move} | {name} | {' | '.join(cells)} | {rate / empty:.2f} |")
    print(f"\nGoal: {GOAL} frames a second.")


def quantiles(values: list[float]) -> list[str]:
    """Return the median and the 95th percentile of times in ms, as text."""
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    return [f"{cuts[index]:.1f} ms" for index in (9, 18)]


if __name__ == "__main__":
    main()
