import base64

import numpy as np
import pytest

from mnist_demo.reading.pictures import open_picture
from mnist_demo.reading.predictions import NumberReading
from mnist_demo.reading.predictor import Predictor
from mnist_demo.serving.encoding import encode_png
from mnist_demo.serving.examples import list_examples
from mnist_demo.ui.components.example_row import ExampleRow


def test_there_are_a_dozen_and_each_is_a_picture_of_the_pads_size():
    examples = list_examples()
    assert len(examples) == 12
    assert all(example.picture.shape == (280, 280) and example.picture.dtype == np.uint8 for example in examples)
    assert len({example.title for example in examples}) == 12


@pytest.mark.parametrize(("place", "expected"), list(enumerate([3, 8, 5, 7, 1, 4, 9, 2, 6, 0, "2026", None])))
def test_the_best_network_reads_every_example(place, expected):
    reading = Predictor.load().read(list_examples()[place].picture)
    assert (reading.text if isinstance(reading, NumberReading) else reading.digit) == expected


def test_the_examples_weigh_little_in_the_page():
    row = ExampleRow("row", list_examples())
    assert sum(len(picture["picture"]) for picture in row.props["pictures"]) < 100_000


def test_a_picture_survives_as_a_data_url():
    picture = list_examples()[8].picture
    content = base64.b64decode(encode_png(picture).partition(",")[2])
    np.testing.assert_array_equal(open_picture(content).grey, picture)
