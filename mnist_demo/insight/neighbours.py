"""Nearest neighbours among tens of thousands of vectors, exactly and in milliseconds.

Neighbours(load_split(train=True).images).nearest(drawing, 12)  # indices and distances of the most similar digits
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_demo.checks import whole_number
from mnist_demo.errors import ImageError

# In which the vectors vary most: 32 hold three quarters of the variance of MNIST's pixels, enough to rule out all but
# some hundred of 60,000 images.
DIRECTIONS = 32
SAMPLE = 5_000  # vectors from which the directions are found
CHUNK = 8_192  # vectors that are projected at a time
VERIFIED = 256  # vectors whose distance is computed at a time


class Neighbours:
    """Finds the nearest of many vectors, by their Euclidean distance.

    The distance in a few directions is never larger than that in all. So the vectors are visited in the order of the
    former, and the search ends where it exceeds the latter of the worst that was found: an exact answer, for which few
    of them are looked at whole. Source: Faloutsos et al., "Efficient and effective querying by image content", Journal
    of Intelligent Information Systems 3, 1994 (the lower-bounding lemma).

    Args:
        images: (N, ...) of numbers, each of which is taken for a vector: (N, 28, 28) uint8 pixels, or (N, F) float32
            outputs of a layer. They are kept, not copied.

    Raises:
        ImageError: there are none.
    """

    def __init__(self, images: NDArray[Any]) -> None:
        if not len(images) or not images[0].size:
            raise ImageError(f"expected images or vectors, found the shape {images.shape}")
        self._vectors = images.reshape(len(images), -1)
        some = self._vectors[:: max(1, len(images) // SAMPLE)].astype(np.float64)
        mean = some.mean(axis=0)
        _, vectors = np.linalg.eigh((some - mean).T @ (some - mean))
        self._mean = mean.astype(np.float32)
        self._directions = vectors[:, ::-1][:, :DIRECTIONS].astype(np.float32)  # orthonormal
        parts = np.array_split(self._vectors, -(-len(images) // CHUNK))
        self._projected = np.concatenate([self._project(part) for part in parts])
        self._norms = np.square(self._projected).sum(axis=1)

    def nearest(self, image: NDArray[Any], count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the nearest vectors, nearest first; of equally near ones the first.

        Args:
            image: of the shape of one of the images.
            count: how many; at most as many as there are.

        Returns:
            Their indices, and their distances in units of the vectors, (count,) each.

        Raises:
            ImageError: the image has another size.
            SettingsError: there are not so many.
        """
        count = whole_number("count", count, 1, len(self._vectors))
        if image.size != self._vectors.shape[1]:
            raise ImageError(f"expected an image of {self._vectors.shape[1]} values, found {image.size}")
        vector = image.reshape(-1).astype(np.float64)
        projected = self._project(vector[np.newaxis])[0]
        bounds = self._norms - 2 * (self._projected @ projected) + np.square(projected).sum()
        bounds -= 1e-4 * (self._norms + np.square(projected).sum())  # what float32 may have rounded up
        order = np.argsort(bounds)
        found, squares = np.empty(0, np.int64), np.empty(0)
        for start in range(0, len(order), VERIFIED):
            if len(found) == count and bounds[order[start]] > squares[-1]:
                break
            some = np.sort(order[start : start + VERIFIED])
            differences = self._vectors[some].astype(np.float64) - vector
            found = np.concatenate([found, some])
            squares = np.concatenate([squares, np.einsum("nf,nf->n", differences, differences)])
            best = np.lexsort((found, squares))[:count]
            found, squares = found[best], squares[best]
        return found, np.sqrt(squares)

    def _project(self, vectors: NDArray[Any]) -> NDArray[np.float32]:
        projected: NDArray[np.float32] = (vectors.astype(np.float32) - self._mean) @ self._directions
        return projected
