"""Pictures that were once misread, each the smallest of its kind: test_kinds.py varies them."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from mnist_demo.reading.predictor import Predictor

SEVEN = [(50, 50), (150, 50), (90, 160)]  # in a picture of 200 px


def seven(side=200, pen=16, ink=0, paper=255, mode="L"):
    picture = Image.new(mode, (side, side), paper)
    points = [(x * side / 200, y * side / 200) for x, y in SEVEN]
    ImageDraw.Draw(picture).line(points, fill=ink, width=max(1, round(pen * side / 200)), joint="curve")
    return picture


def with_frame(picture, box, width=3, grey=0):
    picture = picture.copy()
    ImageDraw.Draw(picture).rectangle(box, outline=grey, width=width)
    return picture


def with_bars(picture, *boxes, grey=0):
    picture = picture.copy()
    for box in boxes:
        ImageDraw.Draw(picture).rectangle(box, fill=grey)
    return picture


def comb():
    """777 in three printed boxes, as on a form."""
    picture = Image.new("L", (330, 140), 255)
    for x in (60, 165, 270):
        ImageDraw.Draw(picture).line([(x - 22, 40), (x + 20, 40), (x - 8, 105)], fill=0, width=7)
    walls = [(x, 5, x + 3, 134) for x in (5, 110, 215, 320)]
    return with_bars(picture, *walls, (5, 5, 323, 8), (5, 131, 323, 134))


def ring(pen):
    picture = Image.new("L", (100, 180), 255)
    ImageDraw.Draw(picture).ellipse([0, 0, 99, 179], outline=0, width=pen)
    return picture


def bold_two():
    picture = Image.new("L", (200, 200), 255)
    points = [(55, 60), (80, 25), (120, 25), (145, 60), (60, 175), (150, 175)]
    ImageDraw.Draw(picture).line(points, fill=0, width=26, joint="curve")
    return picture.crop(ImageOps.invert(picture).getbbox())


def eight():
    picture = Image.new("L", (60, 80), 170)
    draw = ImageDraw.Draw(picture)
    draw.ellipse([14, 6, 46, 42], outline=70, width=9)
    draw.ellipse([10, 34, 50, 75], outline=70, width=9)
    return picture


def page():
    picture = Image.new("L", (400, 260), 255)
    for column in range(3):
        for row in range(2):
            picture.paste(seven(100), (20 + 120 * column, 20 + 120 * row))
    return picture


def far():
    picture = Image.new("L", (4000, 3000), 235)
    picture.paste(seven(160, ink=40, paper=235), (1900, 1400))
    return picture


BITS = (np.asarray(ImageOps.invert(seven(28))) > 127).astype(np.uint8)

CASES = {
    "nothing wrong": (seven(), "7", "digit"),
    # A frame, a panel, or something dark at the border.
    "frame of 1 px round 28x28": (with_frame(seven(28), [0, 0, 27, 27], 1), "7", "digit"),
    "frame of 2 px round 100x100": (with_frame(seven(100), [0, 0, 99, 99], 2), "7", "digit"),
    "frame of 3 px round 200x200": (with_frame(seven(), [0, 0, 199, 199]), "7", "digit"),
    "black panel on white, 40 px": (ImageOps.expand(seven(ink=255, paper=0), 40, 255), "7", "digit"),
    "black panel on white, 10 px": (ImageOps.expand(seven(ink=255, paper=0), 10, 255), "7", "digit"),
    "white sheet on a dark table": (ImageOps.expand(seven(), 40, 20), "7", "digit"),
    "white sheet on a grey table": (ImageOps.expand(seven(), 40, 60), "7", "digit"),
    "dark slivers left and top": (with_bars(seven(ink=110), [0, 0, 199, 2], [0, 0, 2, 199], grey=20), "7", "digit"),
    "black corners of a straightened scan": (seven().rotate(10), "7", "digit"),
    # Printed boxes and lines as dark as the pen.
    "in a printed box": (with_frame(seven(), [20, 20, 180, 180]), "7", "digit"),
    "three boxes of a form": (comb(), "777", "number"),
    "the same, cut inside its frame": (comb().crop((12, 12, 318, 128)), "777", "number"),
    "a line below, across the picture": (with_bars(seven(pen=10), [0, 165, 199, 168]), "7", "digit"),
    "a line that the digit touches": (with_bars(seven(pen=10), [0, 158, 199, 161]), "7", "digit"),
    # Cut tightly: the digit fills the picture.
    "a ring, more than half ink": (ring(28), "0", "digit"),
    "a bold 2 without any paper round it": (bold_two(), "2", "digit"),
    "an 8 out of focus, without paper": (eight().filter(ImageFilter.GaussianBlur(2)), "8", "digit"),
    # Size, colour, range.
    "small in a photo of 12 megapixels": (far(), "7", "digit"),
    "light yellow marker": (seven(mode="RGB", ink=(255, 255, 100), paper=(255, 255, 255)), "7", "digit"),
    "red on green of the same grey": (seven(mode="RGB", ink=(255, 0, 0), paper=(0, 130, 0)), "7", "digit"),
    "values 0 and 1": (BITS, "7", "digit"),
    "values 0 and 16": (BITS * 16, "7", "digit"),
    # More than one line.
    "two lines of a page": (page(), "777\n777", "number"),
}


@pytest.fixture(scope="module")
def predictor():
    return Predictor.load()


@pytest.mark.parametrize("name", CASES)
def test_it_is_read_as_a_person_reads_it(name, predictor):
    picture, text, call = CASES[name]
    read = predictor.read_number(picture).text if call == "number" else str(predictor.predict(picture).digit)
    assert read == text
