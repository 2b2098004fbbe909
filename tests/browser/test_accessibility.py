"""axe-core finds nothing on any tab, light and dark, on a desktop and on a phone."""

import itertools

import pytest
from axe_playwright_python.sync_playwright import Axe
from drawing import SEVEN, draw, expect_digit
from playwright.sync_api import expect

RUN_TIMEOUT = 240_000  # ms


def expect_accessible(page):
    report = Axe().run(page)
    assert report.violations_count == 0, report.generate_report()


def show_draw(page):
    draw(page, SEVEN)
    expect_digit(page, 7)
    page.locator("#draw-steps summary").click()
    expect(page.locator("#draw-steps .steps img").first).to_be_visible()
    page.get_by_text("Look inside the network").click()
    page.get_by_role("button", name="glass blur").click()
    expect(page.locator("#inside-corruptions .after figcaption")).to_contain_text("Read as")
    expect(page.locator("#inside-damage .curves")).to_be_visible()
    expect(page.locator("#inside-maps .layer").first).to_be_visible()
    page.locator("#draw-inside section details").evaluate_all("all => all.forEach((details) => (details.open = true))")


def show_browse(page):
    page.get_by_role("tab", name="Browse").click()
    expect(page.locator("#browse-label")).to_have_text("5")


def show_train(page):
    page.get_by_role("tab", name="Train now").click()
    expect(page.locator("#train-chart canvas")).to_be_visible()
    finished = page.locator("#train-board tr.finished .name")
    if finished.count():
        finished.first.click()  # what the page shows by itself is the newest run, which may have been stopped
    else:
        page.locator("#train-epochs input").fill("1")
        page.locator("#train-start").click()
    expect(page.locator("#train-status")).to_contain_text("finished", timeout=RUN_TIMEOUT)
    # Whatever is folded away belongs to the page, too.
    page.locator("#train-run details").evaluate_all("all => all.forEach((details) => (details.open = true))")
    expect(page.locator("#train-run .pictures figure").first).to_be_visible()


SHOW = {"Draw": show_draw, "Browse": show_browse, "Train now": show_train}
DEVICES = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}


@pytest.fixture(params=DEVICES)
def context_options(request):
    return DEVICES[request.param]


@pytest.mark.parametrize("tab", SHOW)
def test_axe_finds_nothing(page, demo, tab):
    for scheme in ("light", "dark"):
        page.goto(f"{demo.local_url}?__theme={scheme}")
        expect(page.locator("#draw-pad .hint")).to_be_visible()
        SHOW[tab](page)
        expect_accessible(page)


def contrast(page, selector):
    """Return the contrast of an element's text with what is behind it, as WCAG 2.2 defines it."""
    return page.locator(selector).first.evaluate(
        """element => {
            const channels = (color) => color.match(/[\\d.]+/g).map(Number);
            const luminance = (color) => {
                const [r, g, b] = channels(color).map((value) => {
                    const share = value / 255;
                    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
                });
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            let ground = element;
            while (ground.parentElement && channels(getComputedStyle(ground).backgroundColor)[3] === 0) {
                ground = ground.parentElement;
            }
            const [low, high] = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor]
                .map(luminance).sort((a, b) => a - b);
            return (high + 0.05) / (low + 0.05);
        }"""
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_axe_cannot_judge_is_legible_too(page, demo, scheme):
    page.goto(f"{demo.local_url}?__theme={scheme}")
    expect(page.locator("#draw-pad .hint")).to_be_visible()
    for selector in ("[role=tab][aria-selected=true]", "[role=tab][aria-selected=false]", ".demo-header p"):
        assert contrast(page, selector) >= 4.5, selector
    page.get_by_role("button", name="A house, which is no digit").click()
    expect(page.locator("#draw-result .confidence")).to_contain_text("More like a letter or a drawing than a digit")
    for selector in (".digit", ".confidence", "figcaption", ".bar.best"):
        assert contrast(page, f"#draw-result {selector}") >= 4.5, selector


@pytest.mark.parametrize("tab", SHOW)
def test_headings_are_in_order(page, tab):
    SHOW[tab](page)
    levels = page.evaluate(
        """[...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
            .filter((heading) => heading.checkVisibility()).map((heading) => Number(heading.tagName[1]))"""
    )
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(level <= before + 1 for before, level in itertools.pairwise(levels)), levels
