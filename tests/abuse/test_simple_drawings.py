"""Which drawings the event loop may read itself: only those that are soon read."""

import numpy as np
import pytest

from mnist_demo.reading.drawing import Drawing
from mnist_demo.reading.predictor import Predictor
from mnist_demo.reading.preparation import prepare_drawing
from mnist_demo.serving.readings import OnPad, is_soon_read

SEVEN = np.array([[280, 210], [710, 210], [430, 790]], float)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor.load()


def is_read_at_once(predictor: Predictor, drawing: Drawing, cuts: bool) -> bool:
    return is_soon_read(OnPad(drawing)) and predictor.read_single(prepare_drawing(drawing), cuts) is not None


@pytest.mark.parametrize("cuts", [False, True])
@pytest.mark.parametrize("share", [0.1, 0.5, 1])
def test_a_digit_is_read_at_once_and_as_otherwise(predictor, share, cuts):
    drawing = Drawing([SEVEN * share], 65)
    assert is_read_at_once(predictor, drawing, cuts)
    single, whole = predictor.read_single(prepare_drawing(drawing), cuts), predictor.read(prepare_drawing(drawing))
    assert single is not None
    assert (single.digit, single.probabilities) == (whole.digit, whole.probabilities)


@pytest.mark.parametrize("cuts", [False, True])
def test_two_digits_are_not(predictor, cuts):
    drawing = Drawing([SEVEN / 2, SEVEN / 2 + (500, 0)], 65)
    assert not is_read_at_once(predictor, drawing, cuts)


def dots(random):
    return [random.uniform(0, 1000, (1, 2)) for _ in range(150)]


def marks(random):
    return [np.array([[x, 400.0], [x, 430.0]]) for x in np.linspace(0, 1000, 90)]


def scribble(random):
    return [random.uniform(0, 1000, (5_000, 2))]


def scribbles(random):
    return [random.uniform(0, 1000, 2) + random.uniform(0, 100, (20, 2)) for _ in range(10)]


@pytest.mark.parametrize("pen", [1, 65])
@pytest.mark.parametrize("make", [dots, marks, scribble, scribbles])
@pytest.mark.parametrize("cuts", [False, True])
def test_costly_drawings_are_not(predictor, make, cuts, pen):
    assert not is_read_at_once(predictor, Drawing(make(np.random.default_rng(0)), pen), cuts)
