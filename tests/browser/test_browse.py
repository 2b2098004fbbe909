"""Browse, as a visitor does it."""

import pytest
from drawing import expect_digit
from playwright.sync_api import expect


@pytest.fixture
def browse(page):
    """The page with the Browse tab open."""
    page.get_by_role("tab", name="Browse").click()
    expect(page.locator("#browse-label")).to_have_text("5")  # training index 0
    return page


def test_the_first_sample_is_read_at_once(browse):
    expect(browse.locator("#browse-result .digit")).to_have_text("5")


def test_index_10_of_the_training_set_is_a_3(browse):
    browse.locator("#browse-index input").fill("10")
    expect(browse.locator("#browse-label")).to_have_text("3")
    expect(browse.locator("#browse-result .digit")).to_have_text("3")


def test_buttons_keys_and_the_strip_walk_through_the_samples(browse):
    index = browse.locator("#browse-index input")
    browse.locator("#browse-next").click()
    expect(index).to_have_value("1")
    expect(browse.locator("#browse-label")).to_have_text("0")
    browse.locator("#browse-image").click()
    browse.keyboard.press("ArrowRight")
    expect(index).to_have_value("2")
    browse.keyboard.press("ArrowLeft")
    browse.keyboard.press("ArrowLeft")
    expect(index).to_have_value("0")
    browse.locator("#browse-strip button").nth(9).click()
    expect(index).to_have_value("10")
    expect(browse.locator("#browse-label")).to_have_text("3")
    browse.locator("#browse-previous").click()
    expect(index).to_have_value("9")


def test_quick_clicks_all_count(browse):
    for _ in range(5):
        browse.locator("#browse-next").click()
    expect(browse.locator("#browse-index input")).to_have_value("5")
    expect(browse.locator("#browse-label")).to_have_text("2")


def test_random_goes_somewhere_in_the_split(browse):
    browse.locator("#browse-random").click()
    expect(browse.locator("#browse-index input")).not_to_have_value("0")


def test_the_other_split_is_a_click_away(browse):
    browse.locator("#browse-split").get_by_text("Test").click()
    expect(browse.locator("#browse-label")).to_have_text("7")
    expect(browse.locator(".position")).to_have_text("Test set, index 0 of 10,000")


def test_a_smaller_split_shows_its_last_sample_for_an_index_behind_its_end(browse):
    browse.locator("#browse-index input").fill("50000")
    expect(browse.locator(".position")).to_contain_text("50,000 of")
    browse.locator("#browse-split").get_by_text("Test").click()
    expect(browse.locator("#browse-index input")).to_have_value("9999")
    browse.locator("#browse-previous").click()
    expect(browse.locator("#browse-index input")).to_have_value("9998")


@pytest.mark.parametrize("text", ["60000", "-1", "1.5", ""])
def test_an_index_that_is_not_there_says_what_is_allowed(browse, text):
    browse.locator("#browse-index input").fill(text)
    expect(browse.locator("#browse-viewer [role=alert]")).to_contain_text("expected a whole number from 0 to 59,999")
    expect(browse.locator("#browse-label")).to_have_text("5")  # what was shown stays
    browse.locator("#browse-index input").fill("10")
    expect(browse.locator("#browse-viewer [role=alert]")).to_be_hidden()
    expect(browse.locator("#browse-label")).to_have_text("3")


def test_open_in_draw_puts_the_sample_on_the_pad(browse):
    for _ in range(2):  # the same sample again, after the pad was cleared
        browse.locator("#browse-index input").fill("10")
        expect(browse.locator("#browse-label")).to_have_text("3")
        browse.locator("#browse-open-in-draw").click()
        expect(browse.locator("#draw-pad canvas")).to_be_visible()
        expect_digit(browse, 3)
        browse.locator("#draw-clear").click()
        browse.get_by_role("tab", name="Browse").click()
