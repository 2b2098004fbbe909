"""What the Draw tab says beyond one digit: numbers, things that are none, the examples and the steps."""

import re

import pytest
from drawing import ONE, SEVEN, draw, expect_digit, expect_empty, on_pad
from playwright.sync_api import expect

HOUSE = [(0.25, 0.85), (0.25, 0.45), (0.5, 0.15), (0.75, 0.45), (0.75, 0.85), (0.25, 0.85)]


def narrow(points, left):
    """Return a digit at 40% of its width and 60% of its height, with its middle at `left`."""
    return [(left + 0.4 * (x - 0.5), 0.5 + 0.6 * (y - 0.5)) for x, y in points]


def test_two_digits_are_read_as_a_number_with_a_box_around_each(page):
    draw(page, narrow(SEVEN, 0.25))
    expect_digit(page, 7)
    expect(page.locator("#draw-pad .boxes span")).to_have_count(0)
    draw(page, narrow(ONE, 0.7))
    expect(page.locator("#draw-result .digit")).to_have_text("71")
    boxes = page.locator("#draw-pad .boxes span")
    expect(boxes).to_have_count(2)
    # Found and measured at one moment: every picture that is read while the pen moves draws the boxes anew.
    (first_left, first_right), (second_left, _) = page.evaluate(
        """() => [...document.querySelectorAll("#draw-pad .boxes span")].map((box) => {
            const { left, right } = box.getBoundingClientRect();
            return [left, right];
        })"""
    )
    (seven, _), (one, _) = on_pad(page, [(0.25, 0.5), (0.7, 0.5)])
    assert first_left < seven < first_right < second_left < one
    expect(page.locator("#draw-result .digits figure")).to_have_count(2)
    page.locator("#draw-clear").click()
    expect_empty(page)
    expect(boxes).to_have_count(0)


def test_what_is_no_digit_is_said_to_be_none_with_a_guess_in_grey(page):
    draw(page, HOUSE)
    draw(page, [(0.25, 0.45), (0.75, 0.45)])
    expect(page.locator("#draw-result .confidence")).to_have_text(re.compile("More like a letter or a drawing"))
    expect(page.locator("#draw-result .reading")).to_have_class(re.compile("rejected"))
    expect(page.locator("#draw-result .digit")).to_have_text(re.compile(r"^\d$"))


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("A 3, drawn with a thin pen", "3"),
        ("An 8, drawn with a thick pen", "8"),
        ("A tiny 5 in a corner", "5"),
        ("A crossed 7", "7"),
        ("A 1 with a long up-stroke", "1"),
        ("An open 4", "4"),
        ("A 9 with a curled tail", "9"),
        ("A 2 that touches the border", "2"),
        ("A 6 on ruled paper, photographed", "6"),
        ("A 0 in pencil, in the shade", "0"),
        ("A number", "2026"),
    ],
)
def test_an_example_goes_to_the_pad_and_is_read(page, title, text):
    page.get_by_role("button", name=title, exact=True).click()
    expect(page.locator("#draw-result .digit")).to_have_text(text)
    expect(page.locator("#draw-result .confidence")).not_to_have_text(re.compile("Best guess in grey"))


def test_the_house_among_the_examples_is_not_read(page):
    page.get_by_role("button", name="A house, which is no digit").click()
    expect(page.locator("#draw-result .confidence")).to_have_text(re.compile("More like a letter or a drawing"))


def test_the_steps_show_and_follow_the_drawing_while_they_are_open(page):
    images = page.locator("#draw-steps .steps img")
    draw(page, SEVEN)
    expect_digit(page, 7)
    expect(images).to_have_count(0)
    page.locator("#draw-steps summary").click()
    expect(images).to_have_count(4)
    last = images.last.get_attribute("src")
    page.locator("#draw-clear").click()
    expect(images).to_have_count(0)
    draw(page, ONE)
    expect(images).to_have_count(4)
    assert images.last.get_attribute("src") != last


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_for_the_newest_drawing(page, status):
    is_busy = True

    def answer(route):
        if is_busy:
            route.fulfill(status=status, headers={"Retry-After": "1"}, json={"error": "too much to do"})
        else:
            route.continue_()

    page.route(re.compile(r"/read\?"), answer)
    draw(page, ONE)
    expect(page.locator("#draw-result .digit")).to_have_text("too much to do")
    page.locator("#draw-clear").click()
    draw(page, SEVEN)
    expect(page.locator("#draw-result .digit")).to_have_text("too much to do")
    is_busy = False
    expect_digit(page, 7)


def test_a_refusal_is_shown_and_the_next_drawing_read(page):
    asked = []

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(status=413, json={"error": "too large: expected less"})

    page.route(re.compile(r"/read\?"), answer)
    draw(page, ONE)
    expect(page.locator("#draw-result .digit")).to_have_text("too large: expected less")
    page.unroute(re.compile(r"/read\?"))
    page.locator("#draw-clear").click()
    draw(page, SEVEN)
    expect_digit(page, 7)
    assert asked
