"""Two networks on the same pictures: where they differ, and whether one is better by more than chance."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_demo.errors import SettingsError

Labels = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Comparison:
    """How two networks compare.

    Attributes:
        both, first, second, neither: how many pictures both are right on, only the first, only the second, or none.
        p: the probability of a difference at least as large as that of `first` and `second` between networks that are
            equally good.
    """

    both: int
    first: int
    second: int
    neither: int
    p: float


def compare(labels: Labels, first: Labels, second: Labels) -> Comparison:
    """Compare the guesses of two networks, (N,) each, for pictures with these labels, (N,).

    Raises:
        SettingsError: their numbers differ.
    """
    if not labels.shape == first.shape == second.shape:
        raise SettingsError(f"expected as many guesses as labels, found {labels.shape}, {first.shape}, {second.shape}")
    ours, theirs = first == labels, second == labels
    only_first, only_second = int((ours & ~theirs).sum()), int((~ours & theirs).sum())
    both, neither = int((ours & theirs).sum()), int((~ours & ~theirs).sum())
    return Comparison(both, only_first, only_second, neither, mcnemar(only_first, only_second))


def mcnemar(first: int, second: int) -> float:
    """Return McNemar's exact two-sided p, from the pictures that only the first or only the second is right on.

    Source: McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12, 1947; exact as in Edwards, Psychometrika 13, 1948: the smaller number is binomial with 1/2.
    """
    count = first + second
    tail = sum(math.comb(count, wins) for wins in range(min(first, second) + 1))
    return min(1.0, 2 * tail / (1 << count))
