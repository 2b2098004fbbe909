import numpy as np
import pytest
from PIL import Image

from mnist_demo.reading.colour import to_levels


def two_colours(ink, paper):
    picture = np.empty((40, 40, 3), np.uint8)
    picture[:] = paper
    picture[10:30, 18:22] = ink
    return Image.fromarray(picture)


@pytest.mark.parametrize(
    ("ink", "paper"),
    [((255, 0, 0), (0, 130, 0)), ((255, 255, 100), (255, 255, 255)), ((90, 60, 200), (60, 95, 60))],
)
def test_colours_of_the_same_brightness_are_told_apart(ink, paper):
    levels = np.asarray(to_levels(two_colours(ink, paper)))
    assert abs(int(levels[20, 20]) - int(levels[0, 0])) > 200


@pytest.mark.parametrize(("ink", "paper"), [((0, 0, 0), (255, 255, 255)), ((20, 30, 120), (230, 225, 210))])
def test_brightness_stays_where_it_shows_the_ink(ink, paper):
    picture = two_colours(ink, paper)
    np.testing.assert_array_equal(np.asarray(to_levels(picture)), np.asarray(picture.convert("L")))


def test_the_colour_noise_of_a_camera_is_not_stretched():
    noise = np.random.default_rng(0).normal(0, 6, (200, 200, 3)) + 128
    picture = Image.fromarray(noise.clip(0, 255).astype(np.uint8))
    np.testing.assert_array_equal(np.asarray(to_levels(picture)), np.asarray(picture.convert("L")))


def test_pictures_as_jpeg_stores_them_are_read_alike():
    picture = two_colours((255, 0, 0), (0, 130, 0))
    difference = np.asarray(to_levels(picture)).astype(int) - np.asarray(to_levels(picture.convert("YCbCr")))
    assert min(np.abs(difference).max(), np.abs(255 - np.abs(difference)).max()) < 12  # either direction


def test_a_blank_picture_stays_as_it_is():
    assert np.asarray(to_levels(Image.new("RGB", (9, 9), (10, 200, 30)))).std() == 0
