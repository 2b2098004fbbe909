"""Synthetic drawings: pen strokes rendered as ink, with the variation of different hands and pens.

make_digit(generator)    # (ink, digit)
make_drawings(100)       # half digits, half other things, each prepared as network input
"""

import numpy as np

from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.strokes import Stroke, bounds, render
from mnist_demo.training.synthetic.glyphs import DIGITS
from mnist_demo.training.synthetic.hands import Hand, blend, trace_glyph

NO_DIGIT = 10  # the label
CANVAS = 96  # px
MARGIN = 16  # px around the drawing, room for the pen
PENS = (3, 14)  # px
BLENDED = 0.5  # share of the digits that lie between two styles
FURTHEST = 0.4  # of the way to the second style; halfway, some would be neither


def make_digit(random: np.random.Generator) -> tuple[Grey, int]:
    """Return the ink (96, 96) of a random digit in a random hand, and which digit it is."""
    digit, hand = int(random.integers(10)), Hand.draw_lot(random)
    return draw(hand.write(_choose_style(digit, hand.looseness, random), random), random), digit


def draw(strokes: list[Stroke], random: np.random.Generator) -> Grey:
    """Return the ink (96, 96) of strokes, scaled to fit, drawn with a pen of random width."""
    low, high = bounds(strokes)
    scale = (CANVAS - 2 * MARGIN) / max((high - low).max(), 1e-6)
    offset = (CANVAS - (low + high) * scale) / 2
    return render([stroke * scale + offset for stroke in strokes], random.uniform(*PENS), (CANVAS, CANVAS))


def _choose_style(digit: int, looseness: float, random: np.random.Generator) -> list[Stroke]:
    """Return a digit in one of its styles, or on the way from one to another."""
    styles = DIGITS[digit]
    style = styles[random.integers(len(styles))]
    strokes = trace_glyph(style, looseness, random)
    if random.random() < BLENDED:
        similar = [other for other in styles if len(other) == len(style)]
        other = similar[random.integers(len(similar))]
        return blend(strokes, trace_glyph(other, looseness, random), random.uniform(0, FURTHEST))
    return strokes
