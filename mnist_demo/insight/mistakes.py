"""What a trained network gets wrong."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_demo.data.subject import CLASSES

Logits = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]


def probabilities_of(logits: Logits) -> NDArray[np.float64]:
    """Map (N, 10) logits to probabilities, (N, 10), each row of which sums to 1."""
    return np.exp(_log_probabilities(logits))


def confusion_matrix(labels: Labels, guesses: Labels) -> NDArray[np.int64]:
    """Count how often each digit was read as which.

    Args:
        labels: (N,) 0 to 9, what the images show.
        guesses: (N,) 0 to 9, what was read.

    Returns:
        (10, 10): rows are labels, columns what was read.
    """
    confusion = np.zeros((CLASSES, CLASSES), np.int64)
    np.add.at(confusion, (labels, guesses), 1)
    return confusion


def class_accuracy(confusion: NDArray[np.int64]) -> list[float | None]:
    """Return the share in [0, 1] of each digit's images that was read rightly; None for a digit without images."""
    return [int(row[digit]) / int(row.sum()) if row.any() else None for digit, row in enumerate(confusion)]


def worst_mistakes(logits: Logits, labels: Labels, count: int) -> NDArray[np.int64]:
    """Return the indices of at most `count` images that were read wrongly, the one with the highest loss first.

    Args:
        logits: (N, 10).
        labels: (N,) 0 to 9.
        count: how many at most.
    """
    mistakes = np.flatnonzero(logits.argmax(1) != labels)
    losses = -np.take_along_axis(_log_probabilities(logits[mistakes]), labels[mistakes, None], axis=1)[:, 0]
    return _highest(mistakes, losses, count)


def find_cell(logits: Logits, labels: Labels, label: int, guess: int, count: int) -> NDArray[np.int64]:
    """Return the indices of at most `count` images of one cell of the confusion matrix, the most confident first.

    Args:
        logits: (N, 10).
        labels: (N,) 0 to 9.
        label: what the images show.
        guess: what they were read as.
        count: how many at most.
    """
    cell = np.flatnonzero((labels == label) & (logits.argmax(1) == guess))
    return _highest(cell, _log_probabilities(logits[cell])[:, guess], count)


def _log_probabilities(logits: Logits) -> NDArray[np.float64]:
    """Return the logarithms of the probabilities, finite also where those are too small for a float."""
    below_highest = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    logarithms: NDArray[np.float64] = below_highest - np.log(np.exp(below_highest).sum(axis=1, keepdims=True))
    return logarithms


def _highest(indices: NDArray[np.int64], scores: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return the `count` indices of the highest scores, highest first; of equal ones the first."""
    return indices[np.argsort(-scores, kind="stable")[:count]]
