"""Pen strokes -> ink: what a pad records, drawn with a round pen, anti-aliased.

A stroke is (N, 2) float, the points x, y in px with y pointing down; a single point is a dot.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnist_demo.reading.pictures import Grey

Stroke = NDArray[np.float64]

OVERSAMPLING = 4  # sub-pixels per pixel, along each side


def render(strokes: Sequence[Stroke], pen: float, size: tuple[int, int]) -> Grey:
    """Return the ink of strokes, (height, width) uint8: 255 where the pen was, in between at its edge.

    Args:
        strokes: in px of the result; what lies outside is cut off.
        pen: its width in px.
        size: height and width of the result in px.
    """
    height, width = size
    picture = Image.new("L", (width * OVERSAMPLING, height * OVERSAMPLING))
    canvas = ImageDraw.Draw(picture)
    radius = pen * OVERSAMPLING / 2
    for stroke in strokes:
        places = (np.asarray(stroke, np.float64) * OVERSAMPLING).tolist()
        canvas.line([(x, y) for x, y in places], fill=255, width=max(1, round(2 * radius)))
        for x, y in places:  # round joints and ends; Pillow's own joints leave gaps where a broad pen turns
            canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(picture.reduce(OVERSAMPLING))


def bounds(strokes: Sequence[Stroke]) -> tuple[Stroke, Stroke]:
    """Return the corners of the box round all points: the least x, y and the greatest, (2,) float each."""
    points = np.concatenate(strokes)
    return points.min(axis=0), points.max(axis=0)
