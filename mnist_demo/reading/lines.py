"""The ink of a page -> its lines of parts, from top to bottom.

Parts are in the same line if they stand beside one another: each is linked to its nearest neighbour, so that a slanted
line holds together although its ends are at different heights. What a pen broke in two, one above the other, is joined
first, if the result is no taller than its line.
"""

import numpy as np
from numpy.typing import NDArray

from mnist_demo.reading.connected import Components, join
from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.segmentation import LOW, SHARED_COLUMNS, SPECK, Piece, find_parts

MAX_PAGE_PARTS = 160  # a page of twenty numbers of up to eight digits; bounds the running time
BESIDE = 0.5  # of the lower of two parts: those that share this many rows stand beside one another
BREAK = 0.25  # of the taller of two parts: a gap between two lines is wider than one within a digit
MAX_HEIGHT = 1.3  # line heights of a digit in two parts; two lines have more than two

Matrix = NDArray[np.bool_]


def find_lines(ink: Grey, components: Components) -> list[list[Piece]]:
    """Return the lines of a page from top to bottom, each as its parts from left to right.

    Args:
        ink: (H, W) uint8.
        components: its connected components.

    A page full of things holds no numbers: if there are more than 160 parts, or 20 in one line, none is returned.
    """
    if not len(components.areas):
        return []
    members = np.flatnonzero(components.areas >= SPECK * components.areas.max())
    if len(members) > MAX_PAGE_PARTS:
        return []
    lines = [find_parts(ink, components, members[line]) for line in group_into_lines(components.boxes[members])]
    return lines if all(lines) else []


def group_into_lines(boxes: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the indices of the boxes in each line, from top to bottom.

    Args:
        boxes: (N, 4) top, left, bottom and right of each part.
    """
    links = _find_neighbours(boxes)
    firsts, seconds = np.nonzero(links | _find_broken(boxes, _line_height(boxes, links)))
    home = np.array(join(len(boxes), firsts.tolist(), seconds.tolist()))
    lines = _gather_marks([np.flatnonzero(home == line) for line in np.unique(home)], boxes)
    return sorted(lines, key=lambda line: float(boxes[line][:, [0, 2]].mean()))


def _gather_marks(lines: list[NDArray[np.int64]], boxes: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the lines, with those that have no part as tall as a digit joined to the nearest line."""
    is_tall = _are_tall(boxes)
    kept = [line for line in lines if is_tall[line].any()]
    for marks in (line for line in lines if not is_tall[line].any()):
        middle = boxes[marks][:, [0, 2]].mean()
        distances = [np.abs(boxes[line][:, [0, 2]] - middle).min() for line in kept]
        nearest = int(np.argmin(distances))
        kept[nearest] = np.append(kept[nearest], marks)
    return kept


def _find_neighbours(boxes: NDArray[np.int64]) -> Matrix:
    """Return (N, N) whether the second part is the nearest digit to the right that stands beside the first.

    A mark between two digits does not come between them: it is no one's neighbour.
    """
    heights = boxes[:, 2] - boxes[:, 0]
    centres = boxes[:, 1] + boxes[:, 3]
    beside = _shared(boxes[:, 0], boxes[:, 2]) >= BESIDE * np.minimum.outer(heights, heights)
    ahead = centres - centres[:, None]
    distances = np.where(beside & _are_tall(boxes) & (ahead >= 0) & ~np.eye(len(boxes), dtype=bool), ahead, np.inf)
    nearest: Matrix = (distances == distances.min(axis=1, keepdims=True)) & np.isfinite(distances)
    return nearest


def _line_height(boxes: NDArray[np.int64], links: Matrix) -> float:
    """Return the median height of the parts that have a neighbour, bars and dots apart; infinite if none has."""
    heights, is_tall = boxes[:, 2] - boxes[:, 0], _are_tall(boxes)
    has_tall_neighbour = ((links | links.T) & is_tall).any(axis=1)
    standing = heights[is_tall & has_tall_neighbour]
    return float(np.median(standing)) if len(standing) else np.inf


def _find_broken(boxes: NDArray[np.int64], line_height: float) -> Matrix:
    """Return (N, N) whether two parts, one above the other, are one digit."""
    tops, lefts, bottoms, rights = boxes.T
    heights, widths = bottoms - tops, rights - lefts
    over = _shared(lefts, rights) >= SHARED_COLUMNS * np.minimum.outer(widths, widths)
    near = -_shared(tops, bottoms) <= BREAK * np.maximum.outer(heights, heights)
    together = np.maximum.outer(bottoms, bottoms) - np.minimum.outer(tops, tops)
    broken: Matrix = over & near & (together <= MAX_HEIGHT * line_height)
    return broken


def _are_tall(boxes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return (N,) whether each part may be a digit, and is no bar, dot or other mark."""
    heights = boxes[:, 2] - boxes[:, 0]
    tall: NDArray[np.bool_] = heights >= LOW * heights.max()
    return tall


def _shared(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (N, N) the length that two spans share; negative where there is a gap between them."""
    shared: NDArray[np.int64] = np.minimum.outer(ends, ends) - np.maximum.outer(starts, starts)
    return shared
