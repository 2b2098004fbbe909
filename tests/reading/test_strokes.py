"""Rendering pen strokes."""

import numpy as np
import pytest

from mnist_demo.reading.strokes import bounds, render


def test_a_point_is_a_round_dot_of_the_pen_width():
    ink = render([np.array([[20.0, 30.0]])], 10, (60, 40)) / 255
    assert ink.shape == (60, 40)
    assert ink.sum() == pytest.approx(np.pi * 5**2, rel=0.05)
    rows, columns = np.nonzero(ink)
    assert (rows.mean(), columns.mean()) == pytest.approx((29.5, 19.5), abs=0.3)  # the middle of pixel 0 is at 0.5


def test_a_line_has_the_pen_width_and_soft_edges():
    ink = render([np.array([[10.0, 20.0], [50.0, 24.0]])], 6.5, (40, 60)) / 255
    assert ink[:, 30].sum() == pytest.approx(6.5, abs=0.4)
    assert ((ink > 0) & (ink < 1)).any()


def test_a_sharp_turn_of_a_broad_pen_has_no_gap():
    ink = render([np.array([[10.0, 10.0], [40.0, 40.0], [10.0, 45.0]])], 14, (60, 60))
    assert ink[40, 40] == 255


def test_what_lies_outside_is_cut_off():
    assert not render([np.array([[-50.0, -50.0], [-20.0, -90.0]])], 5, (30, 30)).any()


def test_bounds_of_several_strokes():
    low, high = bounds([np.array([[3.0, 9.0]]), np.array([[1.0, 10.0], [5.0, 2.0]])])
    assert low.tolist() == [1, 2]
    assert high.tolist() == [5, 10]
