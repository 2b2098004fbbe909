"""The page on a data set whose labels are no digits: Debian's Fashion-MNIST."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from mnist_demo.ui.demo import build_demo

FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")  # where Debian's package puts it

pytestmark = pytest.mark.skipif(not FASHION_MNIST.exists(), reason="needs Debian's package dataset-fashion-mnist")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    demo = build_demo(FASHION_MNIST, runs=tmp_path_factory.mktemp("runs"))
    demo.launch(prevent_thread_lock=True, quiet=True)
    yield demo
    demo.close()


def open_tab(page, name):
    page.get_by_role("tab", name=name).click()


def require_no_digits(page):
    """Fail if anything in sight speaks of digits, but for the name of a recipe."""
    text = page.locator("body").inner_text().replace("digitnet", "")
    assert not re.search(r"digit|70,000|\ba [0-9]\b", text, re.IGNORECASE), text


def test_nothing_on_the_page_speaks_of_digits(page):
    invitation = "Train a network first: none here has learned Fashion-MNIST yet"
    expect(page.get_by_role("heading", level=1)).to_have_text("Fashion-MNIST")
    expect(page.locator("#draw-result .digit")).to_have_text(invitation)
    assert page.locator("#draw-examples").count() == 0
    for tab, mark in (("Draw", "#draw-pad canvas"), ("Browse", "#browse-label"), ("Train now", "#train-start")):
        open_tab(page, tab)
        expect(page.locator(mark)).to_be_visible()
        require_no_digits(page)


def test_a_sample_has_the_name_of_its_class(page):
    open_tab(page, "Browse")
    expect(page.locator("#browse-label")).to_have_text("Ankle boot")  # the first of the training split
    expect(page.get_by_text("Try 10: its label is T-shirt/top.")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_long_names_and_sentences_fit(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    open_tab(page, "Browse")
    expect(page.locator("#browse-label")).to_have_text("Ankle boot")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for selector in ("#browse-label", "#browse-result .digit"):
        box = page.locator(selector).bounding_box()
        assert box["x"] + box["width"] <= width
        assert box["height"] < 250  # a few lines, not a column of broken words


def test_a_network_that_was_trained_here_names_classes_and_is_the_only_one(page):
    open_tab(page, "Train now")
    page.locator("#train-epochs input").fill("1")
    page.locator("#train-start").click()
    expect(page.locator("#train-status")).to_contain_text("finished")
    expect(page.locator(".confusion tbody th").nth(1)).to_have_text("Trouser")
    expect(page.locator("#train-run .pictures figcaption").first).to_contain_text(re.compile("✗ [A-Z].+, is [A-Z].+"))
    require_no_digits(page)
    page.get_by_role("button", name="Draw with this network").click()
    expect(page.locator("#draw-model input")).to_have_value(re.compile("Run 1 · mlp-relu"))
    page.locator("#draw-model input").click()
    assert page.get_by_role("option").count() == 1
    page.keyboard.press("Escape")
    open_tab(page, "Browse")
    page.locator("#browse-model input").click()
    page.locator("ul").get_by_role("option").click()
    expect(page.locator("#browse-result .digit")).to_have_text(re.compile("Ankle boot|Sneaker|Sandal"))
    expect(page.locator("#browse-result .bar").first).to_have_attribute("data-name", "T-shirt/top")
