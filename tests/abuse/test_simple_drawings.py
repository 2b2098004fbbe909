"""Which drawings the event loop may read itself: only those that are soon read."""

import hostile_pictures
import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_demo.reading.pictures import Grey, open_picture
from mnist_demo.reading.predictor import Predictor
from mnist_demo.reading.preparation import prepare
from mnist_demo.serving.readings import is_soon_read


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor.load()


@pytest.fixture
def seven() -> Grey:
    image = Image.new("L", (280, 280))
    ImageDraw.Draw(image).line([(80, 60), (200, 60), (120, 220)], fill=255, width=24)
    return np.asarray(image)


def is_read_at_once(predictor: Predictor, grey: Grey, cuts: bool) -> bool:
    picture = prepare(grey)
    return is_soon_read(picture.grey) and predictor.read_single(picture, cuts) is not None


@pytest.mark.parametrize("cuts", [False, True])
def test_a_digit_is_read_at_once_and_as_otherwise(predictor, seven, cuts):
    assert is_read_at_once(predictor, seven, cuts)
    single, whole = predictor.read_single(prepare(seven), cuts), predictor.read(seven, cuts)
    assert single is not None
    assert (single.digit, single.probabilities) == (whole.digit, whole.probabilities)


@pytest.mark.parametrize("cuts", [False, True])
def test_two_digits_are_not(predictor, seven, cuts):
    assert not is_read_at_once(predictor, np.hstack([seven[:, 70:210], seven[:, 70:210]]), cuts)


@pytest.mark.parametrize("share", [1.0, 0.4, 0.15], ids=["bright", "faint", "fainter"])
@pytest.mark.parametrize("build", ["dots", "strokes", "joined_parts"])
@pytest.mark.parametrize("cuts", [False, True])
def test_costly_drawings_are_not_however_faint(predictor, build, cuts, share):
    grey = open_picture(getattr(hostile_pictures, build)(), 1_000_000).grey
    assert not is_read_at_once(predictor, (grey * share).astype(np.uint8), cuts)
