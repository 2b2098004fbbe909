"""A map of a dataset: similar samples lie close together in the plane."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_demo.checks import finite_number
from mnist_demo.data.datasets import Split
from mnist_demo.errors import NotFoundError, SettingsError

PCA, TSNE = "pca", "t-sne"  # the layouts that there may be
CODES = 16  # principal components that are kept: more than nine hardly tell ten classes apart any better
PLACED_BY = 10  # samples by whose places on the map a new one is placed
MAX_CORNERS = 100  # of an outline
MAX_SAMPLES = {"train": 5_000, "test": 10_000}  # on a map: all of MNIST's test split, and some to learn from

Points = NDArray[np.float32]  # (N, 2), x to the right and y downwards, in [0, 1]


@dataclass(frozen=True, eq=False)
class Projection:
    """The principal components of vectors (Pearson, "On lines and planes of closest fit", 1901).

    Attributes:
        mean: (F,) float32.
        directions: (F, K) float32, orthonormal; the one along which the vectors vary most comes first.
    """

    mean: NDArray[np.float32]
    directions: NDArray[np.float32]

    @classmethod
    def fit(cls, vectors: NDArray[Any], count: int = CODES) -> "Projection":
        """Find the first `count` components of (N, F) vectors; fewer if the vectors have fewer numbers."""
        mean = vectors.mean(axis=0, dtype=np.float64)
        centred = vectors - mean
        directions = np.linalg.eigh(centred.T @ centred).eigenvectors[:, ::-1]  # it returns the smallest first
        return cls(mean.astype(np.float32), directions[:, :count].astype(np.float32))

    def apply(self, vectors: NDArray[Any]) -> NDArray[np.float32]:
        """Return the (N, K) components of (N, F) vectors."""
        centred: NDArray[np.float32] = vectors.astype(np.float32) - self.mean
        return centred @ self.directions


@dataclass(frozen=True, eq=False)
class SampleMap:
    """Samples of both splits, and where they lie.

    Attributes:
        indices: by the name of the split, which of its samples are on the map; all arrays below hold them in this
            order, one split after the other.
        projection: of what the map is made from.
        codes: (N, K) float, the components of each sample.
        layouts: (N, 2) places by the name of the layout: PCA, and TSNE if that was computed.
    """

    indices: Mapping[str, NDArray[np.integer[Any]]]
    projection: Projection
    codes: NDArray[np.floating[Any]]
    layouts: dict[str, Points]

    @classmethod
    def of(cls, indices: Mapping[str, NDArray[np.integer[Any]]], vectors: NDArray[Any]) -> "SampleMap":
        """Return the map of (N, F) vectors, of the samples at these indices, with the layout by PCA alone."""
        projection = Projection.fit(vectors)
        codes = projection.apply(vectors)
        return cls(indices, projection, codes, {PCA: fit_square(codes[:, :2])})

    def place(self, vector: NDArray[Any]) -> dict[str, tuple[float, float]]:
        """Return where one more sample belongs in each layout: among the samples that are most similar to it.

        It lies at the median of the places of its nearest neighbours, of which one in another cluster does not pull it
        into the void between. Source: Poličar, Stražar, Zupan, "Embedding to reference t-SNE space addresses batch
        effects in single-cell classification", Machine Learning 112, 2023.

        Args:
            vector: (F,), as those that the map is made from.
        """
        code = self.projection.apply(vector[np.newaxis])[0]
        squares = np.square(self.codes.astype(np.float32) - code).sum(axis=1)
        nearest = np.argsort(squares)[:PLACED_BY]
        medians = {name: np.median(points[nearest], axis=0) for name, points in self.layouts.items()}
        return {name: (float(x), float(y)) for name, (x, y) in medians.items()}

    def list_inside(self, split: str, layout: str, outline: list[tuple[float, float]]) -> NDArray[np.integer[Any]]:
        """Return the indices of the samples of a split that lie within an outline.

        Args:
            split: its name.
            layout: the name of a layout.
            outline: the corners of a polygon, which is closed from the last one to the first.

        Raises:
            NotFoundError: there is no such split.
            SettingsError: there is no such layout, or the outline is none.
        """
        if split not in self.indices:
            raise NotFoundError(f"there is no split {split!r:.50}, only {', '.join(self.indices)}")
        if layout not in self.layouts:
            raise SettingsError(f"layout: expected one of {', '.join(self.layouts)}, found {layout!r:.50}")
        if not 3 <= len(outline) <= MAX_CORNERS:
            raise SettingsError(f"outline: expected 3 to {MAX_CORNERS} corners, found {len(outline):,}")
        corners = np.array([[finite_number("outline", value) for value in corner] for corner in outline])
        first = sum(len(self.indices[name]) for name in list(self.indices)[: list(self.indices).index(split)])
        indices = self.indices[split]
        return indices[_are_inside(self.layouts[layout][first : first + len(indices)], corners)]


def choose_samples(splits: Mapping[str, Split]) -> dict[str, NDArray[np.int64]]:
    """Return the indices of the samples that come on the map of these splits, evenly spread over each."""
    counts = {name: min(len(split), MAX_SAMPLES[name]) for name, split in splits.items()}
    return {name: np.arange(count) * len(splits[name]) // count for name, count in counts.items()}


def fit_square(points: NDArray[np.floating[Any]]) -> Points:
    """Return points moved and scaled, both directions alike, so that they just fit into the unit square."""
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max()) or 1.0
    fitted: Points = ((points - (low + high) / 2) / side + 0.5).astype(np.float32)
    return fitted


def _are_inside(points: Points, corners: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which points lie within a polygon: a ray from there crosses its edges an odd number of times."""
    x, y = points[:, :1], points[:, 1:]
    (x1, y1), (x2, y2) = corners.T, np.roll(corners, -1, axis=0).T
    crosses = (y1 > y) != (y2 > y)  # (N, corners); a level edge crosses nothing, whatever is divided by zero below
    with np.errstate(divide="ignore", invalid="ignore"):
        is_right = x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
    inside: NDArray[np.bool_] = (crosses & is_right).sum(axis=1) % 2 == 1
    return inside
