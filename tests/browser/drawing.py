"""Digits as a hand draws them: points in units of the pad's side."""

from playwright.sync_api import Page, expect

SEVEN = [(0.25, 0.25), (0.5, 0.24), (0.75, 0.25), (0.62, 0.5), (0.5, 0.7), (0.45, 0.85)]
ONE = [(0.5, 0.2), (0.5, 0.4), (0.5, 0.6), (0.5, 0.8)]
ZERO = [(0.5, 0.2), (0.35, 0.3), (0.3, 0.5), (0.35, 0.7), (0.5, 0.8), (0.65, 0.7), (0.7, 0.5), (0.65, 0.3), (0.5, 0.2)]


def on_pad(page: Page, points):
    """Return the points in the page's pixels, with the pad in view."""
    page.locator("#draw-pad canvas").scroll_into_view_if_needed()
    box = page.locator("#draw-pad canvas").bounding_box()
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]


def draw(page: Page, points, lift: bool = True) -> None:
    """Draw one stroke with the mouse."""
    first, *rest = on_pad(page, points)
    page.mouse.move(*first)
    page.mouse.down()
    for point in rest:
        page.mouse.move(*point, steps=5)
    if lift:
        page.mouse.up()


def expect_digit(page: Page, digit: int) -> None:
    """Wait for the page to say that the drawing is this digit."""
    expect(page.locator("#draw-result .digit")).to_have_text(str(digit))


def expect_empty(page: Page) -> None:
    """Wait for the page to invite to draw."""
    expect(page.locator("#draw-result .digit")).to_have_text("Draw a digit")


def ink_of(page: Page) -> int:
    """Return how many pixels of the pad's canvas are drawn on."""
    return page.evaluate(
        """() => {
            const canvas = document.querySelector("#draw-pad canvas");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return data.filter((value, index) => index % 4 === 3 && value > 0).length;
        }"""
    )
