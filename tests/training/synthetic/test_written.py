import numpy as np
import pytest

from mnist_demo.data.unipen import WrittenDigit
from mnist_demo.training.synthetic.written import BACKSLASHED, RAISED, SLASHED, add_habits, redraw

ANGLES = np.linspace(0, 2 * np.pi, 40)
ZERO = np.stack([100 + 30 * np.sin(ANGLES), 100 - 50 * np.cos(ANGLES)], axis=1)
LINE = np.stack([np.full(20, 50.0), np.linspace(0, 100, 20)], axis=1)


def often(digit, strokes, count=400):
    random = np.random.default_rng(0)
    return [add_habits(digit, strokes, random) for _ in range(count)]


def test_some_zeros_get_a_slash_mostly_one_that_rises():
    slashes = [strokes[1] for strokes in often(0, [ZERO]) if len(strokes) == 2]
    assert len(slashes) / 400 == pytest.approx(SLASHED, abs=0.08)
    assert all(np.abs(slash.mean(axis=0) - 100).max() < 30 for slash in slashes)
    falling = [(slash[1] - slash[0]).prod() > 0 for slash in slashes]
    assert np.mean(falling) == pytest.approx(BACKSLASHED, abs=0.08)


def test_some_plain_ones_begin_with_an_up_stroke():
    raised = [strokes[0] for strokes in often(1, [LINE]) if len(strokes[0]) > len(LINE)]
    assert len(raised) / 400 == pytest.approx(RAISED, abs=0.08)
    assert all(stroke[0, 0] < 50 and stroke[0, 1] > stroke[2, 1] for stroke in raised)
    upward = [strokes[0] for strokes in often(1, [LINE[::-1]]) if len(strokes[0]) > len(LINE)]
    assert all(tuple(stroke[2]) == tuple(LINE[0]) for stroke in upward)


def test_a_one_that_has_its_up_stroke_stays_as_it_is():
    one = np.vstack([[(10.0, 40.0)], LINE])
    assert all(strokes == [one] for strokes in often(1, [one], 50))


@pytest.mark.parametrize("digit", [2, 3, 4, 5, 6, 7, 8, 9])
def test_other_digits_stay_as_they_are(digit):
    assert all(len(strokes) == 1 and strokes[0] is LINE for strokes in often(digit, [LINE], 50))


def test_a_zero_of_two_strokes_may_have_its_slash_already():
    assert all(len(strokes) == 2 for strokes in often(0, [ZERO, LINE], 50))


def test_every_digit_is_drawn_with_several_pens_and_a_seed_repeats_it():
    digits = [WrittenDigit(0, 1, [ZERO]), WrittenDigit(1, 2, [LINE])]
    drawn = list(redraw(digits, 3, seed=1))
    assert [label for _, label in drawn] == [0, 0, 0, 1, 1, 1]
    assert all(image.shape == (28, 28) and image.dtype == np.uint8 for image, _ in drawn)
    assert len({image.tobytes() for image, _ in drawn}) == 6
    assert all((a == b).all() for (a, _), (b, _) in zip(drawn, redraw(digits, 3, seed=1), strict=True))


def test_without_habits_a_digit_is_drawn_as_it_was_written():
    zeros = [image for image, _ in redraw([WrittenDigit(0, 1, [ZERO])], 60, habits=False)]
    assert not any(image[12:16, 12:16].any() for image in zeros)
    slashed = [image for image, _ in redraw([WrittenDigit(0, 1, [ZERO])], 60)]
    assert any(image[12:16, 12:16].any() for image in slashed)
