import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_demo.reading.hairlines import thicken_hairlines
from mnist_demo.reading.normalisation import crop, measure_weight


def ring(side, pen):
    image = Image.new("L", (side, side), 230)
    ImageDraw.Draw(image).ellipse((0.1 * side, 0.1 * side, 0.9 * side, 0.9 * side), outline=20, width=pen)
    return np.asarray(image)


@pytest.mark.parametrize(("side", "pen"), [(280, 1), (560, 1), (560, 6), (1000, 2)])
def test_hairlines_become_as_wide_as_a_pen(side, pen):
    thick = thicken_hairlines(ring(side, pen))
    assert measure_weight(thick.grey) * 88 / max(crop(thick.grey).shape) == pytest.approx(4.5, rel=0.15)


def test_the_drawing_is_cut_out_where_it_is():
    picture = np.full((900, 600), 7, np.uint8)
    picture[500:800, 100] = 200
    thick = thicken_hairlines(picture)
    rows, columns = np.nonzero(thick.grey > 127)
    assert thick.top + rows.mean() * thick.factor == pytest.approx(650, abs=2 * thick.factor)
    assert thick.left + columns.mean() * thick.factor == pytest.approx(100, abs=2 * thick.factor)


def test_other_pictures_are_left_alone():
    noise = np.random.default_rng(0).integers(0, 256, (200, 200), np.uint8)
    for picture in (ring(280, 20), noise, np.full((50, 50), 9, np.uint8), np.zeros((1, 1), np.uint8)):
        assert thicken_hairlines(picture) is None
