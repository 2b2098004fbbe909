"""Calibration of confidence, and the threshold that separates digits from other things.

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
REFUSED_SHARE = 0.002  # of the validation digits fall below the threshold


def legibility(logits: Tensor) -> Tensor:
    """Return the score for each picture being a digit at all: (batch,), the logsumexp of (batch, 10) logits."""
    return logits.logsumexp(dim=1)


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """Return the temperature: dividing the (N, 10) logits by it minimises the cross-entropy.

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
    """Return the 0.2% quantile of the legibility of digits, given their (N, 10) logits."""
    return float(torch.quantile(legibility(logits), REFUSED_SHARE))


def expected_calibration_error(confidences: NDArray[np.float64], correct: NDArray[np.bool_], bins: int = BINS) -> float:
    """Return the mean gap between confidence and accuracy, in [0, 1], over bins of equal width.

    Args:
        confidences: (N,) in [0, 1].
        correct: (N,) whether the prediction was correct.
        bins: number of bins.
    """
    places = np.minimum((confidences * bins).astype(int), bins - 1)
    gaps = np.bincount(places, weights=confidences - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidences))


def area_under_roc(digits: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Return how often a digit scores higher than a non-digit, ties counting half: 1 is perfect, 0.5 is chance."""
    ordered = np.sort(others)
    below = np.searchsorted(ordered, digits, side="left") + np.searchsorted(ordered, digits, side="right")
    return float(below.mean() / 2 / len(others))
