import numpy as np
import pytest

from mnist_demo.training.synthetic.hands import POINTS, Hand, blend, resample, smooth, trace_glyph

CORNER = np.array([(0.0, 0.0), (0.0, 0.0), (1.0, 0.0), (1.0, 0.0), (1.0, 1.0), (1.0, 1.0)])


def random():
    return np.random.default_rng(0)


def hand(**changes):
    return Hand(**{"shape": np.eye(2), "looseness": 0.0, "rounding": 0, "tremor": 0.0, **changes})


def test_a_smooth_line_runs_through_its_points_and_stops_at_its_ends():
    stroke = np.array([(0.0, 0.0), (0.5, 1.0), (1.0, 0.0)])
    path = smooth(stroke)
    for point in stroke:
        assert np.abs(path - point).sum(axis=1).min() < 1e-9
    assert tuple(path[0]) == tuple(stroke[0])
    assert tuple(path[-1]) == tuple(stroke[-1])


def test_a_point_named_twice_is_a_corner():
    path = smooth(CORNER)
    assert path.min() >= 0
    assert path.max() <= 1
    assert ((path[:, 1] < 1e-9) | (path[:, 0] > 1 - 1e-9)).all()


def test_resampled_points_lie_at_equal_distances_from_end_to_end():
    path = resample(np.array([(0.0, 0.0), (0.1, 0.0), (3.0, 0.0)]))
    np.testing.assert_allclose(path[:, 0], np.linspace(0, 3, POINTS))


def test_a_corner_of_a_glyph_stays_one_in_a_loose_hand():
    (path,) = trace_glyph([[(0.0, 0.0), (0.0, 0.0), (1.0, 0.0), (1.0, 0.0), (1.0, 1.0), (1.0, 1.0)]], 0.1, random())
    turns = np.diff(np.unwrap(np.arctan2(*np.diff(path, axis=0).T)))
    assert np.sort(np.abs(turns))[-1] > 1.0
    assert np.sort(np.abs(turns))[-2] < 1e-6


def test_a_blend_lies_between_two_styles():
    low, high = [np.array([(0.0, 0.0), (1.0, 0.0)])], [np.array([(0.0, 1.0), (1.0, 1.0)])]
    for share in (0.0, 0.25, 1.0):
        np.testing.assert_allclose(blend(low, high, share)[0][:, 1], share)


def test_a_stroke_blends_with_one_written_in_the_other_direction():
    forth, back = [np.array([(0.0, 0.0), (1.0, 0.0)])], [np.array([(1.0, 1.0), (0.0, 1.0)])]
    np.testing.assert_allclose(blend(forth, back, 0.5)[0], blend(forth, [back[0][::-1]], 0.5)[0])


def test_a_plain_hand_writes_a_stroke_as_it_is():
    np.testing.assert_allclose(hand().write([CORNER], random())[0], resample(CORNER))


def test_a_hand_that_rounds_off_cuts_corners_but_keeps_the_ends():
    (path,) = hand(rounding=4).write([CORNER], random())
    assert np.abs(path - (1, 0)).sum(axis=1).min() > 0.04
    np.testing.assert_allclose(path[[0, -1]], CORNER[[0, -1]])


@pytest.mark.parametrize("change", [{"looseness": 0.05}, {"tremor": 0.05}, {"shape": np.array([[1, -0.5], [0, 1]])}])
def test_looseness_tremor_and_slant_change_what_is_written(change):
    assert np.abs(hand(**change).write([CORNER], random())[0] - resample(CORNER)).max() > 0.001


def test_hands_differ():
    lots = np.random.default_rng(0)
    hands = [Hand.draw_lot(lots) for _ in range(50)]
    assert len({one.looseness for one in hands}) == 50
    assert len({one.rounding for one in hands}) > 2
    assert len({one.tremor for one in hands}) > 2
