import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_demo.reading.ink import find_ink

SIDE = 280


def ring(pen=12, box=(80, 60, 200, 220)):
    """The ink of a zero, (280, 280) in [0, 1]."""
    image = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(image).ellipse(box, outline=255, width=pen)
    return np.asarray(image) / 255


def photograph(ink, light, darkness=0.7, noise=0.0):
    """A picture of ink that takes `darkness` of the light away."""
    picture = light * (1 - darkness * ink) + np.random.default_rng(0).normal(0, noise, ink.shape)
    return picture.clip(0, 255).astype(np.uint8)


def overlap(grey, ink):
    """Intersection over union of the ink that was found, mapped back to the picture, and the ink that was drawn."""
    found = find_ink(grey)
    rows, columns = np.mgrid[: ink.shape[0], : ink.shape[1]] + 0.5
    down = ((rows - found.top) * found.scale).astype(int)
    across = ((columns - found.left) * found.scale).astype(int)
    height, width = found.levels.shape
    inside = (down >= 0) & (down < height) & (across >= 0) & (across < width)
    mask = inside & (found.levels[down.clip(0, height - 1), across.clip(0, width - 1)] > 127)
    return (mask & (ink > 0.5)).sum() / (mask | (ink > 0.5)).sum()


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
    assert overlap(photograph(ring(), LIGHTS[name], noise=noise), ring()) > 0.65


@pytest.mark.parametrize("darkness", [0.2, 0.4, 0.9])
def test_faint_pencil_and_black_marker_give_the_same_ink(darkness):
    assert overlap(photograph(ring(), LIGHTS["slanting"], darkness, noise=2), ring()) > 0.5


def test_light_ink_on_a_dark_ground_is_found_as_well():
    assert overlap(255 - photograph(ring(), LIGHTS["even"]), ring()) > 0.75


def test_ruled_lines_go_and_the_digit_stays_whole():
    light = LIGHTS["even"].copy()
    light[::35] *= 0.6
    light[1::35] *= 0.6
    assert overlap(photograph(ring(), light), ring()) > 0.75


@pytest.mark.parametrize("box", [(20, 20, 40, 46), (230, 220, 262, 266), (100, 20, 240, 260)])
def test_a_digit_of_any_size_anywhere_is_seen_from_close(box):
    drawn = ring(max(4, (box[3] - box[1]) // 10), box)
    found = find_ink(photograph(drawn, LIGHTS["even"]))
    height = (box[3] - box[1]) * found.scale
    assert 40 < height < 90
    assert overlap(photograph(drawn, LIGHTS["even"]), drawn) > 0.6


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 3), (28, 28), (1000, 700)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_picture_has_no_ink(shape, level):
    assert not (find_ink(np.full(shape, level, np.uint8)).levels > 127).any()


def test_noise_is_not_ink():
    noise = np.random.default_rng(0).normal(200, 8, (SIDE, SIDE)).clip(0, 255).astype(np.uint8)
    assert not (find_ink(noise).levels > 127).any()
