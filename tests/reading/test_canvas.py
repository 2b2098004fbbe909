import numpy as np
import pytest

from mnist_demo.reading.canvas import INNER, MARGIN, lay_out


def test_a_region_is_scaled_centred_and_rid_of_its_mean_and_contrast():
    grey = np.tile(np.array([100, 200], np.uint8), (40, 20))
    canvas = lay_out(grey, (0, 0, 40, 40), 2.0)
    assert canvas.levels.shape == (2, 96, 96)
    inside = canvas.levels[1] == 1
    assert inside.sum() == 80 * 80
    assert inside[8:88, 8:88].all()
    assert canvas.levels[0][inside].mean() == pytest.approx(0, abs=1e-5)
    assert canvas.levels[0][inside].std() == pytest.approx(1, abs=1e-5)
    assert not canvas.levels[0][~inside].any()


def test_places_map_back_to_the_picture():
    grey = np.zeros((200, 300), np.uint8)
    grey[80:90, 120:130] = 255
    canvas = lay_out(grey, (100, 50, 160, 110), 1.5)
    rows, columns = np.nonzero(canvas.levels[0] > 1)
    assert canvas.top + (rows.min()) / canvas.scale == pytest.approx(80, abs=0.7)
    assert canvas.left + (columns.max() + 1) / canvas.scale == pytest.approx(130, abs=0.7)


@pytest.mark.parametrize("region", [(0, 0, 1, 1), (0, 0, 300, 2), (299, 199, 300, 200)])
def test_slim_regions_have_a_margin_and_sides_that_the_network_can_halve(region):
    grey = np.zeros((200, 300), np.uint8)
    canvas = lay_out(grey, region, INNER / max(region[2] - region[0], region[3] - region[1]))
    assert all(side % 16 == 0 for side in canvas.levels.shape[1:])
    assert not canvas.levels[1][:MARGIN].any()
    assert canvas.levels[1].any()


def test_a_blank_region_stays_blank():
    assert not lay_out(np.full((50, 50), 77, np.uint8), (0, 0, 50, 50), 1.0).levels[0].any()
