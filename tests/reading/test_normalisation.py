import numpy as np
import pytest

from mnist_demo.data.datasets import load_split
from mnist_demo.reading.normalisation import (
    centre_by_mass,
    crop,
    fit_to_box,
    measure_weight,
    narrow,
    normalise,
    normalise_weight,
    to_grid,
    widen,
)


def bar(height, width, margin=10):
    ink = np.zeros((height + 2 * margin, width + 2 * margin), np.uint8)
    ink[margin:-margin, margin:-margin] = 255
    return ink


def test_the_crop_holds_the_ink_without_the_faint_blur_around_it():
    ink = bar(30, 10)
    ink[8:10, 10:20] = 40
    assert crop(ink).shape == (30, 10)


@pytest.mark.parametrize("shape", [(20, 10), (60, 200), (5, 5), (300, 20)])
def test_the_longer_side_fills_the_box_and_the_aspect_is_kept(shape):
    fitted = fit_to_box(np.full(shape, 255, np.uint8))
    scale = 80 / max(shape)
    assert fitted.shape == pytest.approx((shape[0] * scale, shape[1] * scale), abs=2)


@pytest.mark.parametrize("width", [4, 9, 16])
def test_the_weight_of_a_long_bar_is_its_width(width):
    ends = 2 * width * 80 / (2 * (width + 80)) / (np.pi / 4)  # twice the area by the outline
    assert measure_weight(bar(80, width)) == pytest.approx(ends, rel=0.01)


@pytest.mark.parametrize("radius", [0.5, 1, 2.5, 6])
def test_widening_adds_to_all_sides_and_narrowing_takes_it_away(radius):
    ink = crop(bar(40, 20))
    assert (widen(ink, radius) > 127).any(axis=0).sum() == pytest.approx(20 + 2 * radius, abs=1)
    assert (widen(ink, radius) > 127).any(axis=1).sum() == pytest.approx(40 + 2 * radius, abs=1)
    assert narrow(ink, radius).shape == pytest.approx((40 - 2 * radius, 20 - 2 * radius), abs=1)


@pytest.mark.parametrize("width", [2, 5, 10, 25])
def test_every_pen_comes_out_with_a_width_that_mnist_knows(width):
    ink = np.zeros((200, 200), np.uint8)
    ink[:, :width] = ink[:width] = ink[-width:] = 255
    assert 6.5 < measure_weight(normalise_weight(ink)) < 15


def test_a_pixel_of_the_grid_is_the_mean_of_the_fine_ones():
    fine = np.zeros((8, 8), np.uint8)
    fine[:4, :2] = 255
    assert to_grid(fine).tolist() == [[128, 0], [0, 0]] or to_grid(fine).tolist() == [[127, 0], [0, 0]]


def test_centring_is_by_mass_not_by_box():
    digit = np.zeros((20, 20), np.uint8)
    digit[:, 4:9] = 255  # a stem left of the middle
    digit[0, :] = 255
    levels = centre_by_mass(digit).astype(float)
    columns = np.indices(levels.shape)[1]
    assert (columns * levels).sum() / levels.sum() == pytest.approx(14, abs=0.51)


def test_digits_of_mnist_stay_nearly_as_they_are():
    images = load_split(train=False).images[:200]
    differences = [np.abs(normalise(image).astype(int) - image.astype(int)).mean() for image in images]
    assert np.median(differences) < 6  # of 255; a shift by one pixel makes 20
