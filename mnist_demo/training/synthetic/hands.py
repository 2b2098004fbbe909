"""Hands: how somebody writes, whatever they write.

hand = Hand.draw_lot(random)
hand.write(blend(DIGITS[2][0], DIGITS[2][1], 0.3), random)    # strokes, in the unit square or a little beyond
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_demo.reading.strokes import Stroke
from mnist_demo.training.synthetic.glyphs import Glyph

STEPS = 8  # points of a spline between two points of a glyph
POINTS = 48  # of a stroke once written, at equal distances


@dataclass(frozen=True, eq=False)
class Hand:
    """How somebody writes.

    Attributes:
        shape: (2, 2), the slant, turn and proportions of everything.
        looseness: standard deviation of where a point of a glyph comes to lie, as a share of its height.
        rounding: how many neighbours on either side a point is averaged with, so that corners become curves.
        tremor: standard deviation of the pen's shaking, as a share of the height.
    """

    shape: NDArray[np.float64]
    looseness: float
    rounding: int
    tremor: float

    @classmethod
    def draw_lot(cls, random: np.random.Generator) -> "Hand":
        """Return a random hand."""
        return cls(
            shape=random_shape(random),
            looseness=random.uniform(0.005, 0.045),
            rounding=int(random.choice([0, 0, 1, 2, 4])),
            tremor=float(random.choice([0, 0, 0.008, 0.015])),
        )

    def write(self, strokes: list[Stroke], random: np.random.Generator) -> list[Stroke]:
        """Return the strokes as this hand writes them, each of POINTS points."""
        written = []
        for stroke in strokes:
            path = _round_off(resample(stroke), self.rounding) + random.normal(0, self.looseness / 2, 2)
            written.append((path + random.normal(0, self.tremor, path.shape)) @ self.shape.T)
        return written


def random_shape(random: np.random.Generator, strength: float = 1.0) -> NDArray[np.float64]:
    """Return the (2, 2) matrix of a random slant, turn and proportions; with strength 0, of none."""
    turn, slant = strength * random.normal(0, 0.1), strength * random.normal(0.1, 0.2)
    narrowing = random.uniform(0.55, 1.15) ** strength
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    shape: NDArray[np.float64] = rotation @ np.array([[1, -slant], [0, 1]]) @ np.diag([narrowing, 1])
    return shape


def trace_glyph(glyph: Glyph, looseness: float, random: np.random.Generator) -> list[Stroke]:
    """Return smooth lines through the points of a glyph, each of which lies where the hand happened to put it."""
    lines = []
    for stroke in glyph:
        moved: dict[tuple[float, float], NDArray[np.float64]] = {}
        for point in stroke:  # a corner is a repeated point, and must stay one
            moved.setdefault(point, np.array(point) + random.normal(0, looseness, 2))
        lines.append(smooth(np.array([moved[point] for point in stroke])))
    return lines


def blend(first: list[Stroke], second: list[Stroke], share: float) -> list[Stroke]:
    """Return strokes between two ways of writing the same digit with as many strokes; with share 0, the first."""
    between = []
    for one, other in zip(first, second, strict=True):
        start, end = resample(one), resample(other)
        if np.abs(start - end[::-1]).sum() < np.abs(start - end).sum():  # written in the other direction
            end = end[::-1]
        between.append(start + share * (end - start))
    return between


def smooth(stroke: Stroke) -> Stroke:
    """Return a Catmull-Rom spline (Catmull and Rom 1974) through the points of a stroke."""
    points = np.asarray(stroke, np.float64)
    before, after = np.vstack([points[:1], points[:-2]]), np.vstack([points[2:], points[-1:]])
    start, end = points[:-1], points[1:]
    t = np.linspace(0, 1, STEPS, endpoint=False)[:, None, None]
    curve = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    lengthy = (start != end).any(axis=1)  # the two points of a corner coincide: nothing to draw in between
    return np.vstack([curve.transpose(1, 0, 2)[lengthy].reshape(-1, 2), points[-1:]])


def resample(stroke: Stroke) -> Stroke:
    """Return POINTS points at equal distances along a stroke."""
    lengths = np.concatenate([[0], np.hypot(*np.diff(stroke, axis=0).T).cumsum()])
    places = np.linspace(0, lengths[-1], POINTS)
    return np.stack([np.interp(places, lengths, stroke[:, axis]) for axis in (0, 1)], axis=1)


def _round_off(stroke: Stroke, neighbours: int) -> Stroke:
    """Average each point with its neighbours on either side; at the ends, with as many as there are."""
    places = np.arange(len(stroke))
    spans = np.minimum(neighbours, np.minimum(places, places[::-1]))
    sums = np.vstack([np.zeros((1, 2)), stroke.cumsum(axis=0)])
    rounded: Stroke = (sums[places + spans + 1] - sums[places - spans]) / (2 * spans + 1)[:, None]
    return rounded
