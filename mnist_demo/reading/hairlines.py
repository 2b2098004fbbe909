"""Hairlines of drawings on a screen: reduced to the size of a canvas, they would vanish."""

import math
from dataclasses import dataclass

import numpy as np

from mnist_demo.reading.canvas import INNER
from mnist_demo.reading.normalisation import crop, has_ink, measure_weight, widen
from mnist_demo.reading.pictures import Grey

FLAT_SHARE = 0.5  # of the pixels have exactly the level of the ground: a screen, never a photo
# Of the strokes, if what is drawn fills a canvas, in px: thinner ones are hairlines, which are widened.
HAIRLINE, WIDENED = 4.0, 4.5
FINE = 2  # px of the widened drawing per px of the canvas
MARGIN = 0.2  # of the size of the drawing, around it


@dataclass(frozen=True, eq=False)
class Thickened:
    """A drawing, cut out, with wider strokes.

    Attributes:
        grey: (H, W) uint8.
        left, top: position of its corner in the picture, in px of the picture.
        factor: px of the picture per px of `grey`.
    """

    grey: Grey
    left: int
    top: int
    factor: int


def thicken_hairlines(grey: Grey) -> Thickened | None:
    """Return a drawing with strokes wide enough to be found; None if the ground is not flat, or no stroke is thin.

    Args:
        grey: (H, W) uint8.
    """
    ground = int(np.bincount(grey.ravel(), minlength=256).argmax())
    if np.count_nonzero(grey == ground) < FLAT_SHARE * grey.size:
        return None
    factor = max(1, max(grey.shape) // (FINE * INNER))
    ink = _reduce(np.abs(grey.astype(np.int16) - ground).astype(np.uint8), factor)
    ink = (ink * (255 / max(1, ink.max()))).astype(np.uint8)
    if not has_ink(ink):
        return None
    rows, columns = np.flatnonzero((ink > 127).any(axis=1)), np.flatnonzero((ink > 127).any(axis=0))
    drawn = crop(ink)
    pixel = max(drawn.shape) / INNER
    weight = measure_weight(drawn)
    if weight > HAIRLINE * pixel:
        return None
    margin = math.ceil(MARGIN * max(drawn.shape))
    thick = widen(np.pad(drawn, margin), (WIDENED * pixel - weight) / 2)
    around = margin + (thick.shape[0] - drawn.shape[0] - 2 * margin) // 2
    return Thickened(thick, (int(columns[0]) - around) * factor, (int(rows[0]) - around) * factor, factor)


def _reduce(ink: Grey, factor: int) -> Grey:
    """Return the maximum of each block of `factor` x `factor` pixels."""
    height, width = (side // factor * factor for side in ink.shape)
    blocks = ink[:height, :width].reshape(height // factor, factor, width // factor, factor)
    reduced: Grey = blocks.max(axis=(1, 3))
    return reduced
