"""Grey levels -> ink: extract what was drawn, on any background and in any light.

    grey -> dark_on_light -> flatten_light -> smooth_noise -> level_ink -> remove_ruling -> ink

Ink is (H, W) uint8: 255 where the pen was, 0 elsewhere, 127 at the edge of a stroke.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mnist_demo.reading.connected import find_components
from mnist_demo.reading.pictures import Grey

THUMBNAIL_SIDE = 32  # px; anything this small was downscaled from something larger and has no noise of its own
COARSE_SIDE = 72  # px, the side to which pictures are reduced for estimating background and polarity
STROKE_SHARE = 0.35  # of the larger side: anything wider is background, not a pen stroke
MIN_CONTRAST = 0.09  # share of the paper's light that ink absorbs; anything less is noise
DARKEST_GROUND = 48  # of 255: on a darker background, shares of the light are meaningless
NOISE_FACTOR = 6  # ink stands out from the noise by this many standard deviations
GRAIN = 0.012  # standard deviation of the noise, as a share of the light, above which it is smoothed
INK_SHARES = (0.002, 0.0003)  # of the pixels are ink: exceeded by most pictures; by even a small 1 in a thin pen
EDGE = 0.45  # of the ink's own darkness: where a stroke ends
SLOPE = 1.4  # of the ink's edge: removes paler smudges, keeps soft edges
LINE_SHARE = 0.15  # of the side: the shortest segment of a ruled line
LINE_REACH = 0.9  # of the side: the shortest span of connected segments that counts as a ruled line
PALE = 200  # the darkest ink of a line that cannot be a pen stroke
MANY_LINES = 3  # parallel lines are ruling, however dark
LINE_WIDTH = 0.03  # of the side: anything wider was drawn
FAINT = 50  # ink of the faintest ruled line to look for; anything fainter ends up below EDGE anyway


def find_ink(grey: Grey) -> Grey:
    """Return the ink of a picture, (H, W) uint8; all 0 if there is none."""
    for step in INK_STEPS.values():
        grey = step(grey)
    return grey


def dark_on_light(grey: Grey) -> Grey:
    """Return the picture with the ink darker than the background, inverted if necessary.

    Ink covers less than half of its neighbourhood, so the third moment of the local differences has the ink's sign.
    The border alone is not reliable: a digit may touch it, or a shadow may fall on it.
    """
    coarse = _reduce(grey)
    radius = max(1, max(coarse.shape) // 4)
    surroundings = _box_blur(np.pad(coarse, radius, mode="edge"), radius)[radius:-radius, radius:-radius]
    difference = coarse.astype(np.float64) - surroundings
    return 255 - grey if (difference * difference * difference).mean() > 0 else grey


def flatten_light(grey: Grey) -> Grey:
    """Return the share of the background's light that the ink absorbs, 0 to 255, without shadows and gradients."""
    height, width = grey.shape
    ground = _box_blur(_ground(_reduce(grey)), 1)
    if ground.min() == 255:  # a drawing on a screen: the background is uniformly white, so there is nothing to even out
        return 255 - grey
    light = np.maximum(_enlarge(ground, width, height), grey)
    taken: Grey = ((light - grey) * (255 / np.maximum(light, DARKEST_GROUND).astype(np.float32))).astype(np.uint8)
    return taken


def smooth_noise(ink: Grey) -> Grey:
    """Return the ink with its noise blurred away, or unchanged if there is hardly any."""
    return _gauss(ink, 1.0) if _noise(_histogram(ink), ink.shape)[1] > GRAIN else ink


def level_ink(ink: Grey) -> Grey:
    """Scale the ink so that its own darkness, from faint pencil to black marker, becomes 255; all 0 if only noise."""
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
    """Return the ink without the lines of ruled or squared paper; darker strokes that cross them stay intact."""
    return np.minimum(_remove_lines(ink), _remove_lines(ink.T).T)  # where lines cross, both must go


INK_STEPS: dict[str, Callable[[Grey], Grey]] = {  # in order; the keys are the titles on the page
    "Dark on light": dark_on_light,
    "Light evened out": flatten_light,
    "Grain smoothed": smooth_noise,
    "Ink at full strength": level_ink,
    "Ruling removed": remove_ruling,
}


def _remove_lines(ink: Grey) -> Grey:
    """Remove lines that run from the left border to the right, horizontal or slightly slanted."""
    height, width = ink.shape
    if min(height, width) < COARSE_SIDE or not ((ink[:, 0] > FAINT).any() and (ink[:, -1] > FAINT).any()):
        return ink
    thick = ink.copy()  # dilated by a pixel above and below, so that a slanted line stays connected
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
    # The pen is darker than the ruling, so where they cross, subtracting the line's ink leaves the pen's.
    strength = float(np.percentile(ink[on_line], 75))
    if strength > PALE and lines.sum() < MANY_LINES:
        return ink  # the bar of a tightly cropped 7
    left = (ink - strength) * (255 / max(255 - strength, 1))
    return np.where(on_line, left.clip(0, 255), ink).astype(np.uint8)


def _opened_along_rows(ink: Grey, length: int) -> Grey:
    """Keep only runs of at least `length` px within a row (a morphological opening)."""
    shortest = _running(np.pad(ink, ((0, 0), (0, length))), length, np.minimum)
    return _running(shortest, length, np.maximum, backwards=True)[:, : ink.shape[1]]


def _running(ink: Grey, length: int, extreme: np.ufunc, backwards: bool = False) -> Grey:
    """Return the running extreme over each pixel and the next (or previous) `length` - 1 in its row, by doubling."""
    result, covered = ink[:, ::-1].copy() if backwards else ink.copy(), 1
    while covered < length:
        step = min(covered, length - covered)
        result[:, :-step] = extreme(result[:, :-step], result[:, step:])
        covered += step
    return result[:, ::-1] if backwards else result


def _ground(coarse: Grey) -> Grey:
    """Remove the dark strokes from a small picture by a morphological closing."""
    reach = max(3, round(STROKE_SHARE * max(coarse.shape) / 2))
    window = 2 * reach + 1
    field = np.pad(coarse, 2 * reach, mode="edge")
    for _ in range(2):  # rows, then columns
        field = _running(field, window, np.maximum).T
    for _ in range(2):
        field = _running(field, window, np.minimum, backwards=True).T  # shifted back by the same amount
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

    Estimated from the 10th, 40th and 50th percentiles, as in a tight crop of a bold digit the pixels above may be ink;
    in a normal distribution they are 1.03 and 0.253 standard deviations apart. The lower pair underestimates noise
    brighter than the background, which absorbs no light. Thumbnails are nothing but ink and its soft edges.
    """
    if max(shape) <= THUMBNAIL_SIDE:
        return 0.0, 0.0
    shares = np.concatenate([[0], np.cumsum(histogram)]) / histogram.sum()
    low, paper, middle = np.interp([0.1, 0.4, 0.5], shares, np.arange(257) / 255).tolist()
    return paper, max((paper - low) / 1.03, (middle - paper) / 0.253)
