"""Synthetic drawings: pen strokes rendered as ink, with the variation of different hands and pens.

make_digit(generator)    # (ink, digit)
make_other(generator)    # ink of a non-digit
make_drawings(100)       # half and half, each prepared as network input
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnist_demo.reading.normalisation import normalise
from mnist_demo.reading.pictures import Grey
from mnist_demo.training.synthetic.glyphs import DIGITS, Glyph, Stroke
from mnist_demo.training.synthetic.other_glyphs import OTHERS

Line = NDArray[np.float64]  # (points, 2): x, y

NO_DIGIT = 10  # the label
CANVAS = 96  # px
MARGIN = 16  # px around the drawing, room for the pen
STEPS = 8  # points of a spline between two points of a stroke


def make_drawings(count: int, seed: int = 0) -> Iterator[tuple[Grey, int]]:
    """Yield (28, 28) network inputs, alternating digits and non-digits, with their labels.

    The label of non-digits is 10. The same seed gives the same drawings.
    """
    random = np.random.default_rng(seed)
    for number in range(count):
        ink, label = make_digit(random) if number % 2 == 0 else (make_other(random), NO_DIGIT)
        yield normalise(ink), label


def make_digit(random: np.random.Generator) -> tuple[Grey, int]:
    """Return the ink (96, 96) of a random digit in a random style, and which digit it is."""
    digit = int(random.integers(10))
    glyphs = DIGITS[digit]
    return draw(vary(glyphs[random.integers(len(glyphs))], random), random), digit


def make_other(random: np.random.Generator) -> Grey:
    """Return ink, (96, 96) or wider, of a non-digit: a letter, a picture, a scribble, blots or two digits."""
    kind = random.random()
    if kind < 0.45:
        return draw(vary(OTHERS[random.integers(len(OTHERS))], random), random)
    if kind < 0.65:
        return draw([_scribble(random) for _ in range(random.integers(1, 4))], random)
    if kind < 0.85:
        return _blots(random)
    left, right = make_digit(random)[0], make_digit(random)[0]  # two digits are not a digit
    return np.concatenate([left[:, 10:-14], right[:, 14:-10]], axis=1)


def smooth(stroke: Stroke) -> Line:
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


def vary(glyph: Glyph, random: np.random.Generator) -> list[Line]:
    """Return the glyph in random handwriting: points jittered, stretched, slanted, rotated, with a tremor."""
    looseness = random.uniform(0.005, 0.04)
    turn, slant = random.normal(0, 0.1), random.normal(0.1, 0.2)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.array([[1, -slant], [0, 1]])
    matrix = matrix @ np.diag([random.uniform(0.55, 1.15), 1])
    tremor = random.choice([0, 0, 0.008, 0.015])
    paths = []
    for stroke in glyph:
        moved: dict[tuple[float, float], NDArray[np.float64]] = {}
        for point in stroke:  # a corner is a repeated point, and must stay one
            moved.setdefault(point, np.array(point) + random.normal(0, looseness, 2))
        path = smooth([tuple(moved[point]) for point in stroke]) + random.normal(0, looseness / 2, 2)
        paths.append((path + random.normal(0, tremor, path.shape) if tremor else path) @ matrix.T)
    return paths


def draw(paths: list[Line], random: np.random.Generator) -> Grey:
    """Return the ink (96, 96) of paths, scaled to fit, drawn with a pen of random width."""
    points = np.concatenate(paths)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (CANVAS - 2 * MARGIN) / max((high - low).max(), 1e-6)
    offset = (CANVAS - (low + high) * scale) / 2
    return trace([path * scale + offset for path in paths], CANVAS, random.uniform(3, 14))


def trace(paths: list[Line], side: int, pen: float) -> Grey:
    """Return the ink (side, side) of paths in px, drawn with a round pen `pen` px wide."""
    picture = Image.new("L", (side, side))
    canvas = ImageDraw.Draw(picture)
    for path in paths:
        places = [(float(x), float(y)) for x, y in path]
        canvas.line(places, fill=255, width=round(pen))
        for x, y in places:  # round joints, because Pillow's own leave gaps where a broad pen turns
            canvas.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)
    return np.asarray(picture)


def _scribble(random: np.random.Generator) -> Line:
    """Return a random walk of the pen, in which each step partly keeps its direction."""
    steps = int(random.integers(20, 60))  # with fewer it could be a digit
    turns = random.normal(random.choice([0.0, 0.5, -0.5]), random.uniform(0.6, 1.5), steps)
    direction = np.cumsum(turns)
    path = np.cumsum(np.stack([np.cos(direction), np.sin(direction)], axis=1), axis=0)
    stretched: Line = path * random.uniform(0.5, 2, 2)
    return smooth([(float(x), float(y)) for x, y in stretched])


def _blots(random: np.random.Generator) -> Grey:
    """Return one to four filled shapes."""
    picture = Image.new("L", (CANVAS, CANVAS))
    canvas = ImageDraw.Draw(picture)
    for _ in range(random.integers(1, 5)):
        centre, radius = random.uniform(28, 68, 2), random.uniform(6, 24) * random.uniform(0.8, 1.25, 2)
        corners = int(random.choice([3, 4, 5, 24]))
        angles = np.sort(random.uniform(0, 2 * np.pi, corners)) if corners < 6 else np.linspace(0, 2 * np.pi, corners)
        shape = centre + np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius
        canvas.polygon([(float(x), float(y)) for x, y in shape], fill=255)
    canvas.ellipse((46, 46, 50, 50), fill=255)  # so that there is always some ink
    return np.asarray(picture)
