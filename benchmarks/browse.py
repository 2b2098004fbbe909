"""How quickly the Browse tab and the look inside answer, on all 60,000 training samples.

    python benchmarks/browse.py [--rounds 10]

In headless Chromium: from the click on the tab to the first pictures, from a jump to the pictures there, frames while
the gallery scrolls, from a filter to its pictures. Then, over HTTP on this machine: neighbours in pixels and in the
last layer of a network, saliency, maps, damage, the file view. Beside it, in the same run, first pictures and frames of
a stock `gr.Gallery` and a `gr.Dataframe`: the gallery gets 1,000 samples, because it writes a file for each.
"""

import argparse
import base64
import shutil
import signal
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.comparison_apps import GALLERY_SAMPLES
from benchmarks.drawing_latency import CHROMIUM
from benchmarks.startup import serving
from mnist_demo import load_split

GOALS = {"first pictures": 200, "jump": 100, "neighbours": 20, "neighbours in the last layer": 20, "damage": 50}  # ms
SCROLL = 3.0  # s
SPEED = 40  # px a frame

# Resolves to the ms until a picture of the gallery is there, from a change that a script makes to the page.
WAIT_FOR_PICTURES = """
async ([change, isThere]) => {
  const began = performance.now();
  new Function(change)();
  const there = new Function(`return ${isThere}`);
  for (;;) {
    if (there()) {
      const cell = document.querySelector("#browse-grid [role=option]");
      const image = new Image();
      image.src = cell.style.backgroundImage.slice(5, -2);
      await image.decode(); // from the cache, or as soon as it has come
      return performance.now() - began;
    }
    await new Promise(requestAnimationFrame);
  }
}
"""
CELL = 'document.querySelector("#browse-grid [role=option]")?.style.backgroundImage'
CLICK_TAB = '[...document.querySelectorAll("[role=tab]")].find((tab) => tab.textContent.trim() === "Browse").click()'
# Resolves to the ms between frames while an element scrolls.
SCROLL_FRAMES = """
async ([selector, seconds, speed]) => {
  const hidden = (element) => element.scrollHeight - element.clientHeight;
  const inside = [...document.querySelectorAll(`${selector}, ${selector} *`)];
  const element = inside.reduce((most, each) => (hidden(each) > hidden(most) ? each : most));
  const times = [];
  for (const began = performance.now(); performance.now() - began < 1000 * seconds; ) {
    times.push(await new Promise(requestAnimationFrame));
    element.scrollTop += speed;
  }
  return times.slice(1).map((time, index) => time - times[index]);
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the Browse tab and the look inside.")
    parser.add_argument("--rounds", type=int, default=10, help="of each; the table shows medians")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the apps are ended then, too
    print("| what | median | worst | goal |\n|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM.split())
        with serving(("app.py", "--port")) as url:
            measure_page(lambda: browser.new_page(viewport={"width": 1280, "height": 900}), url, arguments.rounds)
            measure_server(url, arguments.rounds)
        for name, box, first in (("gallery", ".grid-wrap", "img"), ("dataframe", ".table-wrap", ".virtual-row")):
            with serving(("benchmarks/comparison_apps.py", name)) as url:
                measure_stock(browser.new_page(viewport={"width": 1280, "height": 900}), url, name, box, first)
        browser.close()


def measure_page(open_page: Callable[[], Page], url: str, rounds: int) -> None:
    """Measure our gallery."""
    first, jumps, filters = [], [], []
    for number in range(rounds):
        page = open_page()
        page.goto(url)
        page.wait_for_selector("#draw-pad .hint")
        page.wait_for_timeout(500)  # the page is there, and nobody in a hurry
        first.append(page.evaluate(WAIT_FOR_PICTURES, [CLICK_TAB, CELL]))
        page.wait_for_timeout(500)
        top = 1_000 * (number + 1) * 20
        jump = f'document.querySelector("#browse-grid").scrollTop = {top}'
        place = "parseFloat(document.querySelector('#browse-grid [role=option]')?.style.transform.split(',')[1])"
        jumps.append(page.evaluate(WAIT_FOR_PICTURES, [jump, f"{place} > {top} - 400 && {CELL}"]))
        if number + 1 < rounds:
            page.close()
    print_row("first pictures", first)
    print_row("jump", jumps)
    print_frames("our gallery, 60,000", page.evaluate(SCROLL_FRAMES, ["#browse-grid", SCROLL, SPEED]))
    for digit in range(rounds):
        choose = (
            'const select = document.querySelector("#browse-filters [name=label]");'
            f"select.value = {digit % 10}; select.dispatchEvent(new Event('input', {{ bubbles: true }}))"
        )
        label = f"document.querySelector('#browse-sample-0')?.ariaLabel.includes('labelled {digit % 10}') && {CELL}"
        filters.append(page.evaluate(WAIT_FOR_PICTURES, [choose, label]))
    print_row("filter by label, 150 ms of which wait for more", filters)


def measure_server(url: str, rounds: int) -> None:
    """Measure what the details and the look inside ask for, on the best network."""
    images = load_split(train=False).images
    with httpx.Client(base_url=url, timeout=60) as client:
        client.post("samples/neighbours", json={"split": "test", "index": 0})  # which prepares them

        def ask(route: str, number: int, **values: object) -> float:
            pixels = base64.b64encode(images[number].tobytes()).decode()
            began = time.perf_counter()
            client.post(route, json={"network": "digitnet", "pixels": pixels, **values}).raise_for_status()
            return 1000 * (time.perf_counter() - began)

        print_row("neighbours", [ask("samples/neighbours", number, network="") for number in range(rounds)])
        while "progress" in client.post("samples/neighbours", json={"network": "digitnet", "split": "test"}).json():
            time.sleep(0.5)  # until it has read the training set
        in_layer = [ask("samples/neighbours", number, network="digitnet") for number in range(rounds)]
        print_row("neighbours in the last layer", in_layer)
        print_row("saliency", [ask("inside/saliency", number) for number in range(rounds)])
        print_row("maps", [ask("inside/maps", number) for number in range(rounds)])
        print_row("damage", [ask("inside/damage", number, name="rotate", strength=20) for number in range(rounds)])
        print_row("fool", [ask("inside/fool", number) for number in range(rounds)])
        seconds = []
        for index in np.linspace(0, 59_999, rounds, dtype=int).tolist():
            began = time.perf_counter()
            client.get(f"samples/train/{index}/file").raise_for_status()
            seconds.append(1000 * (time.perf_counter() - began))
        print_row("file view", seconds)


def measure_stock(page: Page, url: str, name: str, box: str, first: str) -> None:
    """Measure how long a stock component takes to show its samples, and how it scrolls."""
    count = GALLERY_SAMPLES if name == "gallery" else 60_000
    began = time.perf_counter()
    page.goto(url)
    page.wait_for_selector(f"{box} {first}", timeout=300_000)
    print_row(f"gr.{name.capitalize()}, {count:,}: page to first", [1000 * (time.perf_counter() - began)])
    page.wait_for_timeout(1_000)
    print_frames(f"gr.{name.capitalize()}, {count:,}", page.evaluate(SCROLL_FRAMES, [box, SCROLL, SPEED]))


def print_row(what: str, milliseconds: list[float]) -> None:
    goal = f"{GOALS[what]} ms" if what in GOALS else ""
    print(f"| {what} | {statistics.median(milliseconds):.0f} ms | {max(milliseconds):.0f} ms | {goal} |", flush=True)


def print_frames(what: str, milliseconds: list[float]) -> None:
    median, slow = statistics.median(milliseconds), sum(time > 20 for time in milliseconds) / len(milliseconds)
    print(f"| scrolling {what}: a frame | {median:.1f} ms | {max(milliseconds):.0f} ms, {slow:.0%} over 20 | 16.7 ms |")


if __name__ == "__main__":
    main()
