"""Record the moving picture of the README from the real page: docs/demo.webp, under 2 MB.

    python scripts/record.py

A 7 is drawn and read while the pen moves; then a run trains, and its network reads a 4. Needs what the tests of the
page need: Chromium and Playwright.
"""

import shutil
import sys
import time
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from mnist_demo.ui.demo import build_demo

TARGET = Path(__file__).parent.parent / "docs" / "demo.webp"
SIZE = {"width": 1100, "height": 720}  # px of the page
SHOWN = (960, 628)  # px of the picture
FRAME = 0.125  # s
QUALITY = 75  # of WebP
MAX_BYTES = 2_000_000
RECIPE_EPOCHS = 6
# Strokes as a hand makes them, in units of the pad's side.
SEVEN = [
    [(0.28, 0.24), (0.45, 0.22), (0.6, 0.23), (0.72, 0.22), (0.66, 0.38), (0.56, 0.56), (0.47, 0.72), (0.42, 0.86)]
]
FOUR = [
    [(0.36, 0.2), (0.33, 0.34), (0.28, 0.5), (0.42, 0.53), (0.58, 0.52), (0.74, 0.5)],
    [(0.62, 0.24), (0.6, 0.45), (0.58, 0.66), (0.57, 0.86)],
]


class Film:
    """Screenshots of a page, each with how long it is shown."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._frames: list[Image.Image] = []
        self._times: list[float] = []

    def take(self) -> None:
        """Take a frame of the page as it is now."""
        with Image.open(BytesIO(self._page.screenshot())) as image:
            self._frames.append(image.convert("RGB").resize(SHOWN, Image.Resampling.LANCZOS))
        self._times.append(FRAME)

    def hold(self, seconds: float) -> None:
        """Show what is on the page for a while longer."""
        self.take()
        self._times[-1] = seconds

    def watch(self, seconds: float) -> None:
        """Take frames for a while, as far apart as they are shown."""
        end = time.monotonic() + seconds
        while (began := time.monotonic()) < end:
            self.take()
            self._page.wait_for_timeout(1000 * max(0.0, FRAME - (time.monotonic() - began)))

    def save(self, path: Path) -> None:
        """Write the film as an animated WebP that goes on for ever."""
        first, *rest = self._frames
        durations = [round(1000 * seconds) for seconds in self._times]
        first.save(path, save_all=True, append_images=rest, duration=durations, loop=0, quality=QUALITY, method=6)


def draw(page: Page, film: Film, strokes: list[list[tuple[float, float]]]) -> None:
    """Draw strokes on the pad, a frame at every point."""
    box = page.locator("#draw-pad canvas").bounding_box()
    if box is None:
        raise RuntimeError("the pad is not on the page")
    for stroke in strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=6)
            film.take()
        page.mouse.up()
        film.take()


def play(page: Page, film: Film) -> None:
    """Use the page as a visitor would."""
    expect(page.locator("#draw-pad .hint")).to_be_visible()
    film.hold(0.6)
    draw(page, film, SEVEN)
    expect(page.locator("#draw-result .digit")).to_have_text("7")
    film.hold(1.2)
    page.get_by_role("tab", name="Train now").click()
    page.locator("#train-epochs input").first.fill(str(RECIPE_EPOCHS))
    film.hold(0.8)
    page.locator("#train-start").click()
    page.locator("#train-chart").scroll_into_view_if_needed()
    film.watch(9)
    expect(page.locator("#train-status")).to_contain_text("finished", timeout=120_000)
    film.hold(1.5)
    page.locator(".use").click()
    expect(page.locator("#draw-pad canvas")).to_be_visible()
    page.locator("#draw-clear").click()
    draw(page, film, FOUR)
    expect(page.locator("#draw-result .digit")).to_have_text("4")
    film.hold(2.0)


def main() -> None:
    demo = build_demo()
    demo.launch(prevent_thread_lock=True, quiet=True)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport=SIZE)
            page.goto(demo.local_url)
            film = Film(page)
            play(page, film)
            film.save(TARGET)
            browser.close()
    finally:
        demo.close()
    size = TARGET.stat().st_size
    print(f"{TARGET}: {size:,} bytes")
    if size > MAX_BYTES:
        sys.exit(f"expected at most {MAX_BYTES:,} bytes: lower QUALITY")


if __name__ == "__main__":
    main()
