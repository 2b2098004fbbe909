"""A dozen drawings to try: what networks that only know MNIST stumble over."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.strokes import render
from mnist_demo.training.synthetic.glyphs import DIGITS, Glyph
from mnist_demo.training.synthetic.hands import smooth
from mnist_demo.training.synthetic.other_glyphs import HOUSE

SIDE = 280  # px


@dataclass(frozen=True, eq=False)
class Example:
    """A picture (280, 280) uint8, and what it shows."""

    title: str
    picture: Grey


def list_examples() -> list[Example]:
    """Return the examples, the same ones each time."""
    ruled = _photograph(_draw(DIGITS[6][0], (95, 70, 110, 150), pen=8), ink=0.75, ruling=0.2, shadow=0.35, seed=1)
    pencil = _photograph(_draw(DIGITS[0][3], (90, 75, 90, 130), pen=9), ink=0.4, ruling=0, shadow=0.45, seed=2)
    year = [
        _draw(glyph, (18 + 64 * place, 95, 46, 85), pen=10)
        for place, glyph in enumerate([DIGITS[2][0], DIGITS[0][0], DIGITS[2][1], DIGITS[6][0]])
    ]
    return [
        Example("A 3, drawn with a thin pen", _draw(DIGITS[3][0], (80, 50, 110, 180), pen=4)),
        Example("An 8, drawn with a thick pen", _draw(DIGITS[8][2], (80, 50, 120, 180), pen=38)),
        Example("A tiny 5 in a corner", _draw(DIGITS[5][0], (210, 24, 26, 40), pen=5)),
        Example("A crossed 7", _draw(DIGITS[7][3], (75, 50, 130, 180), pen=14)),
        Example("A 1 with a long up-stroke", _draw(DIGITS[1][5], (70, 50, 120, 180), pen=14)),
        Example("An open 4", _draw(DIGITS[4][1], (75, 50, 130, 180), pen=14)),
        Example("A 9 with a curled tail", _draw(DIGITS[9][2], (75, 50, 120, 180), pen=14)),
        Example("A 2 that touches the border", _draw(DIGITS[2][2], (120, 140, 150, 136), pen=16)),
        Example("A 6 on ruled paper, photographed", ruled),
        Example("A 0 in pencil, in the shade", pencil),
        Example("A number", np.max(year, axis=0)),
        Example("A house, which is no digit", _draw(HOUSE, (60, 50, 160, 180), pen=14)),
    ]


def _draw(glyph: Glyph, box: tuple[int, int, int, int], pen: float) -> Grey:
    """Return a glyph, white on black, in the box at left, top, of width and height px."""
    corner, size = np.array(box[:2]), np.array(box[2:])
    paths = [corner + size * smooth(np.array(stroke)) for stroke in glyph]
    return render(paths, pen, (SIDE, SIDE))


def _photograph(drawing: Grey, ink: float, ruling: float, shadow: float, seed: int) -> Grey:
    """Return a drawing as a phone shows it: on paper, in slanting light, half in the shade, with some grain.

    `ink`, `ruling` and `shadow` are the shares of the light that each takes away.
    """
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:SIDE, :SIDE] / SIDE
    light = 165 + 60 * rows - 30 * columns
    light *= 1 - ruling * (np.arange(SIDE) % 36 < 2)[:, None]
    light /= 1 + shadow / (1 - shadow) / (1 + np.exp((columns + rows / 2 - 0.7) * 60))
    picture = light * (1 - ink * (drawing / 255)) + random.normal(0, 4, drawing.shape)
    blurred = Image.fromarray(picture.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))
    return np.asarray(blurred)
