"""Digits that people wrote, drawn again: with other pens, and with the habits that their writers do not have.

The writers of Pendigits cross their sevens, but do not slash their zeros, and few begin a one with an up-stroke.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from mnist_demo.data.unipen import WrittenDigit
from mnist_demo.reading.normalisation import normalise
from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.strokes import Stroke, bounds
from mnist_demo.training.synthetic.drawings import draw
from mnist_demo.training.synthetic.hands import random_shape

SLASHED = 0.4  # share of the zeros that get a slash
RAISED = 0.4  # of the ones that are a plain line that get an up-stroke
BACKSLASHED = 0.15  # of the slashes that fall to the right
PLAIN = 0.25  # width of a one in which there is nothing but a line, as a share of its height
RESHAPED = 0.5  # strength of a random hand's slant, turn and proportions; the writer's own stay visible


def redraw(
    digits: Sequence[WrittenDigit], copies: int, seed: int | tuple[int, ...] = 0, habits: bool = True
) -> Iterator[tuple[Grey, int]]:
    """Yield (28, 28) network inputs drawn from written digits, with their labels; the same seed gives the same.

    Args:
        digits: as they were written.
        copies: of each digit, each with a pen of its own.
        seed: of the random pens, slants and habits.
        habits: add slashes, bars and up-strokes, and change slant and proportions; otherwise only the pens differ.
    """
    random = np.random.default_rng(seed)
    for written in digits:
        for _ in range(copies):
            strokes = written.strokes
            if habits:
                shape = random_shape(random, RESHAPED)
                strokes = [stroke @ shape.T for stroke in add_habits(written.digit, strokes, random)]
            yield normalise(draw(strokes, random)), written.digit


def add_habits(digit: int, strokes: list[Stroke], random: np.random.Generator) -> list[Stroke]:
    """Return the strokes of a digit, of some with a slash or an up-stroke added."""
    if len(strokes) > 1:  # it may already have one
        return strokes
    low, high = bounds(strokes)
    width, height = high - low
    if digit == 0 and random.random() < SLASHED:
        return [*strokes, _slash(low, high, random)]
    if digit == 1 and width < PLAIN * height and random.random() < RAISED:
        return [_raise(strokes[0], height, random)]
    return strokes


def _slash(low: Stroke, high: Stroke, random: np.random.Generator) -> Stroke:
    """Return a slash across a zero between its corners, which may end inside or outside of it."""
    middle, half = (low + high) / 2, (high - low) / 2
    side = -1 if random.random() < BACKSLASHED else 1
    ends = np.array([[-side, 1], [side, -1]]) * random.uniform(0.4, 1.15, (2, 1)) * random.uniform(0.7, 1.1, 2)
    slash: Stroke = middle + ends * half
    return slash


def _raise(stroke: Stroke, height: float, random: np.random.Generator) -> Stroke:
    """Return a one that begins with an up-stroke, from short to as long as the digit is tall."""
    downward: Stroke = stroke if stroke[0, 1] < stroke[-1, 1] else stroke[::-1]
    start = downward[0] + np.array([-random.uniform(0.2, 0.65), random.uniform(0.2, 0.95)]) * height
    bend = (start + downward[0]) / 2 + random.normal(0, 0.04, 2) * height
    return np.vstack([start, bend, downward])
