"""Image filters and drawings on many small pictures at once: warp, blur, plasma fractal, lines, Canny's edges."""

from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from mnist_demo.data.datasets import SIDE

Ink = NDArray[np.float32]  # (N, 28, 28) in [0, 1], ink is 1
Mask = NDArray[np.bool_]  # (N, 28, 28)

Ends = NDArray[np.integer | np.floating]  # (N,) px
Pixel = TypeVar("Pixel", bound=np.generic)

ROWS, COLUMNS = np.arange(SIDE)[:, np.newaxis], np.arange(SIDE)
NEIGHBOURS = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]


def warp(ink: Ink, maps: NDArray[np.float32]) -> Ink:
    """Return pictures sampled bilinearly at the places to which maps send the places of the result.

    Args:
        ink: what lies outside is 0.
        maps: (N, 2, 2), linear, of (x, y) from the centre, which stays in place.
    """
    side = torch.linspace(-1, 1, SIDE)
    places = torch.stack(torch.meshgrid(side, side, indexing="xy"), dim=-1)
    grid = torch.einsum("nij,yxj->nyxi", torch.from_numpy(maps), places)
    warped: Ink = functional.grid_sample(torch.from_numpy(ink)[:, None], grid, align_corners=True)[:, 0].numpy()
    return warped


def blur(ink: Ink, sigma: float) -> Ink:
    """Convolve with a Gaussian of `sigma` px, cut off at 4 sigma; the border continues outwards."""
    radius = round(4 * sigma)
    weights = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * sigma**2)).astype(np.float32)
    weights /= weights.sum()
    tall = np.pad(ink, ((0, 0), (radius, radius), (0, 0)), "edge")
    ink = sum((weight * tall[:, place : place + SIDE] for place, weight in enumerate(weights)), np.zeros_like(ink))
    wide = np.pad(ink, ((0, 0), (0, 0), (radius, radius)), "edge")
    return sum((weight * wide[..., place : place + SIDE] for place, weight in enumerate(weights)), np.zeros_like(ink))


def make_plasma(count: int, decay: float, random: np.random.Generator) -> Ink:
    """Return clouds, (count, 28, 28) in [0, 1]: the corner of clouds of 256x256 px that span this range.

    Every refinement doubles the resolution, and adds noise whose amplitude is `decay` squared times lower.
    Source: Fournier, Fussell, Carpenter, "Computer rendering of stochastic models", CACM 25(6), 1982.
    """
    heights = np.zeros((count, 1, 1), np.float32)
    for level in range(6):
        heights = _refine(heights, decay ** (-2 * level), random)
    # The 64x64 points have the range already; only the corner, with one point more around it, is refined further.
    low, high = heights.min(axis=(1, 2), keepdims=True), heights.max(axis=(1, 2), keepdims=True)
    corner = np.roll(heights, 1, axis=(1, 2))[:, : SIDE // 4 + 2, : SIDE // 4 + 2]
    for level in (6, 7):
        corner = _refine(corner, decay ** (-2 * level), random)
    clouds: Ink = (corner[:, 4 : 4 + SIDE, 4 : 4 + SIDE] - low) / (high - low)
    return clouds.clip(0, 1)


def _refine(heights: Ink, amplitude: float, random: np.random.Generator) -> Ink:
    """Double the resolution of periodic (N, S, S) heights: means of four neighbours, and noise."""
    count, side, _ = heights.shape

    def mean(*four: Ink) -> Ink:
        noise = random.random(heights.shape, np.float32) * 2 - 1
        return sum(four[1:], four[0]) / 4 + np.float32(amplitude) * noise

    below, right = np.roll(heights, -1, axis=1), np.roll(heights, -1, axis=2)
    centres = mean(heights, below, right, np.roll(below, -1, axis=2))
    finer = np.empty((count, 2 * side, 2 * side), np.float32)
    finer[:, ::2, ::2], finer[:, 1::2, 1::2] = heights, centres
    finer[:, ::2, 1::2] = mean(heights, right, centres, np.roll(centres, 1, axis=1))
    finer[:, 1::2, ::2] = mean(heights, below, centres, np.roll(centres, 1, axis=2))
    return finer


def draw_lines(x0: Ends, y0: Ends, x1: Ends, y1: Ends) -> Ink:
    """Draw a line in each picture, from (x0, y0) to (x1, y1) px, each (N,) with x0 < x1; it fades within 1.5 px."""
    x0, y0, x1, y1 = (ends[:, np.newaxis, np.newaxis] for ends in (x0, y0, x1, y1))
    distance = abs(ROWS - (y0 + (COLUMNS - x0) * (y1 - y0) / (x1 - x0)))  # px, above or below
    line = (1 + np.log(1 - distance.clip(0, 2) / 2.3)).clip(0, 1)
    return np.where((np.floor(x0) <= COLUMNS) & (np.ceil(x1) > COLUMNS), line, 0).astype(np.float32)


def find_edges(ink: Ink, low: float, high: float) -> Ink:
    """Return the edges, 1 on 0, after a blur of 1 px.

    Source: Canny, "A computational approach to edge detection", IEEE PAMI 8(6), 1986: the ridges of the gradient that
    reach `high`, and those that reach `low` and are connected to them. The gradient is Sobel's, at most 4.
    """
    down, right = _gradient(blur(ink, 1))
    size = np.hypot(down, right)
    size[:, [0, -1]] = size[:, :, [0, -1]] = 0  # no edge at the border, where a neighbour is missing
    ridges = _ridges(size, down, right, low)
    edges, count = ridges & (size >= high), 0
    while count < (count := int(edges.sum())):  # until nothing is added
        edges = ridges & np.logical_or.reduce([_shift(edges, *step) for step in NEIGHBOURS])
    return edges.astype(np.float32)


def _shift(ink: NDArray[Pixel], down: int, right: int) -> NDArray[Pixel]:
    """Return for each pixel its neighbour `down` and `right` of it; the border continues outwards."""
    return np.pad(ink, ((0, 0), (1, 1), (1, 1)), "edge")[:, 1 + down :, 1 + right :][:, :SIDE, :SIDE]


def _gradient(ink: Ink) -> tuple[Ink, Ink]:
    """Return Sobel's gradient along rows and columns; a step from 0 to 1 has 4."""
    down, right = _shift(ink, 1, 0) - _shift(ink, -1, 0), _shift(ink, 0, 1) - _shift(ink, 0, -1)
    return (
        _shift(down, 0, -1) + 2 * down + _shift(down, 0, 1),
        _shift(right, -1, 0) + 2 * right + _shift(right, 1, 0),
    )


def _ridges(size: Ink, down: Ink, right: Ink, low: float) -> Mask:
    """Return where the size of the gradient is at least `low` and no lower than 1 px before and behind along it."""
    places = np.nonzero(size >= low)
    picture, row, column = places
    here, down, right = size[places], down[places], right[places]
    share = np.minimum(abs(down), abs(right)) / np.maximum(abs(down), abs(right))  # of the diagonal neighbour
    row_step, column_step = np.sign(down).astype(int), np.sign(right).astype(int)
    steep = abs(down) > abs(right)
    highest = np.ones_like(here, np.bool_)
    for way in (-1, 1):
        diagonal = size[picture, row + way * row_step, column + way * column_step]
        straight = size[picture, row + way * row_step * steep, column + way * column_step * ~steep]
        highest &= here >= share * diagonal + (1 - share) * straight
    ridges = np.zeros(size.shape, np.bool_)
    ridges[places] = highest
    return ridges
