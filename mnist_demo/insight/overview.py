"""A dataset at a glance: how many samples a class has, what they look like on average, their ink and slant."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_demo.data.subject import CLASSES

SLICE = 4_096  # images that are measured at once: 13 MB as float

Images = NDArray[np.uint8]  # (N, 28, 28)


@dataclass(frozen=True, eq=False)
class Classes:
    """What the samples of each class look like.

    Attributes:
        counts: (10,) how many there are.
        means: (10, 28, 28) uint8, the mean picture; black of a class without samples.
        spreads: (10, 28, 28) uint8, the standard deviation of each pixel.
    """

    counts: NDArray[np.int64]
    means: NDArray[np.uint8]
    spreads: NDArray[np.uint8]


def summarize_classes(images: Images, labels: NDArray[np.integer[Any]]) -> Classes:
    """Return what the samples of each class look like; `labels` are (N,) from 0 to 9."""
    means, spreads = np.zeros((2, CLASSES, *images.shape[1:]), np.uint8)
    for label in np.unique(labels):
        chosen = images[labels == label]
        means[label] = np.rint(chosen.mean(axis=0))
        spreads[label] = np.rint(chosen.std(axis=0, dtype=np.float32))
    return Classes(np.bincount(labels, minlength=CLASSES), means, spreads)


def measure_ink(images: Images) -> NDArray[np.float32]:
    """Return how much of each picture is ink, (N,) in [0, 1]: the mean of its pixels, 1 for white."""
    ink: NDArray[np.float32] = images.mean(axis=(1, 2), dtype=np.float32) / 255
    return ink


def measure_slant(images: Images) -> NDArray[np.float32]:
    """Return the slant of each picture, (N,) in degrees: 0 is upright, positive leans to the right.

    It is the angle of the shear that takes the covariance of rows and columns out of the ink, as deskewing does
    (LeCun et al., Proceedings of the IEEE 86, 1998, section III). Pictures without ink, or of one row, have none.
    """
    slants = np.zeros(len(images), np.float32)
    rows, columns = np.mgrid[: images.shape[1], : images.shape[2]].reshape(2, -1).astype(np.float32)
    for start in range(0, len(images), SLICE):
        ink = images[start : start + SLICE].reshape(-1, rows.size).astype(np.float32)
        total = np.maximum(ink.sum(axis=1), 1)
        row, column = ink @ rows / total, ink @ columns / total
        height = ink @ rows**2 / total - row**2
        together = ink @ (rows * columns) / total - row * column
        shear = np.divide(-together, height, out=np.zeros_like(height), where=height > 1e-3)  # rows go downward
        slants[start : start + SLICE] = np.degrees(np.arctan(shear))
    return slants
