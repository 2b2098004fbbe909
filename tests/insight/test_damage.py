"""Damages, against pictures made by hand."""

import numpy as np
import pytest

from mnist_demo.data.datasets import load_split
from mnist_demo.errors import ImageError, NotFoundError, SettingsError
from mnist_demo.insight.damage import DAMAGES, damage


@pytest.fixture
def bar():
    """An upright bar, two columns wide and sixteen rows high, in the middle."""
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 6:22, 13:15] = 255
    return image


@pytest.mark.parametrize("name", DAMAGES)
def test_without_strength_nothing_changes(name):
    images = load_split(train=False).images[:5]
    np.testing.assert_allclose(damage(images, name, DAMAGES[name].none).astype(int), images, atol=1)


@pytest.mark.parametrize("name", DAMAGES)
def test_at_both_ends_something_does_and_each_time_the_same(name, bar):
    kind = DAMAGES[name]
    for strength in {kind.low, kind.high} - {kind.none}:
        damaged = damage(bar, name, strength)
        assert (damaged != bar).any()
        np.testing.assert_array_equal(damaged, damage(bar, name, strength))


def test_a_quarter_turn(bar):
    np.testing.assert_allclose(damage(bar, "rotate", 90)[0].astype(int), np.rot90(bar[0], -1), atol=2)


def test_turning_is_clockwise():
    corner = np.zeros((1, 28, 28), np.uint8)
    corner[0, 4:8, 12:16] = 255  # above the middle
    rows, columns = np.nonzero(damage(corner, "rotate", 45)[0] > 127)
    assert columns.mean() > 17
    assert rows.mean() < 10


@pytest.mark.parametrize("pixels", [3, -4])
def test_shifting(bar, pixels):
    np.testing.assert_array_equal(damage(bar, "shift", pixels), np.roll(bar, pixels, axis=2))


def test_half_a_pixel(bar):
    assert damage(bar, "shift", 0.5)[0, 10, 12:17].tolist() == [0, 128, 255, 128, 0]


def test_shrinking_by_half(bar):
    rows, columns = np.nonzero(damage(bar, "scale", 0.5)[0] > 127)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (8, 1) or (np.ptp(rows) + 1, np.ptp(columns) + 1) == (8, 2)


def test_slanting_leans_the_top_to_the_right(bar):
    sheared = damage(bar, "shear", 30)[0] > 127
    assert np.nonzero(sheared[7])[0].mean() > 16
    assert np.nonzero(sheared[20])[0].mean() < 11


@pytest.mark.parametrize(("pixels", "width"), [(1, 4), (2, 6), (-1, 0)])
def test_thickening(bar, pixels, width):
    assert (damage(bar, "thicken", pixels)[0, 14] > 127).sum() == width


def test_half_a_pixel_more_on_each_side(bar):
    assert damage(bar, "thicken", 0.5)[0, 14, 11:17].tolist() == [0, 128, 255, 255, 128, 0]


def test_blurring_keeps_the_ink(bar):
    assert damage(bar, "blur", 1.5).sum() == pytest.approx(bar.sum(), rel=0.02)


def test_erasing_takes_that_share(bar):
    white = np.full((1, 28, 28), 255, np.uint8)
    assert (damage(white, "erase", 0.3) == 0).mean() == pytest.approx(0.3, abs=0.05)


def test_what_is_wrong_is_told(bar):
    with pytest.raises(NotFoundError, match="there is no damage 'melt', only rotate, shift"):
        damage(bar, "melt", 1)
    with pytest.raises(SettingsError, match="strength: expected -90 to 90 degrees, found 91"):
        damage(bar, "rotate", 91)
    with pytest.raises(SettingsError, match="strength: expected a number, found nan"):
        damage(bar, "rotate", float("nan"))
    with pytest.raises(ImageError, match="expected"):
        damage(bar[0], "rotate", 1)
