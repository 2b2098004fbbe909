import hostile_pictures
import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_demo.pictures import PictureFile, open_picture
from mnist_demo.ui.readings import is_simple


@pytest.fixture
def seven() -> PictureFile:
    image = Image.new("L", (280, 280))
    ImageDraw.Draw(image).line([(80, 60), (200, 60), (120, 220)], fill=255, width=24)
    return PictureFile(np.asarray(image), 1.0)


@pytest.mark.parametrize("is_moving", [False, True])
def test_a_digit_is_simple(seven, is_moving):
    assert is_simple(seven, is_moving)


def test_what_may_be_joined_digits_is_simple_only_while_the_pen_moves(seven):
    wide = PictureFile(np.hstack([seven.grey[:, 70:210], seven.grey[:, 70:210]]), 1.0)
    assert is_simple(wide, is_moving=True)
    assert not is_simple(wide, is_moving=False)


@pytest.mark.parametrize("build", ["joined_parts", "dots", "strokes", "noise"])
@pytest.mark.parametrize("is_moving", [False, True])
def test_costly_drawings_are_not_simple(build, is_moving):
    picture = open_picture(getattr(hostile_pictures, build)(), 1_000_000)
    assert not is_simple(picture, is_moving)
