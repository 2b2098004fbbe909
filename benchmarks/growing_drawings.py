"""Digits as they grow along their strokes on the pad, and what the pad sends of them."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from mnist_demo.reading.drawing import PAD
from mnist_demo.reading.strokes import Stroke, render
from mnist_demo.training.synthetic.glyphs import DIGITS
from mnist_demo.training.synthetic.hands import smooth

STAGES = 10  # of one drawing, from its beginning to the whole
PEN = 65  # its width in thousandths of the pad: the pad's medium one
TOLERANCE = 2  # the same: how far from the lines that are sent a point may lie
SIDE = 280  # px of a drawing as a picture


@dataclass(frozen=True)
class Stage:
    """A drawing at one moment, as bytes: the message with its strokes that our pad sends, and a PNG of 280x280."""

    message: bytes
    picture: bytes


def make_drawings() -> list[tuple[list[Stage], int]]:
    """Return drawings as they grow, the last stage whole; and the digit of each."""
    drawings = []
    for digit in DIGITS:
        strokes = trace(digit)
        drawings.append(([_make_stage(_begin(strokes, share)) for share in np.linspace(1 / STAGES, 1, STAGES)], digit))
    return drawings


def trace(digit: int, left: float = 270, width: float = 460) -> list[Stroke]:
    """Return the strokes of a digit that fills a part of the pad, in thousandths of its side."""
    size = np.array([width, 640 * width / 460])
    return [np.array([left, (PAD - size[1]) / 2]) + size * smooth(np.array(stroke)) for stroke in DIGITS[digit][0]]


def write_message(strokes: Sequence[Stroke]) -> bytes:
    """Return what the pad sends, as writeMessage of ui/components/draw_pad/message.js does."""
    points = [np.floor(thin(stroke) + 0.5).astype(int).ravel().tolist() for stroke in strokes]
    return json.dumps({"pen": PEN, "strokes": points}, separators=(",", ":")).encode()


def thin(stroke: Stroke) -> Stroke:
    """Return a stroke without the points near the lines between those that stay, as thinning.js beside it does."""
    start, end = stroke[0], stroke[-1]
    along = end - start
    share = ((stroke - start) @ along / (along @ along or 1)).clip(0, 1)
    distances = np.hypot(*(stroke - start - share[:, np.newaxis] * along).T)
    farthest = distances.argmax()
    if distances[farthest] <= TOLERANCE:
        return stroke[[0, -1]][: len(stroke)]  # a dot has one point
    return np.vstack([thin(stroke[: farthest + 1])[:-1], thin(stroke[farthest:])])


def _begin(strokes: Sequence[Stroke], share: float) -> list[Stroke]:
    """Return the beginning of a drawing, that share of its points."""
    left = round(share * sum(map(len, strokes)))
    begun = []
    for stroke in strokes:
        begun += [stroke[:left]] if left > 0 else []
        left -= len(stroke)
    return begun


def _make_stage(strokes: Sequence[Stroke]) -> Stage:
    levels = render([stroke * SIDE / PAD for stroke in strokes], PEN * SIDE / PAD, (SIDE, SIDE))
    picture = BytesIO()
    Image.fromarray(levels).save(picture, "PNG")
    return Stage(write_message(strokes), picture.getvalue())
