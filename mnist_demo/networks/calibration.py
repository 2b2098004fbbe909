"""What makes a network's confidence mean something, and tells digits from other things.

Sources: temperature scaling and the expected calibration error, Guo, Pleiss, Sun, Weinberger, "On calibration of
modern neural networks", ICML 2017; the area under the ROC curve as a rank statistic, Hanley and McNeil,
Radiology 143, 1982.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

BINS = 15
REFUSED_SHARE = 0.002  # of the validation digits lie below the threshold


def legibility(logits: Tensor) -> Tensor:
    """Return how much each picture is a digit: (batch,), the log of the summed exponentials of (batch, 10) logits."""
    return logits.logsumexp(dim=1)


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """Return the number that the (N, 10) logits are best divided by: it minimises the cross-entropy.

    The loss has a single minimum in 1 / temperature, which lies between the bounds of any trained network.
    """
    low, high = 0.05, 20.0  # of 1 / temperature
    for _ in range(60):
        first, second = low + (high - low) / 3, high - (high - low) / 3
        if functional.cross_entropy(logits * first, labels) < functional.cross_entropy(logits * second, labels):
            high = second
        else:
            low = first
    return 2 / (low + high)


def fit_threshold(logits: Tensor) -> float:
    """Return the legibility below which lie 0.2% of the digits whose (N, 10) logits these are."""
    return float(torch.quantile(legibility(logits), REFUSED_SHARE))


def expected_calibration_error(confidences: NDArray[np.float64], correct: NDArray[np.bool_], bins: int = BINS) -> float:
    """Return the mean distance of confidence from accuracy, in [0, 1], over bins of equal width.

    Args:
        confidences: (N,) in [0, 1].
        correct: (N,) whether the answer was right.
        bins: how many.
    """
    places = np.minimum((confidences * bins).astype(int), bins - 1)
    gaps = np.bincount(places, weights=confidences - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidences))


def area_under_roc(digits: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Return how often a digit has a higher score than something else, ties counting half: 1 is perfect, 0.5 chance."""
    ordered = np.sort(others)
    below = np.searchsorted(ordered, digits, side="left") + np.searchsorted(ordered, digits, side="right")
    return float(below.mean() / 2 / len(others))
