"""Kinds of pictures that people hand in, each with other widths, greys, places and sizes from seed to seed."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from mnist_demo.reading.predictor import Predictor

PICTURES = 16  # of each kind
LEAST = 13  # of them are read
CORNERS = {
    7: [(50, 50), (150, 50), (90, 160)],
    1: [(60, 90), (105, 45), (105, 160)],
    4: [(120, 160), (120, 45), (60, 120), (150, 120)],
}


@pytest.fixture(scope="module")
def predictor():
    return Predictor.load()


def digit(random, side=200, ink=None, paper=255, name=None):
    """A digit of straight lines, in a picture of `side` px."""
    name = int(random.choice(list(CORNERS))) if name is None else name
    picture = Image.new("L", (side, side), paper)
    points = [
        ((x + random.uniform(-5, 5)) * side / 200, (y + random.uniform(-5, 5)) * side / 200) for x, y in CORNERS[name]
    ]
    pen = max(1, round(random.uniform(10, 20) * side / 200))
    level = int(random.integers(0, 110)) if ink is None else ink
    ImageDraw.Draw(picture).line(points, fill=level, width=pen, joint="curve")
    return picture, name


def outlined(picture, box, width, grey):
    ImageDraw.Draw(picture).rectangle(box, outline=grey, width=width)
    return picture


def framed(random):
    side = int(random.choice([28, 64, 140, 280]))
    picture, name = digit(random, side)
    width = max(1, round(random.uniform(0.005, 0.03) * side))
    return outlined(picture, [0, 0, side - 1, side - 1], width, int(random.integers(0, 140))), name


def panel(random):
    picture, name = digit(random, ink=int(random.integers(180, 256)), paper=int(random.integers(0, 60)))
    return ImageOps.expand(picture, int(random.integers(5, 60)), 255), name


def on_a_table(random):
    picture, name = digit(random)
    return ImageOps.expand(picture, int(random.integers(15, 60)), int(random.integers(0, 90))), name


def dark_edges(random):
    picture, name = digit(random)
    draw = ImageDraw.Draw(picture)
    for box in ([0, 0, 199, random.integers(1, 6)], [0, 0, random.integers(1, 6), 199]):
        draw.rectangle([int(place) for place in box], fill=int(random.integers(0, 60)))
    return picture, name


def turned(random):
    picture, name = digit(random)
    return picture.rotate(random.uniform(-12, 12), Image.Resampling.BILINEAR), name


def boxed(random):
    picture, name = digit(random)
    inset = int(random.integers(6, 32))
    box = [inset, inset, 199 - inset, 199 - inset]
    return outlined(picture, box, int(random.integers(1, 5)), int(random.integers(0, 120))), name


def underlined(random):
    picture, name = digit(random)
    top = int(random.integers(166, 185))
    ImageDraw.Draw(picture).rectangle(
        [0, top, 199, top + int(random.integers(1, 5))], fill=int(random.integers(0, 100))
    )
    return picture, name


def ruled(random):
    picture, name = digit(random)
    gap, grey = int(random.integers(18, 45)), int(random.integers(120, 210))
    behind = Image.new("L", (200, 200), 255)
    for y in range(int(random.integers(0, gap)), 200, gap):
        ImageDraw.Draw(behind).line([(0, y), (200, y)], fill=grey, width=int(random.integers(1, 3)))
    return Image.fromarray(np.minimum(np.asarray(picture), np.asarray(behind))), name


def cut_to_the_ink(random):
    picture, name = digit(random)
    return picture.crop(ImageOps.invert(picture).getbbox()), name


def out_of_focus(random):
    picture, name = digit(random)
    return picture.filter(ImageFilter.GaussianBlur(random.uniform(2, 5))), name


def small(random):
    side = int(random.integers(600, 3000))
    paper = int(random.integers(180, 256))
    piece, name = digit(random, 160, ink=int(random.integers(0, 80)), paper=paper)
    picture = Image.new("L", (side, side * 3 // 4), paper)
    picture.paste(piece, (int(random.integers(0, side - 160)), int(random.integers(0, side * 3 // 4 - 160))))
    return picture, name


def few_levels(random):
    picture, name = digit(random, 28)
    return (np.asarray(ImageOps.invert(picture)) > 127).astype(np.uint8) * int(random.choice([1, 2, 16, 100])), name


def coloured(random):
    """Ink and paper of the same brightness."""
    picture, name = digit(random, ink=0)
    red = int(random.integers(150, 256))
    green = round(0.299 * red / 0.587)
    ink = np.asarray(picture)[..., None] < 128
    return np.where(ink, [red, 0, 0], [0, green, 0]).astype(np.uint8), name


KINDS = [
    framed,
    panel,
    on_a_table,
    dark_edges,
    turned,
    boxed,
    underlined,
    ruled,
    cut_to_the_ink,
    out_of_focus,
    small,
    few_levels,
    coloured,
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_kind_is_read_with_other_widths_greys_places_and_sizes(kind, predictor):
    random = np.random.default_rng(0)
    cases = [kind(random) for _ in range(PICTURES)]
    read = [prediction.digit for prediction in predictor.predict_batch([picture for picture, _ in cases])]
    assert sum(found == name for found, (_, name) in zip(read, cases, strict=True)) >= LEAST


def empty(random):
    """A cell of a photographed table without a digit."""
    picture = Image.new("L", (128, 128), int(random.integers(150, 256)))
    draw = ImageDraw.Draw(picture)
    for x0, y0, x1, y1 in ((0, 3, 128, 5), (0, 124, 128, 122), (4, 0, 2, 128), (123, 0, 125, 128)):
        if random.random() < 0.6:
            draw.line([(x0, y0), (x1, y1)], fill=int(random.integers(0, 120)), width=int(random.integers(1, 7)))
    levels = np.asarray(picture) * np.linspace(random.uniform(0.6, 1), 1, 128) + random.normal(
        0, random.uniform(0, 6), (128, 128)
    )
    return levels.clip(0, 255).astype(np.uint8)


def test_an_empty_cell_is_not_read(predictor):
    random = np.random.default_rng(0)
    read = predictor.predict_batch([empty(random) for _ in range(60)])
    assert sum(prediction.digit is not None for prediction in read) <= 1
