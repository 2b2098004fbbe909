"""The look inside on data for which nobody has measured how robust the networks are."""

import pytest
from drawing import SEVEN, draw, expect_digit
from playwright.sync_api import expect

from mnist_demo.ui.demo import build_demo


@pytest.fixture(scope="module")
def demo(small_mnist):
    demo = build_demo(small_mnist)
    demo.launch(prevent_thread_lock=True, quiet=True)
    yield demo
    demo.close()


def test_it_says_which_command_measures_and_corrupts_all_the_same(page):
    draw(page, SEVEN)
    expect_digit(page, 7)
    page.get_by_text("Look inside the network").click()
    for section in ("#inside-damage", "#inside-corruptions"):
        expect(page.locator(f"{section} .missing")).to_have_text(
            "Not measured for this data and these weights; on the server: python -m mnist_demo.damage_curves --data DIR"
        )
    expect(page.locator("#inside-damage .curves")).to_be_hidden()
    assert page.locator("#inside-corruptions td").count() == 0
    page.get_by_role("button", name="stripe").click()
    expect(page.locator("#inside-corruptions .after figcaption")).to_contain_text("Read as")
