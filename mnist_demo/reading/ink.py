"""A picture -> the ink in it, found by a small network (networks/inkfinder.py).

    grey -> look at the whole -> enlarge what was found, and look again -> ink

The first look tells where something is written, the second how it looks.
"""

import functools
from dataclasses import dataclass

import numpy as np
import torch

from mnist_demo.networks.checkpoints import WEIGHTS, load_ink_finder
from mnist_demo.networks.inkfinder import InkFinder
from mnist_demo.reading.canvas import INNER, Canvas, Region, lay_out
from mnist_demo.reading.connected import find_components
from mnist_demo.reading.hairlines import thicken_hairlines
from mnist_demo.reading.normalisation import has_ink
from mnist_demo.reading.pictures import Grey

# The longer side of the picture in px of the canvas: once that nothing was found, finer looks may find something small.
LOOKS = INNER, 2 * INNER, 4 * INNER
MARGIN = 0.2  # of the height of what was found, around it
BLUR = 3  # px of the canvas: how much of something small may be missing
HEIGHT = INNER / (1 + 2 * MARGIN)  # px of the canvas: how tall the digits of a line should be
CLOSE = 0.7  # of that height: large enough for the last look
MAX_LOOKS = 3
LONG, LONGEST = 1.6, 4  # times as long as wide: more than a digit; more than the line that fits a look
UNSURE = 64  # of 255: what may be ink is worth another look beside what certainly is
LEAST_SHARE = 0.05  # of the area of the largest component: anything smaller does not say where the writing is
FLAT = 3  # times as wide as high is a dash rather than a line of touching digits
MAX_CANVAS = 400_000  # px, which take 40 ms: a page


@dataclass(frozen=True, eq=False)
class Ink:
    """The ink of a picture, at the scale at which its digits are best seen.

    Attributes:
        levels: (H, W) uint8: 255 where the pen was, 0 elsewhere, 127 at the edge of a stroke.
        left, top: position of its corner in the picture, in px of the picture.
        scale: px of the ink per px of the picture.
        looks: the canvases and what was found on each, for display.
    """

    levels: Grey
    left: float
    top: float
    scale: float
    looks: tuple[Grey, ...] = ()

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """Return the place in the picture of a place in the ink."""
        return self.left + x / self.scale, self.top + y / self.scale


def find_ink(grey: Grey) -> Ink:
    """Return the ink of a (H, W) picture; all 0 if there is none."""
    ink = _find(grey)
    if has_ink(ink.levels) or (drawing := thicken_hairlines(grey)) is None:
        return ink
    thick = _find(drawing.grey)
    left, top = drawing.left + thick.left * drawing.factor, drawing.top + thick.top * drawing.factor
    return Ink(thick.levels, left, top, thick.scale / drawing.factor, ink.looks + thick.looks)


def _find(grey: Grey) -> Ink:
    ink = _search(grey)
    looks = [ink.levels]
    while has_ink(ink.levels) and len(looks) < MAX_LOOKS and (closer := _closer(ink, grey.shape)) is not None:
        ink = _look(lay_out(grey, *closer))
        looks.append(ink.levels)
    return Ink(ink.levels, ink.left, ink.top, ink.scale, tuple(looks))


def _search(grey: Grey) -> Ink:
    """Look at the whole picture, finer and finer as long as nothing is found."""
    height, width = grey.shape
    for side in LOOKS:
        scale = _fit(height, width, side)
        ink = _look(lay_out(grey, (0, 0, width, height), scale))
        if has_ink(ink.levels) or 2 * scale > 1:
            break
    return ink


def _fit(height: int, width: int, side: int) -> float:
    """Return the scale at which a picture fits `side` px; of one that is long, like a line, the shorter side fits."""
    longer, shorter = max(height, width), min(height, width)
    return side / longer if longer <= LONG * shorter else min(side / shorter, LONGEST * side / longer)


def _closer(ink: Ink, shape: tuple[int, ...]) -> tuple[Region, float] | None:
    """Return the region of what was found, and the scale for the next look; None if this one was close enough."""
    components = find_components(ink.levels > UNSURE)
    boxes = components.boxes[components.areas >= LEAST_SHARE * components.areas.max()]
    heights, widths = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    height = float(np.maximum(heights, widths / FLAT).max()) + BLUR
    is_number = np.count_nonzero(heights >= height / 2) > 1  # a thin 1 at either end may not have been found yet
    margins = np.array([1.0 if is_number else MARGIN, MARGIN]) * height + BLUR
    left, top = ink.to_picture(*(boxes[:, [1, 0]].min(axis=0) - margins))
    right, bottom = ink.to_picture(*(boxes[:, [3, 2]].max(axis=0) + margins))
    region = (
        max(0, int(np.floor(left))),
        max(0, int(np.floor(top))),
        min(shape[1], int(np.ceil(right))),
        min(shape[0], int(np.ceil(bottom))),
    )
    area = (region[2] - region[0]) * (region[3] - region[1])
    scale = min(ink.scale * HEIGHT / height, (MAX_CANVAS / area) ** 0.5)
    return (region, scale) if ink.scale < CLOSE * scale else None


@torch.inference_mode()
def _look(canvas: Canvas) -> Ink:
    if not canvas.levels[0].any():  # a blank picture
        return Ink(np.zeros(canvas.levels.shape[1:], np.uint8), canvas.left, canvas.top, canvas.scale)
    levels = torch.from_numpy(canvas.levels)[None].to(memory_format=torch.channels_last)
    ink = (_network()(levels)[0, 0].sigmoid() * 255).byte().numpy()
    return Ink(ink, canvas.left, canvas.top, canvas.scale)


@functools.cache
def _network() -> InkFinder:
    return load_ink_finder(WEIGHTS / "inkfinder.safetensors")
