"""Pen strokes from a pad -> ink, which nobody has to look for.

By themselves they are drawn at the size at which digits are best seen, with a pen that suits this size: a small digit
does not fill in, and a large one does not break into pieces. Over a picture they become a part of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_demo.reading.ink import FLAT, HEIGHT, MAX_CANVAS, Ink
from mnist_demo.reading.normalisation import DIGIT_BOX, FINE, THICKEST
from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.strokes import Stroke, bounds, render

PAD = 1000  # units to a side of the pad
MARGIN = 2  # px around the ink, so that its soft edge ends inside
# Of the size of a digit, from the middle of one outermost stroke to that of the other: 2 px of the ink, because thinner
# lines break into pieces; and the broadest pen that digits of MNIST have.
NARROWEST, BROADEST = 2 / HEIGHT, THICKEST / (DIGIT_BOX * FINE - THICKEST)


@dataclass(frozen=True, eq=False)
class Drawing:
    """What somebody drew on a pad.

    Attributes:
        strokes: (N, 2) float each: the points x, y in thousandths of the pad's side, with y pointing down; a single
            point is a dot. What lies outside of 0 to 1000 is not seen.
        pen: its width in the same unit, more than 0.
    """

    strokes: Sequence[Stroke]
    pen: float


@dataclass(frozen=True)
class Layout:
    """How a drawing is drawn on an empty pad.

    Attributes:
        left, top: the corner of its ink, in thousandths of the pad's side.
        scale: px per unit.
        pen: the width that suits the size of what was drawn, as near to that of the drawing as it can be.
        size: height and width of the ink in px.
    """

    left: float
    top: float
    scale: float
    pen: float
    size: tuple[int, int]


def lay_out(drawing: Drawing) -> Layout:
    """Return how to draw a drawing, which has a stroke at least."""
    size = digit_size(drawing.strokes)
    # Dots alone have no other size than that of the pen.
    pen = float(np.clip(drawing.pen, NARROWEST * size, BROADEST * size)) if size else drawing.pen
    low, high = bounds(drawing.strokes)
    left, top = np.clip(low - pen / 2, 0, PAD)
    width, height = np.clip(high + pen / 2, 0, PAD) - (left, top)
    scale = min(HEIGHT / (size + pen), (MAX_CANVAS / max(1, width * height)) ** 0.5)
    margin = MARGIN / scale
    pixels = int(height * scale) + 2 * MARGIN + 1, int(width * scale) + 2 * MARGIN + 1
    return Layout(float(left - margin), float(top - margin), float(scale), pen, pixels)


def draw(drawing: Drawing) -> Ink:
    """Return the ink of a drawing on an empty pad; its place is in thousandths of the pad's side."""
    if not drawing.strokes:
        return Ink(np.zeros((1, 1), np.uint8), 0, 0, 1)
    layout = lay_out(drawing)
    strokes = [(stroke - (layout.left, layout.top)) * layout.scale for stroke in drawing.strokes]
    levels = render(strokes, layout.pen * layout.scale, layout.size)
    return Ink(levels, layout.left, layout.top, layout.scale)


def draw_over(grey: Grey, drawing: Drawing) -> Grey:
    """Return a (H, W) picture with a drawing over it, black on a bright one and white on a dark one.

    The picture lies in the middle of the pad, as large as it fits.
    """
    if not drawing.strokes:
        return grey
    side = max(grey.shape)
    corner = np.array([side - grey.shape[1], side - grey.shape[0]]) / 2
    strokes = [stroke * side / PAD - corner for stroke in drawing.strokes]
    ink = render(strokes, drawing.pen * side / PAD, (grey.shape[0], grey.shape[1])) / 255
    colour = 0 if grey.mean() > 127 else 255
    return (grey * (1 - ink) + colour * ink + 0.5).astype(np.uint8)


def digit_size(strokes: Sequence[Stroke]) -> float:
    """Return how tall the digits of a drawing are, by the tallest stroke, 0 of dots; in its units."""
    sizes = [np.subtract(*np.clip(bounds([stroke])[::-1], 0, PAD)) for stroke in strokes]
    return max(float(max(height, width / FLAT)) for width, height in sizes)
