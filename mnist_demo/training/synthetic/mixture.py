"""Synthetic drawings as network inputs: digits and non-digits in turn."""

from collections.abc import Iterator

import numpy as np

from mnist_demo.reading.normalisation import normalise
from mnist_demo.reading.pictures import Grey
from mnist_demo.training.synthetic.drawings import NO_DIGIT, make_digit
from mnist_demo.training.synthetic.others import make_other


def make_drawings(count: int, seed: int | tuple[int, ...] = 0) -> Iterator[tuple[Grey, int]]:
    """Yield (28, 28) network inputs, alternating digits and non-digits, with their labels.

    The label of non-digits is 10. The same seed gives the same drawings.
    """
    random = np.random.default_rng(seed)
    for number in range(count):
        ink, label = make_digit(random) if number % 2 == 0 else (make_other(random), NO_DIGIT)
        yield normalise(ink), label
