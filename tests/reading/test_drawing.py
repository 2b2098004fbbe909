"""Pen strokes from a pad: drawn at their size, or over a picture."""

import numpy as np
import pytest

from mnist_demo.reading.drawing import PAD, Drawing, draw, draw_over, lay_out
from mnist_demo.reading.ink import MAX_CANVAS
from mnist_demo.reading.normalisation import measure_weight
from mnist_demo.reading.predictor import Predictor
from mnist_demo.reading.preparation import list_steps, prepare_drawing

FIVE = [
    np.array([[0.75, 0.0], [0.2, 0.0]]),
    np.array([[0.2, 0.0], [0.15, 0.42], [0.5, 0.36], [0.78, 0.5], [0.85, 0.7], [0.7, 0.92], [0.4, 1.0], [0.1, 0.9]]),
]


def drawn(size, left=100.0, top=100.0, pen=65.0, strokes=FIVE):
    """Return a drawing `size` thousandths of the pad tall."""
    return Drawing([stroke * size + (left, top) for stroke in strokes], pen)


@pytest.fixture(scope="module")
def predictor():
    return Predictor.load()


@pytest.mark.parametrize("pen", [15, 35, 65, 100])
@pytest.mark.parametrize("size", [60, 107, 250, 800])
def test_a_digit_of_any_size_is_read_with_any_pen(predictor, size, pen):
    assert predictor.predict(prepare_drawing(drawn(size, pen=pen))).digit == 5


@pytest.mark.parametrize("size", [60, 250, 800])
def test_a_broad_pen_is_no_broader_than_the_digit_has_room_for(size):
    ink = draw(drawn(size, pen=300)).levels
    assert measure_weight(ink) < 0.2 * max(ink.shape)


def test_a_pen_that_suits_its_digit_is_left_alone():
    assert lay_out(drawn(600, pen=65)).pen == 65


def test_two_numbers_are_read_in_their_lines_and_placed_on_the_pad(predictor):
    strokes = [stroke for top in (100, 550) for left in (100, 500) for stroke in drawn(300, left, top).strokes]
    reading = predictor.read(prepare_drawing(Drawing(strokes, 30)))
    assert reading.text == "55\n55"
    left, top, right, bottom = reading.boxes[3]
    assert (left, top) == (pytest.approx(530 - 15, abs=8), pytest.approx(550 - 15, abs=8))
    assert (right, bottom) == (pytest.approx(755 + 15, abs=8), pytest.approx(850 + 15, abs=8))


def test_an_empty_pad_has_nothing_on_it(predictor):
    reading = predictor.read(prepare_drawing(Drawing([], 65)))
    assert (reading.digit, reading.reason) == (None, "nothing drawn")


def test_a_tap_is_a_round_dot_and_no_digit(predictor):
    prepared = prepare_drawing(Drawing([np.array([[500.0, 300.0]])], 65))
    rows, columns = np.nonzero(prepared.ink > 127)
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), abs=1)
    assert prepared.ink.mean() / 255 == pytest.approx(np.pi / 4, abs=0.15)
    assert predictor.read(prepared).digit is None


def test_what_lies_off_the_pad_is_not_seen():
    ink = draw(Drawing([np.array([[500.0, 500.0], [5000.0, 500.0]])], 65))
    assert ink.to_picture(ink.levels.shape[1], 0)[0] == pytest.approx(PAD, rel=0.02)
    assert not draw(Drawing([np.array([[-500.0, -500.0], [-200.0, -100.0]])], 65)).levels.any()


def test_dots_all_over_the_pad_take_no_more_room_than_a_page():
    dots = [np.array([[x, y]], float) for x in range(0, 1000, 50) for y in range(0, 1000, 50)]
    height, width = lay_out(Drawing(dots, 1)).size
    assert height * width <= 1.1 * MAX_CANVAS


@pytest.mark.parametrize("ground", [0, 90, 200, 255])
def test_ink_over_a_picture_shows_on_it(predictor, ground):
    picture = np.full((300, 400), ground, np.uint8)
    prepared = prepare_drawing(drawn(400, 300, 300), picture)
    assert prepared.grey.shape == (300, 400)
    assert predictor.predict(prepared).digit == 5


def test_strokes_lie_where_they_were_drawn_on_a_picture():
    over = draw_over(np.zeros((100, 200), np.uint8), Drawing([np.array([[500.0, 500.0]])], 100))
    rows, columns = np.nonzero(over)
    assert (rows.mean(), columns.mean()) == pytest.approx((49.5, 99.5), abs=0.6)
    # The picture lies in the middle of the pad: what is drawn above it is not on it.
    assert not draw_over(np.zeros((100, 200), np.uint8), Drawing([np.array([[500.0, 100.0]])], 100)).any()


def test_the_steps_begin_with_the_ink():
    titles = [step.title for step in list_steps(prepare_drawing(drawn(500)))]
    assert titles[0] == "Ink, pen fitted to the digit"
    assert titles[-1] == "28 x 28, centred by mass"
