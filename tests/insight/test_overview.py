import numpy as np
import pytest

from mnist_demo.insight.overview import measure_ink, measure_slant, summarize_classes


def lean(shift):
    """Return a picture of a line from the bottom to the top that goes `shift` px to the right for each px up."""
    picture = np.zeros((28, 28), np.uint8)
    for up in range(-10, 11):
        picture[14 - up, 14 + round(shift * up)] = 255
    return picture


def test_the_mean_and_the_spread_of_a_class():
    images = np.zeros((3, 28, 28), np.uint8)
    images[0, 5, 5], images[1, 5, 5] = 100, 200
    images[2] = 255
    classes = summarize_classes(images, np.array([3, 3, 7], np.uint8))
    assert classes.counts.tolist() == [0, 0, 0, 2, 0, 0, 0, 1, 0, 0]
    assert (classes.means[3, 5, 5], classes.spreads[3, 5, 5]) == (150, 50)
    assert classes.means[3].sum() == 150
    assert (classes.means[7] == 255).all()
    assert not classes.means[0].any()


def test_ink_is_the_share_of_white():
    images = np.zeros((3, 28, 28), np.uint8)
    images[1, :14] = 255
    images[2] = 255
    assert measure_ink(images) == pytest.approx([0, 0.5, 1])


def test_the_slant_of_a_line():
    images = np.stack([lean(0), lean(1), lean(-1), lean(0.5), np.zeros((28, 28), np.uint8)])
    assert measure_slant(images) == pytest.approx([0, 45, -45, np.degrees(np.arctan(0.5)), 0], abs=0.8)


def test_a_picture_of_one_row_has_no_slant():
    picture = np.zeros((1, 28, 28), np.uint8)
    picture[0, 14, 3:20] = 255
    assert measure_slant(picture) == [0]


def test_many_pictures_are_measured_alike():
    images = np.random.default_rng(0).integers(256, size=(5_000, 28, 28), dtype=np.uint8)
    slants = measure_slant(images)
    assert slants[4_999] == pytest.approx(measure_slant(images[4_999:])[0], abs=1e-3)
