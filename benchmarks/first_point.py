"""Time from a click on Start to the first point on the chart, with the warm worker, in Chromium.

    python benchmarks/first_point.py [--repeats 5]

The first point is the test accuracy of the untrained network, as far as it is tested by then. Times are taken inside
the page, from the click until the chart's description tells of that point. Beside them, how many points come in the
five seconds after it: of the training loss, of finished tests, and of tests that go on. Every run is stopped then, and
the next waits until a spare worker is warm again.
"""

import argparse
import contextlib
import shutil
import statistics
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, Playwright, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.drawing_latency import CHROMIUM
from benchmarks.startup import serving
from mnist_demo.training.recipes import RECIPES

GOAL = 0.5  # s, at most
WARM_UP = 8.0  # s that a spare worker has to load PyTorch and the data

POINTS = 4.0  # a second, at least
WATCHED = 5.0  # s after the first point

TIME_TO_FIRST_POINT = """
() => new Promise((resolve) => {
  const canvas = document.querySelector("#train-chart canvas");
  const nameOf = (description) => description.match(/Run \\d+/)?.[0];
  const previous = nameOf(canvas.getAttribute("aria-label"));
  const began = performance.now();
  new MutationObserver((_, observer) => {
    const description = canvas.getAttribute("aria-label");
    if (nameOf(description) === previous || !/accuracy .*%/.test(description)) return;
    observer.disconnect();
    resolve((performance.now() - began) / 1000);
  }).observe(canvas, { attributeFilter: ["aria-label"] });
  document.querySelector("#train-start").click();
})
"""
COUNT_EVENTS = """
async () => (await (await fetch("runs")).json()).at(-1).events
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Time how long the chart takes to show its first point.")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    print(f"| recipe | median | all | goal | points a second after it, least (goal: {POINTS:g}) |")
    print("|---|---|---|---|---|")
    with serving(("app.py", "--port")) as url, sync_playwright() as playwright:
        page = open_training(playwright, url)
        for recipe in RECIPES:
            seconds, rates = zip(*(watch(page, recipe) for _ in range(arguments.repeats)), strict=True)
            values = ", ".join(f"{value:.2f}" for value in seconds)
            median = f"{statistics.median(seconds):.2f} s"
            print(f"| {recipe} | {median} | {values} | at most {GOAL:g} s | {min(rates):.1f} |", flush=True)
        page.context.browser.close()


def open_training(playwright: Playwright, url: str) -> Page:
    """Return the page in a browser of its own, with the Train now tab open."""
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM.split())
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(url)
    page.get_by_role("tab", name="Train now").click()
    page.wait_for_selector("#train-chart")
    return page


def choose_recipe(page: Page, recipe: str) -> None:
    page.locator("#train-recipe input").click()
    page.get_by_role("option", name=recipe).click()


def watch(page: Page, recipe: str) -> tuple[float, float]:
    """Start a run of `recipe` and stop it: the seconds until its first point, and the points a second after it."""
    choose_recipe(page, recipe)
    time.sleep(WARM_UP)
    seconds: float = page.evaluate(TIME_TO_FIRST_POINT)
    before, began = page.evaluate(COUNT_EVENTS), time.monotonic()
    finished = "() => /finished/.test(document.querySelector('#train-status').textContent)"
    with contextlib.suppress(PlaywrightTimeout):  # most runs take longer
        page.wait_for_function(finished, timeout=1000 * WATCHED)
    rate = (page.evaluate(COUNT_EVENTS) - before) / (time.monotonic() - began)
    if (stop := page.locator("#train-stop")).is_visible():  # the run goes on
        stop.click()
    page.wait_for_function("/stopped|finished/.test(document.querySelector('#train-status').textContent)")
    return seconds, rate


if __name__ == "__main__":
    main()
