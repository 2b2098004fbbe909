"""Time from a click on Start to the untrained network's point on the chart, with the warm worker, in Chromium.

    python benchmarks/first_point.py [--repeats 5]

Times are taken inside the page, from the click to the table row of epoch 0, which is written with the chart's point.
Every run is stopped once it has begun, and the next waits until a spare worker is warm again.
"""

import argparse
import shutil
import statistics
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, Playwright, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.drawing_latency import CHROMIUM
from benchmarks.startup import serving
from mnist_demo.recipes import RECIPES

GOAL = 0.5  # s, at most
WARM_UP = 8.0  # s that a spare worker has to load PyTorch and the data

TIME_TO_FIRST_POINT = """
() => new Promise((resolve) => {
  const table = document.querySelector("#train-table tbody");
  const began = performance.now();
  let wasEmptied = table.rows.length === 0;
  new MutationObserver((_, observer) => {
    wasEmptied ||= table.rows.length === 0;
    if (!wasEmptied || !table.rows.length) return;
    observer.disconnect();
    resolve((performance.now() - began) / 1000);
  }).observe(table, { childList: true });
  document.querySelector("#train-start").click();
})
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Time how long the chart takes to show its first point.")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    print("| recipe | median | all | goal |")
    print("|---|---|---|---|")
    with serving(("app.py", "--port")) as url, sync_playwright() as playwright:
        page = open_training(playwright, url)
        for recipe in RECIPES:
            seconds = [time_to_first_point(page, recipe) for _ in range(arguments.repeats)]
            values = ", ".join(f"{value:.2f}" for value in seconds)
            print(f"| {recipe} | {statistics.median(seconds):.2f} s | {values} | at most {GOAL:g} s |", flush=True)
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


def time_to_first_point(page: Page, recipe: str) -> float:
    """Start a run of `recipe`, return the seconds until its first point, and stop it."""
    choose_recipe(page, recipe)
    time.sleep(WARM_UP)
    seconds: float = page.evaluate(TIME_TO_FIRST_POINT)
    page.locator("#train-stop").click()
    page.wait_for_function("/stopped|finished/.test(document.querySelector('#train-status').textContent)")
    return seconds


if __name__ == "__main__":
    main()
