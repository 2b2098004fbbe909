"""Connected components of a picture, found from the runs of ink in its rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Components:
    """The N connected components of a picture (8-connectivity), from the top.

    Attributes:
        labels: (H, W) int32, 0 where there is no ink, else 1 to N.
        areas: (N,) pixels in each.
        boxes: (N, 4) int: top, left, bottom, right; the latter two are one past the last pixel.
    """

    labels: NDArray[np.int32]
    areas: NDArray[np.int64]
    boxes: NDArray[np.int64]


def find_ink_components(ink: NDArray[np.uint8]) -> Components:
    """Return the connected components of (H, W) ink, thresholded at half."""
    return find_components(ink > 127)


def find_components(mask: NDArray[np.bool_]) -> Components:
    """Return the connected components of an (H, W) boolean mask.

    Source: Rosenfeld and Pfaltz, "Sequential operations in digital picture processing", J. ACM 13(4), 1966, with runs
    in place of pixels: runs that touch in neighbouring rows get the same label.
    """
    stride = mask.shape[1] + 2  # with an empty pixel at each end, no run continues in the next row
    edges = np.flatnonzero(np.diff(np.pad(mask, ((0, 0), (1, 1))).ravel().view(np.int8)))
    starts, ends = edges[::2] + 1, edges[1::2] + 1  # the end is one past the last pixel
    above, below = _touching(starts, ends, stride)
    kinds, parts = np.unique(join(len(starts), above.tolist(), below.tolist()), return_inverse=True)
    lengths = ends - starts
    labels = np.zeros(mask.shape, np.int32)
    labels[mask] = np.repeat(parts + 1, lengths)
    rows, lefts = np.divmod(starts, stride)
    areas, tops, left_ends = (np.zeros(len(kinds), np.int64) for _ in range(3))
    bottoms, right_ends = np.zeros_like(areas), np.zeros_like(areas)
    tops[:], left_ends[:] = mask.shape
    np.add.at(areas, parts, lengths)
    np.minimum.at(tops, parts, rows)
    np.maximum.at(bottoms, parts, rows + 1)
    np.minimum.at(left_ends, parts, lefts - 1)
    np.maximum.at(right_ends, parts, lefts - 1 + lengths)
    return Components(labels, areas, np.stack([tops, left_ends, bottoms, right_ends], axis=1))


def _touching(
    starts: NDArray[np.int64], ends: NDArray[np.int64], stride: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of runs that touch, as the upper and the lower run of each pair."""
    first = np.searchsorted(ends, starts + stride, side="left")
    last = np.searchsorted(starts, ends + stride, side="right")
    counts = np.maximum(last - first, 0)
    above = np.repeat(np.arange(len(starts)), counts)
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return above, np.repeat(first, counts) + offsets


def join(count: int, firsts: list[int], seconds: list[int]) -> list[int]:
    """Union-find: return for each of `count` things the first one that it is joined to by pairs of linked things.

    A Python loop: for the few hundred runs of a drawing it is faster than repeated passes over whole arrays.
    """
    parents = list(range(count))

    def root(thing: int) -> int:
        while parents[thing] != thing:
            parents[thing] = thing = parents[parents[thing]]  # path halving
        return thing

    for first, second in zip(firsts, seconds, strict=True):
        low, high = sorted((root(first), root(second)))
        parents[high] = low
    return [root(thing) for thing in range(count)]
