"""The ink of one digit -> 28x28, with the size, stroke width and centring of MNIST's digits.

    ink -> crop -> fit_to_box -> normalise_weight -> to_grid -> centre_by_mass

Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE
86(11), 1998, section III-A: bilevel digits, scaled to fit 20x20 with their aspect ratio preserved, anti-aliased, with
the centre of mass in the middle of 28x28. So all steps work on nearly bilevel ink at four times the final resolution.
"""

import numpy as np
from PIL import Image

from mnist_demo.data.datasets import SIDE
from mnist_demo.reading.pictures import Grey

DIGIT_BOX = 20  # px, the longer side of a digit in MNIST
FINE = 4  # fine pixels per pixel of the result, along each side
SHARPNESS = 3  # slope that restores edges softened by scaling; less for enlarged pictures, whose edges are uncertain
SOFT_SCALE = 4  # enlargement from which they are sharpened less
# Fine px: the middle of MNIST's range (its 15th and 85th percentiles), where networks perform best.
THINNEST, THICKEST = 8.0, 13.0
HAIRLINE = 1.5  # fine px: thinner strokes are widened before they are shrunk
MAX_THINNING = 14.0  # fine px: more would break a digit apart


def has_ink(ink: Grey) -> bool:
    """Return whether any pixel of (H, W) ink is above half, the threshold for ink."""
    return bool((ink > 127).any())


def crop(ink: Grey) -> Grey:
    """Crop (H, W) ink to the bounding box of the pixels above half; there must be some."""
    visible = ink > 127
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fit_to_box(digit: Grey, side: int = DIGIT_BOX * FINE) -> Grey:
    """Scale the digit so that its longer side is `side` px, preserving the aspect ratio and sharpening the edges."""
    height, width = digit.shape
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    if scale > 1:
        # The picture's border is not the edge of the ink: let the soft edge of the last pixels fade into a margin.
        digit, size = _pad(digit, 1), (round((width + 2) * scale), round((height + 2) * scale))
    method = Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX
    scaled = np.asarray(Image.fromarray(digit).resize(size, method), np.float32)
    slope = max(1, SHARPNESS * min(1, SOFT_SCALE / scale))
    sharp: Grey = ((scaled - 127.5) * slope + 127.5).clip(0, 255).astype(np.uint8)
    return crop(sharp) if scale > 1 and has_ink(sharp) else sharp


def measure_weight(ink: Grey) -> float:
    """Return the mean stroke width in px: twice the area of the ink divided by the length of its outline.

    The outline is the total variation times pi / 4, because steps along rows and columns overestimate a slanted edge.
    """
    levels = _pad(ink, 1).astype(np.int16)
    variation = np.abs(np.diff(levels, axis=0)).sum() + np.abs(np.diff(levels, axis=1)).sum()
    return 2 * float(ink.sum(dtype=np.int64)) / max(1.0, float(variation) * np.pi / 4)


def normalise_weight(digit: Grey) -> Grey:
    """Fit the digit to the fine box, with its stroke width widened or narrowed to MNIST's range."""
    side = DIGIT_BOX * FINE
    missing = HAIRLINE * max(digit.shape) / side - measure_weight(digit)
    if missing > 0:  # a hairline in a large picture would be lost on the way to the box
        digit = widen(digit, missing / 2)
    fine = fit_to_box(digit, side)
    weight = measure_weight(fine)
    change = float(np.clip(weight, THINNEST, THICKEST)) - weight
    change = max(change, -MAX_THINNING)
    if abs(change) < 0.5:
        return fine
    # The digit is scaled to compensate for the change in stroke width, so that it fills the box again.
    fitted = fit_to_box(digit, round(side - change))
    return widen(fitted, change / 2) if change > 0 else narrow(fitted, -change / 2)


def widen(ink: Grey, radius: float) -> Grey:
    """Dilate (H, W) ink by `radius` px, on a canvas enlarged by as much on all sides, rounded up."""
    whole, share = int(radius), radius - int(radius)
    field = _pad(ink, whole + (share > 0))
    for step in range(whole):
        field = _grow(field, diagonally=step % 2 == 1)  # squares and crosses in turn make an octagon
    if share > 0:
        further = _grow(field, diagonally=whole % 2 == 1)
        field = (field * (1 - share) + further * share + 0.5).astype(np.uint8)
    return field


def narrow(ink: Grey, radius: float) -> Grey:
    """Erode (H, W) ink by `radius` px, and crop the empty margin."""
    whole = int(np.ceil(radius))
    height, width = ink.shape
    field = 255 - widen(255 - _pad(ink, whole), radius)  # dilating the background erodes the ink
    inner = field[2 * whole : 2 * whole + height, 2 * whole : 2 * whole + width]
    return crop(inner) if has_ink(inner) else ink


def to_grid(fine: Grey) -> Grey:
    """Reduce the digit to its final size, at most 20x20: each pixel is the mean of 4x4 fine ones."""
    box = DIGIT_BOX * FINE
    fine = fine[:box, :box]
    height, width = fine.shape
    fine = np.pad(fine, ((0, -height % FINE), (0, -width % FINE)))
    return np.asarray(Image.fromarray(fine).reduce(FINE))


def centre_by_mass(digit: Grey) -> Grey:
    """Place the digit in (28, 28) with its centre of mass in the middle of pixel (14, 14), or as near as it fits.

    That is where it is in MNIST: at 14.00 by 14.00, spread evenly over half a pixel to each side.
    """
    # MNIST was centred by mass; centring the bounding box would shift the digit.
    mass = digit.astype(np.float64)
    corner = []
    for axis, length in enumerate(digit.shape):
        centre = (mass.sum(axis=1 - axis) * np.arange(length)).sum() / mass.sum()
        corner.append(int(np.clip(round(SIDE / 2 - centre), 0, SIDE - length)))
    row, column = corner
    field = np.zeros((SIDE, SIDE), np.uint8)
    field[row : row + digit.shape[0], column : column + digit.shape[1]] = digit
    return field


def normalise(ink: Grey) -> Grey:
    """Return the network input for the ink of one digit: (28, 28) uint8, ink is 255 on 0."""
    return centre_by_mass(to_grid(normalise_weight(crop(ink))))


def _pad(ink: Grey, margin: int) -> Grey:
    """Pad the ink with `margin` empty pixels on all sides; np.pad takes five times as long."""
    height, width = ink.shape
    field = np.zeros((height + 2 * margin, width + 2 * margin), np.uint8)
    field[margin : margin + height, margin : margin + width] = ink
    return field


def _grow(ink: Grey, diagonally: bool) -> Grey:
    """Dilate by one pixel: each becomes the maximum of itself and its 4 neighbours, or its 8."""
    grown = ink.copy()
    np.maximum(grown[1:], ink[:-1], out=grown[1:])
    np.maximum(grown[:-1], ink[1:], out=grown[:-1])
    source = grown.copy() if diagonally else ink
    np.maximum(grown[:, 1:], source[:, :-1], out=grown[:, 1:])
    np.maximum(grown[:, :-1], source[:, 1:], out=grown[:, :-1])
    return grown
