"""The fifteen corruptions of MNIST-C: pictures that people still read with ease, and networks often do not.

Source: Mu and Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision", arXiv:1906.02337, and the strengths that
its authors published in google-research/mnist-c. Seven of them are those of ImageNet-C (Hendrycks and Dietterich,
arXiv:1903.12261). The pictures differ from the published ones in their random numbers.

corrupt(load_split(train=False).images, "fog", np.random.default_rng(0))  # (10000, 28, 28) uint8
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mnist_demo.data.datasets import SIDE
from mnist_demo.errors import ImageError, NotFoundError
from mnist_demo.insight.filters import COLUMNS, ROWS, Ink, blur, draw_lines, find_edges, make_plasma, warp

Corruption = Callable[[Ink, np.random.Generator], Ink]
Numbers = NDArray[np.float64]


def corrupt(images: NDArray[np.uint8], name: str, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Return corrupted copies of pictures.

    Args:
        images: (N, 28, 28) uint8, ink is 255 on 0.
        name: a key of CORRUPTIONS.
        generator: source of randomness.

    Returns:
        (N, 28, 28) uint8.

    Raises:
        NotFoundError: there is no corruption of that name.
        ImageError: the pictures are not in MNIST's format.
    """
    if name not in CORRUPTIONS:
        raise NotFoundError(f"there is no corruption {name!r}, only {', '.join(CORRUPTIONS)}")
    if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE):
        raise ImageError(f"expected (N, {SIDE}, {SIDE}) uint8, found {images.shape} {images.dtype}")
    corrupted = CORRUPTIONS[name](images.astype(np.float32) / np.float32(255), generator)
    return (corrupted.clip(0, 1) * 255).round().astype(np.uint8)


def shot_noise(ink: Ink, random: np.random.Generator) -> Ink:
    """Count few photons per pixel: Poisson noise, at most 3 expected (ImageNet-C)."""
    photons = 3
    return (random.poisson(ink * photons) / photons).astype(np.float32)


def impulse_noise(ink: Ink, random: np.random.Generator) -> Ink:
    """Set 17% of the pixels to black or white, as bit errors do (ImageNet-C)."""
    hit = random.random(ink.shape, np.float32) < 0.17
    return np.where(hit, random.integers(2, size=ink.shape, dtype=np.uint8), ink).astype(np.float32)


def glass_blur(ink: Ink, random: np.random.Generator) -> Ink:
    """Look through frosted glass: blur, swap half of the pixels with a near one, twice, and blur again (ImageNet-C)."""
    sigma, reach, rounds = 0.7, 1, 2
    pictures = np.arange(len(ink))
    shuffled = blur(ink, sigma)
    places = range(SIDE - reach, reach, -1)
    for row, column in rounds * [(row, column) for row in places for column in places]:
        swapped = random.random(len(ink)) < 0.5
        down, right = random.integers(-reach, reach, size=(2, len(ink))) * swapped
        here, there = (pictures, row, column), (pictures, row + down, column + right)
        shuffled[here], shuffled[there] = shuffled[there], shuffled[here]
    return blur(shuffled, sigma)


def motion_blur(ink: Ink, random: np.random.Generator) -> Ink:
    """Move the camera along a line within 45 degrees of the horizontal: half a Gaussian of 3 px (ImageNet-C).

    As ImageMagick's MotionBlurImage has it: a kernel of 21 places on one side, each rounded to the pixel.
    """
    sigma, places = 3.0, 21
    angle = np.radians(random.uniform(-45, 45, (len(ink), 1, 1)))
    weights = np.exp(-(np.arange(places) ** 2) / (2 * sigma**2)).astype(np.float32)
    pictures, blurred = np.arange(len(ink))[:, np.newaxis, np.newaxis], np.zeros_like(ink)
    for place, weight in enumerate(weights / weights.sum()):
        rows = (ROWS + np.ceil(place * np.sin(angle) - 0.5).astype(int)).clip(0, SIDE - 1)
        columns = (COLUMNS + np.ceil(place * np.cos(angle) - 0.5).astype(int)).clip(0, SIDE - 1)
        blurred += weight * ink[pictures, rows, columns]
    return blurred


def shear(ink: Ink, random: np.random.Generator) -> Ink:
    """Slant the picture by 0.4 rad to the left or the right, which also makes it a little taller (MNIST-C)."""
    angle = _signs(random, len(ink)) * 0.4
    return warp(ink, _maps(1, -np.sin(angle), 0, np.cos(angle)))


def scale(ink: Ink, random: np.random.Generator) -> Ink:
    """Shrink the digit to 70% (MNIST-C)."""
    return warp(ink, _maps(np.full(len(ink), 1 / 0.7), 0, 0, 1 / 0.7))


def rotate(ink: Ink, random: np.random.Generator) -> Ink:
    """Turn the picture by 0.4 rad, 23 degrees, to the left or the right (MNIST-C)."""
    angle = _signs(random, len(ink)) * 0.4
    return warp(ink, _maps(np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)))


def brightness(ink: Ink, random: np.random.Generator) -> Ink:
    """Make everything lighter by half of the range (ImageNet-C)."""
    return (ink + 0.5).clip(0, 1)


def translate(ink: Ink, random: np.random.Generator) -> Ink:
    """Shift the digit diagonally, by 3 px along both axes (MNIST-C)."""
    shift = 3
    wide = np.pad(ink, ((0, 0), (shift, shift), (shift, shift)))
    down, right = random.choice((-shift, shift), size=(2, len(ink), 1, 1))
    shifted: Ink = wide[np.arange(len(ink))[:, np.newaxis, np.newaxis], ROWS + shift - down, COLUMNS + shift - right]
    return shifted


def stripe(ink: Ink, random: np.random.Generator) -> Ink:
    """Invert all but a vertical stripe, the middle half of the picture (MNIST-C)."""
    middle = slice(SIDE // 4, 3 * SIDE // 4)
    inverted: Ink = 1 - ink
    inverted[..., middle] = ink[..., middle]
    return inverted


def fog(ink: Ink, random: np.random.Generator) -> Ink:
    """Add a cloud, a plasma fractal three times as strong as the ink, and compress the range again (ImageNet-C)."""
    strength = np.float32(3)
    most = ink.max(axis=(1, 2), keepdims=True)
    clouded: Ink = (ink + strength * make_plasma(len(ink), 1.4, random)) * most / (most + strength)
    return clouded


def spatter(ink: Ink, random: np.random.Generator) -> Ink:
    """Cover parts with dark grey drops of mud, where blurred noise lies above a level (ImageNet-C)."""
    level, mud = 0.65, 63 / 255
    noise = random.normal(level, 0.3, ink.shape).astype(np.float32)
    cover = blur((blur(noise, 1) > level).astype(np.float32), 1.5)
    cover[cover < 0.8] = 0
    return ink * (1 - cover) + mud * cover


def dotted_line(ink: Ink, random: np.random.Generator) -> Ink:
    """Draw a straight dotted line from the left edge to the right one (MNIST-C)."""
    start, end = random.integers(SIDE - 1, size=(2, len(ink)))
    line = draw_lines(np.zeros(len(ink)), start, np.full(len(ink), SIDE - 1), end)
    return ink + line * (COLUMNS % 4 >= 2)  # dots of 2 px, 2 px apart


def zigzag(ink: Ink, random: np.random.Generator) -> Ink:
    """Draw a zigzag line, 4 px high and as long a tooth, across the picture, slightly inclined (MNIST-C)."""
    left, right, half = 2, 25, 2
    row = random.integers(SIDE - 1, size=len(ink))
    angle = np.arctan(random.integers(-5, 5, size=len(ink)) / (right - left))
    along = [0, *range(half, right - left, 2 * half), right - left]
    across = [0, *(half * (-1) ** tooth for tooth in range(len(along) - 2)), 0]
    corners = [
        (left + x * np.cos(angle) - y * np.sin(angle), row + x * np.sin(angle) + y * np.cos(angle))
        for x, y in zip(along, across, strict=True)
    ]
    return ink + sum(draw_lines(*start, *end) for start, end in pairwise(corners))


def canny_edges(ink: Ink, random: np.random.Generator) -> Ink:
    """Keep nothing but the outlines (MNIST-C)."""
    return find_edges(ink, low=0.1, high=0.2)


CORRUPTIONS: dict[str, Corruption] = {
    function.__name__: function
    for function in (
        shot_noise,
        impulse_noise,
        glass_blur,
        motion_blur,
        shear,
        scale,
        rotate,
        brightness,
        translate,
        stripe,
        fog,
        spatter,
        dotted_line,
        zigzag,
        canny_edges,
    )
}


def _signs(random: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Return -1 or 1 for each picture."""
    return random.choice((-1, 1), size=count)


def _maps(a: Numbers | float, b: Numbers | float, c: Numbers | float, d: Numbers | float) -> NDArray[np.float32]:
    """Return (N, 2, 2) float32, the linear maps (x, y) -> (ax + by, cx + dy)."""
    return np.stack(np.broadcast_arrays(a, b, c, d), axis=-1).reshape(-1, 2, 2).astype(np.float32)
