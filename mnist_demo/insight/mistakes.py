"""The errors of a trained network: confusion matrix, accuracy by class, worst mistakes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_demo.data.subject import CLASSES

Logits = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]


def probabilities_of(logits: Logits) -> NDArray[np.float64]:
    """Map (N, 10) logits to probabilities, (N, 10); each row sums to 1."""
    return np.exp(_log_probabilities(logits))


def confusion_matrix(labels: Labels, guesses: Labels) -> NDArray[np.int64]:
    """Count how often each class was predicted for each label.

    Args:
        labels: (N,) 0 to 9, the true classes.
        guesses: (N,) 0 to 9, the predicted classes.

    Returns:
        (10, 10): rows are labels, columns are predictions.
    """
    confusion = np.zeros((CLASSES, CLASSES), np.int64)
    np.add.at(confusion, (labels, guesses), 1)
    return confusion


def class_accuracy(confusion: NDArray[np.int64]) -> list[float | None]:
    """Return the accuracy in [0, 1] for each class; None for a class without images."""
    return [int(row[digit]) / int(row.sum()) if row.any() else None for digit, row in enumerate(confusion)]


def worst_mistakes(logits: Logits, labels: Labels, count: int) -> NDArray[np.int64]:
    """Return the indices of at most `count` misclassified images, highest loss first.

    Args:
        logits: (N, 10).
        labels: (N,) 0 to 9.
        count: how many at most.
    """
    mistakes = np.flatnonzero(logits.argmax(1) != labels)
    losses = -np.take_along_axis(_log_probabilities(logits[mistakes]), labels[mistakes, None], axis=1)[:, 0]
    return _highest(mistakes, losses, count)


def find_cell(logits: Logits, labels: Labels, label: int, guess: int, count: int) -> NDArray[np.int64]:
    """Return the indices of at most `count` images in one cell of the confusion matrix, most confident first.

    Args:
        logits: (N, 10).
        labels: (N,) 0 to 9.
        label: the true class.
        guess: the predicted class.
        count: how many at most.
    """
    cell = np.flatnonzero((labels == label) & (logits.argmax(1) == guess))
    return _highest(cell, _log_probabilities(logits[cell])[:, guess], count)


def _log_probabilities(logits: Logits) -> NDArray[np.float64]:
    """Return the log-probabilities, which stay finite even where the probabilities underflow."""
    below_highest = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    logarithms: NDArray[np.float64] = below_highest - np.log(np.exp(below_highest).sum(axis=1, keepdims=True))
    return logarithms


def _highest(indices: NDArray[np.int64], scores: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return the `count` indices with the highest scores, highest first; ties keep their order."""
    return indices[np.argsort(-scores, kind="stable")[:count]]
