"""Whether one network is better than another by more than chance."""

import numpy as np
import pytest

from mnist_demo.errors import SettingsError
from mnist_demo.insight.comparison import compare, mcnemar


def test_who_is_right_where():
    labels = np.array([1, 2, 3, 4, 5, 6])
    first = np.array([1, 2, 3, 0, 0, 0])
    second = np.array([1, 0, 0, 4, 5, 0])
    result = compare(labels, first, second)
    assert (result.both, result.first, result.second, result.neither) == (1, 2, 2, 1)
    assert result.p == 1


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [(0, 0, 1), (1, 0, 1), (5, 0, 2 / 32), (0, 5, 2 / 32), (9, 1, 22 / 1024), (3, 3, 1), (8, 12, 0.5034)],
)
def test_p_is_that_of_the_binomial_distribution(first, second, p):
    assert mcnemar(first, second) == pytest.approx(p, abs=1e-4)


def test_thousands_of_differences_are_no_trouble():
    assert mcnemar(5_000, 5_400) == pytest.approx(9.2e-5, rel=0.05)
    assert mcnemar(100, 9_000) == 0


def test_different_numbers_are_told():
    with pytest.raises(SettingsError, match="expected as many guesses as labels"):
        compare(np.zeros(3, int), np.zeros(3, int), np.zeros(2, int))
