"""The ink of a line -> candidate digits, and the most likely segmentation.

    ink -> find_parts -> cut parts that are not a digit as a whole -> list_candidates -> choose_path

Heuristic over-segmentation, LeCun et al., Proc. IEEE 86(11), 1998, section V: the ink is cut into more pieces than
there are digits, every run of neighbouring pieces may be a digit, and the network's scores decide.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mnist_demo.reading.connected import Components
from mnist_demo.reading.normalisation import measure_weight
from mnist_demo.reading.pictures import Grey

Box = tuple[int, int, int, int]

SPECK = 0.02  # of the area of the largest part
LOW = 0.35  # of the tallest part's height: a lower part is not a digit by itself, but may be the bar of a 5
SHARED_COLUMNS = 0.4  # of the narrower of two parts: those that overlap this much are one digit, like a 5 and its bar
MIN_SLICE = 0.2  # of the height: the minimum width of a slice of touching digits
MAX_CUTS = 3  # in one part
THIN = 2.4  # pen widths: the most ink in a column at which touching digits are cut
MAX_PIECES = 4  # in one digit
MAX_DIGIT_WIDTH = 1.5  # of the height of the number
# Penalties of a segmentation in nats, on top of the network's scores.
GAP_COST = 3.0  # merging two tall parts with a gap between them into one digit
CUT_COST = 2.0  # splitting one part into two digits
LEAVE_OUT_COST = 4.0  # treating a low part as not belonging to any digit
MAX_PARTS = 20  # in one line; a line of text has more
# Bounds on the running time; numbers of five touching or overlapping digits have up to 12 pieces and 38 candidates.
MAX_CUT_PARTS = 8  # longer numbers are not searched for touching digits
MAX_ALL_PIECES = 20
MAX_CANDIDATES = 40
# The width of a part of a number, as a share of the number's height:
WIDE = 1.0  # above: may be two digits, however well it reads as one
SLIM = 0.6  # up to: always one digit, however badly it reads


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of the ink: a digit, or a part of one.

    Attributes:
        ink: (H, W) uint8, cropped.
        left, top: position of the crop in the picture, in px.
        is_cut: it was cut from the piece before it.
    """

    ink: Grey
    left: int
    top: int
    is_cut: bool = False

    def box(self) -> Box:
        """Return left, top, right and bottom, the latter two one past the last pixel."""
        height, width = self.ink.shape
        return self.left, self.top, self.left + width, self.top + height


@dataclass(frozen=True)
class Candidate:
    """The pieces from `first` up to, but not including, `end` as one digit, or a low piece as no digit.

    Attributes:
        piece: their ink.
        cost: penalty in nats.
        is_digit: False if it is left out.
        is_cut: it was cut from a larger part.
    """

    first: int
    end: int
    piece: Piece
    cost: float = 0.0
    is_digit: bool = True
    is_cut: bool = False


def find_parts(ink: Grey, parts: Components, line: NDArray[np.int64]) -> list[Piece]:
    """Return the parts of a number from left to right: connected components, merged where one is above another.

    Args:
        ink: (H, W) uint8.
        parts: its connected components.
        line: (N,) the indices of those in the line of the number, at least one.

    A line full of things is not a number: if there are more than 20 parts, none is returned.
    """
    groups = _group_by_columns(parts.boxes[line], parts.areas[line])
    return [_cut_out(ink, parts, line[group].tolist()) for group in groups]


def measure_widths(parts: list[Piece]) -> list[float]:
    """Return the width of each part as a share of the height of the tallest part."""
    height = max((part.ink.shape[0] for part in parts), default=1)
    return [part.ink.shape[1] / height for part in parts]


def may_be_several(width: float, is_legible: bool) -> bool:
    """Return whether a part of a number may be touching digits: it is wide, or neither slim nor legible as a whole."""
    return width > WIDE or (width > SLIM and not is_legible)


def cut_parts(parts: list[Piece], are_legible: list[bool]) -> list[Piece]:
    """Return the parts, with those that may be several digits cut into slices; at most 20 pieces in all."""
    if len(parts) > MAX_CUT_PARTS:
        return parts
    widths = measure_widths(parts)
    slices = [[part] for part in parts]
    for index in sorted(range(len(parts)), key=lambda index: -widths[index]):  # the widest first
        if may_be_several(widths[index], are_legible[index]):
            found = cut(parts[index])
            if sum(map(len, slices)) - 1 + len(found) <= MAX_ALL_PIECES:
                slices[index] = found
    return [piece for pieces in slices for piece in pieces]


def cut(part: Piece) -> list[Piece]:
    """Cut a part where its columns have the least ink; most single digits get cut as well."""
    height, width = part.ink.shape
    margin = max(2, round(MIN_SLICE * height))
    columns = (part.ink > 127).sum(axis=0)
    limit = THIN * measure_weight(part.ink)
    places: list[int] = []
    for column in np.argsort(columns[margin:-margin], kind="stable") + margin:
        if columns[column] > limit or len(places) == MAX_CUTS:
            break
        if all(abs(int(column) - place) >= margin for place in places):
            places.append(int(column))
    return [_slice(part, start, end) for start, end in pairwise([0, *sorted(places), width])]


def list_candidates(pieces: list[Piece]) -> list[Candidate]:
    """Return the runs of neighbouring pieces that may be one digit: every single piece, and at most 40 in all.

    If there are more, the longest runs are dropped first, and among these the ones with the highest cost.
    """
    height = max((piece.ink.shape[0] for piece in pieces), default=0)
    is_tall = [piece.ink.shape[0] >= LOW * height for piece in pieces]
    runs = []  # (pieces, cost, first, whether it is a digit)
    for first, piece in enumerate(pieces):
        cost = CUT_COST if piece.is_cut else 0.0
        runs.append((1, cost, first, True) if is_tall[first] else (1, LEAVE_OUT_COST, first, False))
        left, right = piece.left, piece.left
        for last in range(first, min(first + MAX_PIECES, len(pieces))):
            left, right = min(left, pieces[last].left), max(right, pieces[last].left + pieces[last].ink.shape[1])
            if last == first:
                continue
            if is_tall[last] and any(is_tall[first:last]) and not pieces[last].is_cut:
                cost += GAP_COST
            if right - left <= MAX_DIGIT_WIDTH * height:
                runs.append((last - first + 1, cost, first, True))
    runs = sorted(runs)[: max(MAX_CANDIDATES, len(pieces))]
    return [
        Candidate(
            first,
            first + count,
            _merge(pieces[first : first + count]),
            cost,
            is_digit,
            is_cut=any(piece.is_cut for piece in (pieces[first], *pieces[first + count : first + count + 1])),
        )
        for count, cost, first, is_digit in sorted(runs, key=lambda run: (run[2], run[0]))
    ]


def drop_hopeless(candidates: list[Candidate], scores: list[float]) -> list[Candidate]:
    """Return the candidates that may be on the best path; on a page of clear digits these are few.

    A run of pieces has no place there if it would cost more than its pieces one by one, even if it were read for sure.

    Args:
        candidates: in any order.
        scores: for each single piece, in order, the log-probability of its digit less its cost.
    """
    return [
        candidate
        for candidate in candidates
        if candidate.end - candidate.first == 1 or -candidate.cost > sum(scores[candidate.first : candidate.end])
    ]


def choose_path(candidates: list[Candidate], scores: NDArray[np.float64], pieces: int) -> list[int]:
    """Return the indices of the digits on the best path: candidates that cover all pieces once, with the highest score.

    Args:
        candidates: these must include every single piece.
        scores: for each, the log-probability of its predicted digit; the costs are subtracted.
        pieces: how many there are.
    """
    best: list[tuple[float, list[int]]] = [(0.0, []), *((-np.inf, []) for _ in range(pieces))]
    for index in sorted(range(len(candidates)), key=lambda index: candidates[index].first):
        candidate = candidates[index]
        so_far, path = best[candidate.first]
        total = so_far - candidate.cost + (float(scores[index]) if candidate.is_digit else 0.0)
        if total > best[candidate.end][0]:
            best[candidate.end] = total, [*path, index] if candidate.is_digit else path
    return best[pieces][1]


def _group_by_columns(boxes: NDArray[np.int64], areas: NDArray[np.int64]) -> list[list[int]]:
    """Group parts that overlap horizontally, from left to right, without specks; empty if there are too many."""
    groups: list[list[int]] = []
    spans: list[tuple[int, int]] = []
    order = np.argsort(boxes[:, 1])
    for part in order[areas[order] >= SPECK * areas.max()].tolist():
        if len(groups) > MAX_PARTS:
            return []
        left, right = int(boxes[part, 1]), int(boxes[part, 3])
        shared = [min(right, end) - max(left, start) for start, end in spans]
        narrower = [min(right - left, end - start) for start, end in spans]
        home = next((i for i in reversed(range(len(spans))) if shared[i] >= SHARED_COLUMNS * narrower[i]), None)
        if home is None:
            groups.append([part])
            spans.append((left, right))
        else:
            groups[home].append(part)
            spans[home] = min(left, spans[home][0]), max(right, spans[home][1])
    return groups


def _cut_out(ink: Grey, parts: Components, group: list[int]) -> Piece:
    """Crop the parts of a group, without the ink of other parts in the same box."""
    top, left = parts.boxes[group, :2].min(axis=0)
    bottom, right = parts.boxes[group, 2:].max(axis=0)
    window = np.s_[top:bottom, left:right]
    is_other = np.ones(len(parts.areas) + 1, np.bool_)
    is_other[[0, *(part + 1 for part in group)]] = False
    others = is_other[parts.labels[window]]
    return Piece(np.where(others, 0, ink[window]).astype(np.uint8), int(left), int(top))


def _slice(part: Piece, start: int, end: int) -> Piece:
    """Return the columns from `start` up to, but not including, `end`, cropped to the rows that have ink."""
    columns = part.ink[:, start:end]
    rows = np.flatnonzero((columns > 127).any(axis=1))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    return Piece(columns[top:bottom], part.left + start, part.top + top, is_cut=start > 0)


def _merge(pieces: list[Piece]) -> Piece:
    """Merge neighbouring pieces into one."""
    if len(pieces) == 1:
        return pieces[0]
    boxes = np.array([piece.box() for piece in pieces])
    left, top = boxes[:, :2].min(axis=0)
    right, bottom = boxes[:, 2:].max(axis=0)
    field = np.zeros((bottom - top, right - left), np.uint8)
    for piece, (start, upper, end, lower) in zip(pieces, boxes, strict=True):
        window = field[upper - top : lower - top, start - left : end - left]
        np.maximum(window, piece.ink, out=window)
    return Piece(field, int(left), int(top))
