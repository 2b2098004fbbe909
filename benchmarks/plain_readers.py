"""What others do with a picture before a network sees it: nothing but resizing, or Otsu's threshold and MNIST's box."""

import math

import numpy as np
from disturbances import Picture
from numpy.typing import NDArray
from PIL import Image
from reading import shrink

SIDE, BOX = 28, 20  # px: MNIST's pictures, and the box round their ink


def resize_whole(picture: Picture) -> Picture:
    """Return the whole picture in grey at 28x28, ink light, by the mean of the border."""
    return shrink(to_grey(picture))


def threshold(picture: Picture) -> Picture:
    """Return the ink by Otsu's threshold, its box at 20 px and centred by mass in 28x28; the minority is the ink."""
    grey = to_grey(picture)
    light = grey > otsu(grey)
    ink = light if light.mean() < 0.5 else ~light
    if not ink.any():
        return np.zeros((SIDE, SIDE), np.uint8)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    digit = Image.fromarray(255 * ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.uint8))
    size = tuple(max(1, round(length * BOX / max(digit.size))) for length in digit.size)
    return centre(np.asarray(digit.resize(size, Image.Resampling.LANCZOS)))


def to_grey(picture: Picture) -> Picture:
    """Return a picture in grey."""
    return np.asarray(Image.fromarray(picture).convert("L"))


def otsu(grey: Picture) -> int:
    """Return the level that separates dark from light best (Otsu, IEEE SMC 9(1), 1979); light lies above it."""
    counts = np.bincount(grey.ravel(), minlength=256).astype(float)
    dark, mass = counts.cumsum(), (counts * np.arange(256)).cumsum()
    light = dark[-1] - dark
    with np.errstate(divide="ignore", invalid="ignore"):
        between = np.nan_to_num(dark * light * (mass / dark - (mass[-1] - mass) / light) ** 2)
    return int(between.argmax())


def centre(digit: NDArray[np.uint8]) -> Picture:
    """Place ink in 28x28 with its centre of mass in the middle, as far as it fits."""
    total = digit.sum(dtype=float)
    field = np.zeros((SIDE, SIDE), np.uint8)
    place = []
    for axis, length in enumerate(digit.shape):
        mass = digit.sum(axis=1 - axis, dtype=float) @ (np.arange(length) + 0.5) / total
        place.append(min(max(0, math.floor(SIDE / 2 - mass + 0.5)), SIDE - length))
    field[place[0] : place[0] + digit.shape[0], place[1] : place[1] + digit.shape[1]] = digit
    return field
