"""Pen strokes that the server takes and that are costly to read, each as the message of a pad.

The first three look like those of hostile_pictures.py. For benchmarks/abuse.py and the tests.
"""

import json
from collections.abc import Iterable

import numpy as np

from mnist_demo.reading.drawing import PAD
from mnist_demo.serving.routes.bodies import MAX_POINTS


def joined_parts(parts: int = 8) -> bytes:
    """Return wide zigzags, each of which may be joined digits."""
    step = PAD / parts
    heights = np.tile([0.2, 0.8], 4)[:7] * step + (PAD - step) / 2
    places = np.linspace(0.02, 0.98, 7) * step
    return _message(7, (np.stack([part * step + places, heights], 1) for part in range(parts)))


def dots(count: int = 28, rows: int = 2) -> bytes:
    """Return dots in rows."""
    step = PAD * rows / count
    places = (np.arange(count // rows) + 0.5) * step
    dots = ([[x, (row + 0.5) * PAD / rows]] for row in range(rows) for x in places)
    return _message(0.6 * step, map(np.array, dots))


def strokes(count: int = 20) -> bytes:
    """Return upright strokes side by side."""
    places = (np.arange(count) + 0.5) * PAD / count
    return _message(10, (np.array([[x, 300], [x, 700]]) for x in places))


def scribble(points: int = MAX_POINTS) -> bytes:
    """Return one stroke back and forth all over the pad, of as many points as there may be."""
    return _message(65, [np.random.default_rng(0).uniform(0, PAD, (points, 2))])


def _message(pen: float, strokes: Iterable[np.ndarray]) -> bytes:
    points = [stroke.round().astype(int).ravel().tolist() for stroke in strokes]
    return json.dumps({"pen": pen, "strokes": points}).encode()
