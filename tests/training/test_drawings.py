import numpy as np

from mnist_demo.reading.predictor import Predictor
from mnist_demo.training.synthetic.drawings import NO_DIGIT, make_digit, make_drawings, smooth
from mnist_demo.training.synthetic.glyphs import DIGITS


def test_digits_and_other_things_come_in_turn_and_a_seed_repeats_them():
    first, again, other = (list(make_drawings(40, seed)) for seed in (0, 0, 1))
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
    assert np.mean(right) > 0.75


def test_a_smooth_line_runs_through_its_points_and_stops_at_its_ends():
    stroke = [(0.0, 0.0), (0.5, 1.0), (1.0, 0.0)]
    path = smooth(stroke)
    for point in stroke:
        assert np.abs(path - point).sum(axis=1).min() < 1e-9
    assert tuple(path[0]) == stroke[0]
    assert tuple(path[-1]) == stroke[-1]


def test_a_point_named_twice_is_a_corner():
    path = smooth([(0, 0), (0, 0), (1, 0), (1, 0), (1, 1), (1, 1)])
    assert path.min() >= 0
    assert path.max() <= 1
    assert ((path[:, 1] < 1e-9) | (path[:, 0] > 1 - 1e-9)).all()
