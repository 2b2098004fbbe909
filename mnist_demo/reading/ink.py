"""Grey levels -> ink: what was drawn, on whatever it was drawn, in whatever light.

    grey -> dark_on_light -> flatten_light -> smooth_noise -> level_ink -> remove_ruling -> ink

Ink is (H, W) uint8: 255 where the pen was, 0 where it was not, the edge of a stroke at 127.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mnist_demo.reading.connected import find_components
from mnist_demo.reading.pictures import Grey

THUMBNAIL_SIDE = 32  # px; what is as small was cut from something larger and has no grain of its own
COARSE_SIDE = 72  # px, the largest side on which paper and polarity are looked at
STROKE_SHARE = 0.35  # of the larger side: what is wider is no stroke of a pen but the ground
MIN_CONTRAST = 0.09  # share of the paper's light that ink takes away; with less there is only noise
DARKEST_GROUND = 48  # of 255: below it a share of the light is a share of next to nothing
NOISE_FACTOR = 6  # ink stands out from the noise by that many standard deviations
GRAIN = 0.012  # standard deviation of the noise, as a share of the light, above which it is smoothed
INK_SHARES = (0.002, 0.0003)  # of the pixels are ink: in most pictures more; at least, of a small 1 in a thin pen
EDGE = 0.45  # of the ink's own darkness: where a stroke ends
SLOPE = 1.4  # of the ink's edge: paler smudges go, and soft edges stay
LINE_SHARE = 0.15  # of the side: the shortest piece of a ruled line
LINE_REACH = 0.9  # of the side: as far pieces hang together if they are a ruled line
PALE = 200  # ink of a line, at most, that is surely no stroke of the pen
MANY_LINES = 3  # side by side are ruling, however dark
LINE_WIDTH = 0.03  # of the side: what is wider was drawn
FAINT = 50  # ink of the palest ruled line that is looked for; what is paler ends below EDGE anyway


def find_ink(grey: Grey) -> Grey:
    """Return the ink of a picture, (H, W) uint8; all 0 if there is none."""
    for step in INK_STEPS.values():
        grey = step(grey)
    return grey


def dark_on_light(grey: Grey) -> Grey:
    """Return the picture with the ink darker than the ground, as it is or inverted.

    Within its surroundings ink covers less than half, so the third moment of what differs from them has its sign.
    The border alone tells nothing: a digit may touch it, a shadow may lie there.
    """
    coarse = _reduce(grey)
    radius = max(1, max(coarse.shape) // 4)
    surroundings = _box_blur(np.pad(coarse, radius, mode="edge"), radius)[radius:-radius, radius:-radius]
    difference = coarse.astype(np.float64) - surroundings
    return 255 - grey if (difference * difference * difference).mean() > 0 else grey


def flatten_light(grey: Grey) -> Grey:
    """Return how much of the ground's light the ink takes away: 0 none, 255 all; shadows and slopes are gone."""
    height, width = grey.shape
    ground = _box_blur(_ground(_reduce(grey)), 1)
    if ground.min() == 255:  # a drawing on a screen: the light is even, and there is nothing to compute
        return 255 - grey
    light = np.maximum(_enlarge(ground, width, height), grey)
    taken: Grey = ((light - grey) * (255 / np.maximum(light, DARKEST_GROUND).astype(np.float32))).astype(np.uint8)
    return taken


def smooth_noise(ink: Grey) -> Grey:
    """Return the ink with its grain blurred away, or as it is if there is hardly any."""
    return _gauss(ink, 1.0) if _noise(_histogram(ink), ink.shape)[1] > GRAIN else ink


def level_ink(ink: Grey) -> Grey:
    """Return the ink with its own darkness, faint pencil or black marker, as 255; all 0 if it is noise."""
    histogram = _histogram(ink)
    paper, deviation = _noise(histogram, ink.shape)
    from_darkest = np.cumsum(histogram[::-1])
    for least in INK_SHARES:
        darkness = (255 - int(np.searchsorted(from_darkest, max(1, least * ink.size)))) / 255 - paper
        if darkness >= max(MIN_CONTRAST, NOISE_FACTOR * deviation):
            break
    else:
        return np.zeros_like(ink)
    share = (np.arange(256) / 255 - paper) / darkness
    table = (127.5 + 255 * SLOPE * (share - EDGE)).clip(0, 255).astype(int)
    return np.asarray(Image.fromarray(ink).point(table.tolist()))


def remove_ruling(ink: Grey) -> Grey:
    """Return the ink without the lines of ruled or squared paper; darker strokes that cross them stay whole."""
    return np.minimum(_remove_lines(ink), _remove_lines(ink.T).T)  # at a crossing both are there


INK_STEPS: dict[str, Callable[[Grey], Grey]] = {  # by their titles on the page, in order
    "Dark on light": dark_on_light,
    "Light evened out": flatten_light,
    "Grain smoothed": smooth_noise,
    "Ink at full strength": level_ink,
    "Ruling removed": remove_ruling,
}


def _remove_lines(ink: Grey) -> Grey:
    """Take away lines that run from the left border to the right one, level or a little slanted."""
    height, width = ink.shape
    if min(height, width) < COARSE_SIDE or not ((ink[:, 0] > FAINT).any() and (ink[:, -1] > FAINT).any()):
        return ink
    thick = ink.copy()  # by a pixel above and below, so that a slanted line hangs together
    np.maximum(thick[1:], ink[:-1], out=thick[1:])
    np.maximum(thick[:-1], ink[1:], out=thick[:-1])
    pieces = _opened_along_rows(thick, round(LINE_SHARE * width)) > FAINT
    if pieces.any(axis=0).mean() < LINE_REACH:
        return ink
    long = find_components(pieces)
    lengths = long.boxes[:, 3] - long.boxes[:, 1]
    lines = (lengths >= LINE_REACH * width) & (long.areas <= LINE_WIDTH * height * lengths)
    if not lines.any():
        return ink
    on_line = np.concatenate([[False], lines])[long.labels]
    # The pen is darker than the ruling, so where they cross, the pen's ink is what is left above the line's own.
    strength = float(np.percentile(ink[on_line], 75))
    if strength > PALE and lines.sum() < MANY_LINES:
        return ink  # the bar of a 7 that was cut out tightly
    left = (ink - strength) * (255 / max(255 - strength, 1))
    return np.where(on_line, left.clip(0, 255), ink).astype(np.uint8)


def _opened_along_rows(ink: Grey, length: int) -> Grey:
    """Return what is at least `length` px long in its row."""
    shortest = _running(np.pad(ink, ((0, 0), (0, length))), length, np.minimum)
    return _running(shortest, length, np.maximum, backwards=True)[:, : ink.shape[1]]


def _running(ink: Grey, length: int, extreme: np.ufunc, backwards: bool = False) -> Grey:
    """Return the extreme of each pixel and the `length` - 1 next in its row (or before it), by doubling."""
    result, covered = ink[:, ::-1].copy() if backwards else ink.copy(), 1
    while covered < length:
        step = min(covered, length - covered)
        result[:, :-step] = extreme(result[:, :-step], result[:, step:])
        covered += step
    return result[:, ::-1] if backwards else result


def _ground(coarse: Grey) -> Grey:
    """Return a small picture without its dark strokes: its closing, the darkest of the brightest around each pixel."""
    reach = max(3, round(STROKE_SHARE * max(coarse.shape) / 2))
    window = 2 * reach + 1
    field = np.pad(coarse, 2 * reach, mode="edge")
    for _ in range(2):  # rows, then columns
        field = _running(field, window, np.maximum).T
    for _ in range(2):
        field = _running(field, window, np.minimum, backwards=True).T  # back by as much, so nothing has moved
    return field[2 * reach : -2 * reach, 2 * reach : -2 * reach]


def _reduce(grey: Grey) -> Grey:
    factor = -(-max(grey.shape) // COARSE_SIDE)
    return np.asarray(Image.fromarray(grey).reduce(factor)) if factor > 1 else grey


def _enlarge(grey: Grey, width: int, height: int) -> Grey:
    return np.asarray(Image.fromarray(grey).resize((width, height), Image.Resampling.BILINEAR))


def _box_blur(grey: Grey, radius: int) -> Grey:
    return np.asarray(Image.fromarray(grey).filter(ImageFilter.BoxBlur(radius)))


def _gauss(grey: Grey, radius: float) -> Grey:
    return np.asarray(Image.fromarray(grey).filter(ImageFilter.GaussianBlur(radius)))


def _histogram(ink: Grey) -> NDArray[np.int64]:
    return np.array(Image.fromarray(ink).histogram(), np.int64)  # four times as fast as np.bincount


def _noise(histogram: NDArray[np.int64], shape: tuple[int, ...]) -> tuple[float, float]:
    """Return the level of the paper and the standard deviation of its noise, as shares of the light.

    From the 10th, 40th and 50th percentile, above which ink may begin in a tight cut of a bold digit; in a normal
    distribution they are 1.03 and 0.253 standard deviations apart. The lower pair understates noise that is brighter
    than the ground, because that takes no light away. Thumbnails are nothing but ink and its soft edge.
    """
    if max(shape) <= THUMBNAIL_SIDE:
        return 0.0, 0.0
    shares = np.concatenate([[0], np.cumsum(histogram)]) / histogram.sum()
    low, paper, middle = np.interp([0.1, 0.4, 0.5], shares, np.arange(257) / 255).tolist()
    return paper, max((paper - low) / 1.03, (middle - paper) / 0.253)
