"""Calibration of confidence, of sets of candidates, and of the threshold that separates digits from other things.

Sources: temperature scaling and the expected calibration error, Guo, Pleiss, Sun, Weinberger, "On calibration of
modern neural networks", ICML 2017; split-conformal prediction sets, Angelopoulos and Bates, "A gentle introduction to
conformal prediction", arXiv:2107.07511, section 1; the area under the ROC curve as a rank statistic, Hanley and McNeil,
Radiology 143, 1982.
"""

import math
from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from mnist_demo.networks.digitnet import LIKELY

BINS = 15
REFUSED_SHARE = 0.002  # of the validation digits fall below the threshold
PROMISE = 0.99  # of the sets of candidates contain the true digit


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


def fit_candidates(groups: Iterable[tuple[Tensor, Tensor]], promise: float = PROMISE) -> float:
    """Return the probability from which on a digit is a candidate, beside the guess; at most 0.1.

    By split-conformal prediction, the candidates for a new picture like those of a group contain its true digit with a
    probability of `promise` at least; the threshold is the lowest that any group needs.

    Args:
        groups: (N, 10) probabilities and (N,) labels of pictures that the network was not trained on, such as held-out
            images and images by held-out writers. A group of fewer than promise / (1 - promise) pictures makes all
            digits candidates.
        promise: in [0, 1).
    """
    return min([LIKELY, *(_conformal_threshold(*group, promise) for group in groups)])


def _conformal_threshold(probabilities: Tensor, labels: Tensor, promise: float) -> float:
    """Return the highest threshold that keeps the promise on one group: a quantile with finite-sample correction."""
    scores = probabilities.gather(1, labels[:, None]).squeeze(1)
    scores[probabilities.argmax(dim=1) == labels] = 1.0  # the guess is a candidate anyway
    missed = len(labels) - math.ceil((len(labels) + 1) * promise)  # pictures whose set need not contain the truth
    return float(scores.sort().values[missed]) if missed >= 0 else 0.0


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
