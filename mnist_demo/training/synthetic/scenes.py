"""Scenes: pictures such as people hand in, with the ink that is to be found in them.

writing -> on paper, among clutter -> in some light -> through a camera or scanner -> a file of some size
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from mnist_demo.reading.pictures import Grey
from mnist_demo.training.synthetic.clutter import (
    LINEWORK,
    Box,
    Layer,
    blur,
    corner_marks,
    neighbours,
    paste,
    sheet,
    smooth_field,
)
from mnist_demo.training.synthetic.drawings import NO_DIGIT
from mnist_demo.training.synthetic.exposure import chance, expose
from mnist_demo.training.synthetic.writing import PATCH, Hands

FIELD = 112  # px, the shorter side at which scenes are drawn: somewhat finer than the canvas on which ink is found
# What is written in a scene: shares.
NOTHING, OTHER, SEVERAL = 0.2, 0.08, 0.12  # the rest is a single digit
TIGHT = 0.35  # of the single digits are cut out closely
SQUARED, SQUARED_FROM = 0.25, 0.35  # of these are stretched to a square; the least ratio of their sides
LINES_OF_ANY = list(LINEWORK.values())
# Ink that nobody would see teaches nothing: grey levels, and standard deviations of what is next to it.
LEAST_DIFFERENCE, LEAST_CLARITY = 3, 0.6
FAINTEST = 16  # of 255: the share of a pixel that a hairline covers at least


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture and its ink.

    Attributes:
        grey: (H, W) uint8.
        ink: (H, W) uint8, 255 where something is written; finer or coarser than `grey`, but of the same picture.
        label: the digit, 10 if nothing is written or something else, None for several digits.
    """

    grey: Grey
    ink: Grey
    label: int | None


def make_scene(hands: Hands, random: np.random.Generator, widest: float = 1.6) -> Scene:
    """Return a random scene, in which whatever is written can be seen.

    Args:
        hands: who writes.
        random: the source of randomness.
        widest: the most width as a share of the height; more than 2 makes lines of several digits.
    """
    while True:
        scene = _draw_scene(hands, random, widest)
        if is_visible(scene):
            return scene


def is_visible(scene: Scene) -> bool:
    """Return whether the ink differs from what is next to it, by more than the noise there; or nothing is written."""
    height, width = scene.grey.shape
    mask = np.asarray(Image.fromarray(np.ascontiguousarray(scene.ink)).resize((width, height), Image.Resampling.BOX))
    is_ink = mask > max(FAINTEST, mask.max() / 2)  # hairlines cover only a part of their pixels
    around = np.asarray(Image.fromarray(mask).filter(ImageFilter.GaussianBlur(max(mask.shape) / 40)))
    is_next = (around > 12) & (mask < 64)
    if not is_ink.any():
        return scene.label == NO_DIGIT and not scene.ink.any()
    if not is_next.any():
        return True
    inks, nexts = scene.grey[is_ink].astype(np.float32), scene.grey[is_next].astype(np.float32)
    difference = abs(float(np.median(inks)) - float(np.median(nexts)))
    return difference >= max(LEAST_DIFFERENCE, LEAST_CLARITY * float(nexts.std()))


def _draw_scene(hands: Hands, random: np.random.Generator, widest: float) -> Scene:
    shape = _shape(random, widest)
    ink, box, size, label = _write(hands, random, shape, is_line=widest > 2)
    is_empty = box is None
    if box is None:  # where the writing would have been
        box, size = (shape[1] * 0.25, shape[0] * 0.2, shape[1] * 0.75, shape[0] * 0.8), FIELD * _size(random)
    darkness, visible = _cover(hands, random, ink, box, is_empty)
    grey, mask = expose(random, darkness, _full(ink) * visible, visible, size)
    if not is_empty and random.random() < TIGHT and widest <= 2:
        return _cut_tightly(random, Scene(grey, mask, label))
    return Scene(grey, mask, label)


def _full(ink: Layer) -> Layer:
    """Return the ink with the middle of its strokes at 1: hairlines cover only a part of their pixels."""
    covered = ink[ink > FAINTEST / 255]
    return np.clip(ink / max(float(np.percentile(covered, 80)), 0.1), 0, 1) if covered.size else ink


def _shape(random: np.random.Generator, widest: float) -> tuple[int, int]:
    if widest > 2:
        return FIELD, round(FIELD * random.uniform(2, widest))
    aspect = float(np.exp(random.normal(0, 0.2))) if random.random() < 0.5 else 1.0
    aspect = min(max(aspect, 1 / widest), widest)
    return (FIELD, max(1, round(FIELD * aspect))) if aspect < 1 else (max(1, round(FIELD / aspect)), FIELD)


def _write(
    hands: Hands, random: np.random.Generator, shape: tuple[int, int], is_line: bool
) -> tuple[Layer, Box | None, float, int | None]:
    """Return the ink from 0 to 1, the box round it, the height of what is written, in px, and the label."""
    ink = np.zeros(shape, np.float32)
    kind = random.random()
    if kind < NOTHING:
        return ink, None, 0, NO_DIGIT
    if is_line or kind > 1 - SEVERAL:
        return _write_lines(hands, random, ink, is_line)
    patch, label = (hands.other(random), NO_DIGIT) if kind < NOTHING + OTHER else hands.digit(random)
    height, width = shape
    limit = min(height / patch.shape[0], width / patch.shape[1])
    scale = limit * _size(random)
    piece = _resized(patch, scale)
    # Anywhere, most often near the middle, and sometimes across the border by a little.
    room = np.array([width - piece.shape[1], height - piece.shape[0]])
    x, y = room * np.clip(random.normal(0.5, 0.2, 2), -0.02, 1.02)
    paste(ink, piece, round(x), round(y))
    return ink, (x, y, x + piece.shape[1], y + piece.shape[0]), float(max(piece.shape)), label


def _size(random: np.random.Generator) -> float:
    """Return the size of a digit as a share of the picture: mostly large, but down to a tenth."""
    if random.random() < 0.65:
        return float(random.uniform(0.45, 1.0))
    return float(np.exp(random.uniform(np.log(0.09), np.log(0.45))))


def _write_lines(
    hands: Hands, random: np.random.Generator, ink: Layer, is_line: bool
) -> tuple[Layer, Box | None, float, int | None]:
    """Write one or more lines of digits, often touching each other."""
    height, width = ink.shape
    lines = 1 if is_line else int(random.choice([1, 1, 2, 3]))
    size = height / lines * (random.uniform(0.45, 0.95) if is_line else random.uniform(0.25, 0.85))
    gap = random.uniform(-0.08, 0.4) * size
    boxes = []
    for line in range(lines):
        x = random.uniform(0, 0.25) * width
        while x < width - 0.3 * size and random.random() > 0.04:
            piece = _resized(hands.digit(random)[0], size * random.uniform(0.85, 1.1) / PATCH)
            if x + piece.shape[1] > width:
                break
            y = (line + 0.5) * height / lines - piece.shape[0] / 2 + random.normal(0, 0.04) * size
            paste(ink, piece, round(x), round(y))
            boxes.append((x, y, x + piece.shape[1], y + piece.shape[0]))
            x += piece.shape[1] + gap + abs(random.normal(0, 0.1)) * size
    if not boxes:
        return ink, None, 0, NO_DIGIT
    corners = np.array(boxes)
    left, top = corners[:, :2].min(axis=0)
    right, bottom = corners[:, 2:].max(axis=0)
    return ink, (float(left), float(top), float(right), float(bottom)), size, None


def _cover(hands: Hands, random: np.random.Generator, ink: Layer, box: Box, is_empty: bool) -> tuple[Layer, Layer]:
    """Put the writing among clutter; return the darkness, 1 for the pen's own, and where the paper shows, 0 or 1."""
    shape = ink.shape[0], ink.shape[1]
    darkness = ink
    if chance(random, 0.3):  # a pencil, on rough paper
        darkness = np.clip(ink * (1 - random.uniform(0, 0.5) * np.abs(smooth_field(random, shape, 28))), 0, 1)
    layers = [
        LINES_OF_ANY[kind](random, shape, box) * _tone(random)
        for kind in random.permutation(len(LINES_OF_ANY))[: _count(random, is_empty)]
    ]
    if chance(random, 0.2):
        layers.append(neighbours(hands, random, shape, box) * random.uniform(0.6, 1.1))
    if chance(random, 0.12):
        layers.append(corner_marks(hands, random, shape, box) * random.uniform(0.4, 1.1))
    if chance(random, 0.08):
        # Alone on its paper, it could just as well be faint writing.
        layers.append(_rubbed_out(hands, random, shape, box) * random.uniform(0.03, 0.1 if is_empty else 0.22))
    for layer in layers:
        darkness = np.maximum(darkness, layer)
    visible = sheet(random, shape, box) if chance(random, 0.15) else np.ones(shape, np.float32)
    return darkness, visible


def _rubbed_out(hands: Hands, random: np.random.Generator, shape: tuple[int, int], box: Box) -> Layer:
    """Return a digit that was written where the box is, and erased."""
    ghost: Layer = np.zeros(shape, np.float32)
    piece = _resized(hands.digit(random)[0], (box[3] - box[1]) * random.uniform(0.6, 1.1) / PATCH)
    x, y = np.array(box[:2]) + random.normal(0, 4, 2)
    paste(ghost, piece, round(x), round(y))
    return blur(ghost, random.uniform(0.5, 2))


def _count(random: np.random.Generator, is_empty: bool) -> int:
    """Return how many kinds of lines there are around the writing; an empty cell hardly ever has none."""
    return int(random.choice([0, 1, 2, 3], p=[0.12, 0.48, 0.28, 0.12] if is_empty else [0.38, 0.38, 0.18, 0.06]))


def _tone(random: np.random.Generator) -> float:
    """Return the darkness of a printed line: often just that of the pen, else anything."""
    return float(random.uniform(0.85, 1.1) if random.random() < 0.4 else random.uniform(0.12, 1.4))


def _resized(patch: Grey, scale: float) -> Layer:
    height, width = (max(1, round(side * scale)) for side in patch.shape)
    method = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(patch).resize((width, height), method), np.float32) / 255


def _cut_tightly(random: np.random.Generator, scene: Scene) -> Scene:
    """Cut a scene to its ink, with hardly any margin, or even into it."""
    is_ink = scene.ink > 127
    rows, columns = np.flatnonzero(is_ink.any(axis=1)), np.flatnonzero(is_ink.any(axis=0))
    if not len(rows):
        return scene
    height, width = is_ink.shape
    box = np.array([rows[0] / height, columns[0] / width, (rows[-1] + 1) / height, (columns[-1] + 1) / width])
    margin = 0.0 if chance(random, 0.5) else float((box[2:] - box[:2]).max()) * random.uniform(-0.02, 0.1)
    top, left, bottom, right = np.clip(box + np.array([-margin, -margin, margin, margin]), 0, 1)
    grey, ink = (
        picture[_span(top, bottom, picture.shape[0]), _span(left, right, picture.shape[1])]
        for picture in (scene.grey, scene.ink)
    )
    cut = Scene(grey, ink, scene.label)
    return _squared(cut) if chance(random, SQUARED) else cut


def _span(start: float, end: float, length: int) -> slice:
    """Return the pixels from `start` to `end`, shares of `length`: two at least."""
    first = min(round(start * length), length - 2)
    return slice(first, max(first + 2, round(end * length)))


def _squared(scene: Scene) -> Scene:
    """Stretch a scene to a square, as some collections do; one that is narrow would become a bar."""
    sides = scene.grey.shape
    if min(sides) < SQUARED_FROM * max(sides):
        return scene
    side = max(sides)
    grey, ink = (
        np.asarray(Image.fromarray(np.ascontiguousarray(picture)).resize((side, side), Image.Resampling.BILINEAR))
        for picture in (scene.grey, scene.ink)
    )
    return Scene(grey, ink, scene.label)
