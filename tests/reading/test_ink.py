import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from mnist_demo.reading.ink import dark_on_light, find_ink, flatten_light, level_ink, remove_ruling, smooth_noise

SIDE = 280


def ring(pen=12):
    """The ink of a zero, (280, 280) in [0, 1]."""
    image = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(image).ellipse((80, 60, 200, 220), outline=255, width=pen)
    return np.asarray(image) / 255


def photograph(ink, light, darkness=0.7, noise=0.0):
    """A picture of ink that takes `darkness` of the light away."""
    picture = light * (1 - darkness * ink) + np.random.default_rng(0).normal(0, noise, ink.shape)
    return picture.clip(0, 255).astype(np.uint8)


def overlap(found, ink):
    """Intersection over union of the ink that was found and the ink that was drawn."""
    found, drawn = found > 127, ink > 0.5
    return (found & drawn).sum() / (found | drawn).sum()


ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE] / SIDE
LIGHTS = {
    "even": np.full((SIDE, SIDE), 220.0),
    "slanting": 90 + 130 * ROWS,
    "vignette": 220 - 200 * ((ROWS - 0.5) ** 2 + (COLUMNS - 0.5) ** 2),
    "shadow": np.where(COLUMNS + ROWS / 3 < 0.6, 110.0, 210.0),
}


@pytest.mark.parametrize("name", LIGHTS)
@pytest.mark.parametrize("noise", [0, 8])
def test_ink_is_found_in_any_light(name, noise):
    ink = find_ink(photograph(ring(), LIGHTS[name], noise=noise))
    assert overlap(ink, ring()) > 0.8


@pytest.mark.parametrize("darkness", [0.2, 0.4, 0.9])
def test_faint_pencil_and_black_marker_give_the_same_ink(darkness):
    ink = find_ink(photograph(ring(), LIGHTS["slanting"], darkness, noise=2))
    assert ink[ring() > 0.5].mean() > 200
    assert ink[ring() < 0.5].mean() < 15


def test_ruled_lines_go_and_the_digit_stays_whole():
    light = LIGHTS["even"].copy()
    light[::35] *= 0.6
    light[1::35] *= 0.6
    ink = find_ink(photograph(ring(), light))
    assert overlap(ink, ring()) > 0.85
    assert (ink[:, :60] < 127).all()


def test_squared_paper_slanted_a_little_is_cleaned_too():
    lines = Image.new("L", (SIDE, SIDE))
    draw = ImageDraw.Draw(lines)
    for place in range(10, SIDE, 30):
        draw.line((0, place, SIDE, place + 4), fill=255, width=2)
        draw.line((place, 0, place - 4, SIDE), fill=255, width=2)
    ink = find_ink(photograph(ring(), LIGHTS["even"] * (1 - 0.4 * np.asarray(lines) / 255)))
    assert overlap(ink, ring()) > 0.8


def test_blank_ruled_paper_has_no_ink():
    light = LIGHTS["slanting"].copy()
    light[::35] *= 0.7
    assert not (find_ink(photograph(np.zeros((SIDE, SIDE)), light, noise=3)) > 127).any()


@pytest.mark.parametrize("pen", [4, 6, 8])
def test_the_bar_of_a_seven_that_was_cut_out_tightly_is_not_ruling(pen):
    image = Image.new("L", (200, 280))
    ImageDraw.Draw(image).line([(0, 4), (199, 4), (80, 279)], fill=255, width=pen)
    ink = np.asarray(image)
    np.testing.assert_array_equal(remove_ruling(ink), ink)


def test_a_stroke_from_border_to_border_is_not_ruling():
    ink = np.zeros((SIDE, SIDE), np.uint8)
    ink[:, 130:146] = 255
    np.testing.assert_array_equal(remove_ruling(ink), ink)


@pytest.mark.parametrize("pen", [3, 12, 50])
def test_polarity_does_not_matter(pen):
    picture = (255 * ring(pen)).astype(np.uint8)
    np.testing.assert_array_equal(dark_on_light(picture), 255 - picture)
    np.testing.assert_array_equal(dark_on_light(255 - picture), 255 - picture)


def test_a_digit_that_touches_all_borders_is_still_the_ink():
    image = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(image).ellipse((0, 0, SIDE - 1, SIDE - 1), outline=255, width=36)
    picture = np.asarray(image)
    np.testing.assert_array_equal(dark_on_light(picture), 255 - picture)


def test_the_light_of_the_ground_is_flat_afterwards():
    taken = flatten_light(photograph(np.zeros((SIDE, SIDE)), LIGHTS["slanting"]))
    assert taken.max() <= 12


def test_grain_is_smoothed_and_a_clean_drawing_is_left_alone():
    clean = (255 * ring()).astype(np.uint8)
    assert smooth_noise(clean) is clean
    grain = (40 + np.random.default_rng(0).normal(0, 12, (SIDE, SIDE))).clip(0, 255).astype(np.uint8)
    assert smooth_noise(grain).std() < 0.5 * grain.std()


def test_noise_alone_is_levelled_to_nothing():
    grain = (40 + np.random.default_rng(0).normal(0, 12, (SIDE, SIDE))).clip(0, 255).astype(np.uint8)
    assert not level_ink(grain).any()


def test_a_blurred_stroke_ends_at_half_of_its_edge():
    sharp = Image.fromarray((255 * ring(24)).astype(np.uint8))
    blurred = np.asarray(sharp.filter(ImageFilter.GaussianBlur(3)))
    assert overlap(find_ink(blurred), ring(24)) > 0.85
