import numpy as np
import pytest

from mnist_demo.reading.normalisation import has_ink
from mnist_demo.reading.predictor import Predictor
from mnist_demo.training.synthetic.drawings import NO_DIGIT, make_digit
from mnist_demo.training.synthetic.glyphs import DIGITS
from mnist_demo.training.synthetic.mixture import make_drawings
from mnist_demo.training.synthetic.others import KINDS, leave_lines, make_other


def test_digits_and_other_things_come_in_turn_and_a_seed_repeats_them():
    first, again, other = (list(make_drawings(40, seed)) for seed in (0, 0, (0, 1)))
    assert all(picture.shape == (28, 28) and picture.dtype == np.uint8 for picture, _ in first)
    assert [label == NO_DIGIT for _, label in first] == [False, True] * 20
    assert all((a == b).all() and m == n for (a, m), (b, n) in zip(first, again, strict=True))
    assert not all((a == b).all() for (a, _), (b, _) in zip(first, other, strict=True))


def test_every_digit_is_drawn():
    random = np.random.default_rng(0)
    assert {make_digit(random)[1] for _ in range(200)} == set(range(10))
    assert sorted(DIGITS) == list(range(10))


def test_a_network_that_never_saw_drawings_reads_most_of_them():
    drawings = [(picture, label) for picture, label in make_drawings(600, seed=5) if label != NO_DIGIT]
    predictions = Predictor.load("cnn").read_prepared(np.stack([picture for picture, _ in drawings]))
    right = [prediction.digit == label for prediction, (_, label) in zip(predictions, drawings, strict=True)]
    assert np.mean(right) > 0.7


@pytest.mark.parametrize("make", KINDS)
def test_every_kind_of_non_digit_has_ink_and_varies(make):
    random = np.random.default_rng(0)
    made = [make(random) for _ in range(40)]
    assert all(ink.dtype == np.uint8 and has_ink(ink) for ink in made)
    assert len({ink.tobytes() for ink in made}) == 40


def test_all_kinds_of_non_digits_are_made(monkeypatch):
    made = []
    counted = {lambda random, make=make: (made.append(make), make(random))[1]: often for make, often in KINDS.items()}
    monkeypatch.setattr("mnist_demo.training.synthetic.others.KINDS", counted)
    random = np.random.default_rng(0)
    for _ in range(300):
        make_other(random)
    assert set(made) == set(KINDS)


def test_what_is_left_of_lines_is_never_a_single_upright_one():
    random = np.random.default_rng(0)
    for _ in range(100):
        rows, columns = np.nonzero(leave_lines(random) > 127)
        assert np.ptp(columns) > 20, np.ptp(rows)
