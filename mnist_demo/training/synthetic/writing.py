"""What somebody may have written: digits by many hands and printers, and other things, as ink.

Patches of ink are (H, W) uint8, 255 where the pen was, cropped, their longer side PATCH px.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from mnist_demo.data.unipen import WrittenDigit
from mnist_demo.reading.normalisation import crop, has_ink
from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.strokes import Stroke, bounds, render
from mnist_demo.training.synthetic.drawings import make_digit
from mnist_demo.training.synthetic.letters import print_letter
from mnist_demo.training.synthetic.others import cross_out, draw_thing, scribble, write_letter
from mnist_demo.training.synthetic.written import add_habits

PATCH = 80  # px
PENS = (0.01, 0.2)  # of the longer side: from a hairline on a screen to a marker
OTHERS = write_letter, print_letter, draw_thing, scribble, cross_out


class Hands:
    """Digits written by the hands of MNIST, of the writers of a tablet, of synthetic strokes, and by printers.

    Args:
        images: (N, 28, 28) uint8 of MNIST.
        written: strokes of a tablet; may be empty.
    """

    def __init__(self, images: NDArray[np.uint8], labels: NDArray[np.uint8], written: Sequence[WrittenDigit]) -> None:
        self._images, self._labels, self._written = images, labels, written

    def digit(self, random: np.random.Generator) -> tuple[Grey, int]:
        """Return the ink of a digit, and which it is."""
        kind = random.random()
        if kind < 0.4:
            index = int(random.integers(len(self._images)))
            patch, label = from_mnist(self._images[index]), int(self._labels[index])
        elif kind < 0.65 and self._written:
            digit = self._written[int(random.integers(len(self._written)))]
            patch, label = from_strokes(digit.strokes, digit.digit, random), digit.digit
        elif kind < 0.82:
            ink, label = make_digit(random)
            patch = fit(ink)
        else:
            label = int(random.integers(10))
            patch = printed(str(label), random)
        return vary_shape(patch, random), label

    def other(self, random: np.random.Generator) -> Grey:
        """Return the ink of something that is not a digit: a letter, a picture, a digit that is crossed out."""
        make = OTHERS[int(random.integers(len(OTHERS)))]
        return vary_shape(fit(make(random)), random)


def fit(ink: Grey) -> Grey:
    """Crop the ink, and scale its longer side to PATCH px."""
    ink = crop(ink) if has_ink(ink) else ink
    scale = PATCH / max(ink.shape)
    height, width = (max(2, round(side * scale)) for side in ink.shape)
    return np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.BICUBIC))


def from_mnist(image: NDArray[np.uint8]) -> Grey:
    """Return the ink of an MNIST digit with sharp edges, as it was before it was reduced."""
    large = Image.fromarray(image).resize((112, 112), Image.Resampling.BICUBIC)
    return fit(np.asarray(large.point([min(255, max(0, round((level - 127) * 2.5 + 127))) for level in range(256)])))


def from_strokes(strokes: Sequence[Stroke], digit: int, random: np.random.Generator) -> Grey:
    """Return the ink of pen strokes, drawn with a random pen."""
    strokes = add_habits(digit, list(strokes), random)
    low, high = bounds(strokes)
    size = max(float((high - low).max()), 1.0)
    strokes = [(stroke - low) / size for stroke in strokes]
    pen = PATCH * float(np.exp(random.uniform(*np.log(PENS))))
    inner = PATCH - pen
    margin = round(pen / 2) + 1
    return crop(render([stroke * inner + margin for stroke in strokes], pen, (PATCH + 2 * margin,) * 2))


def printed(text: str, random: np.random.Generator) -> Grey:
    """Return the ink of printed text, in the font that comes with Pillow, bolder at random."""
    font = ImageFont.load_default(PATCH)
    picture = Image.new("L", (PATCH * (len(text) + 1), PATCH * 3 // 2))
    ImageDraw.Draw(picture).text((10, 5), text, 255, font, stroke_width=float(random.choice([0, 0, 1, 2, 4])))
    return fit(np.asarray(picture))


def vary_shape(patch: Grey, random: np.random.Generator) -> Grey:
    """Turn, slant and stretch a patch, and make its strokes thicker or thinner."""
    turn, slant = random.normal(0, 0.1), random.normal(0, 0.15)
    aspect = float(np.exp(random.normal(0, 0.2)))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = turned @ np.array([[aspect, slant], [0, 1]])
    patch = transform(patch, matrix)
    change = min(random.normal(0.05, 0.6), 1.0)
    if abs(change) > 0.25:  # by blurring, and thresholding at another level
        blurred = _blur(np.pad(patch, 8), random.uniform(1.0, 3.0)).astype(np.float32)
        level = 127.5 / (1 + change) ** 1.5 if change > 0 else 127.5 * (1 + min(-change, 0.6))
        changed = np.clip((blurred - level) * 3 + 127, 0, 255).astype(np.uint8)
        patch = changed if has_ink(changed) else patch
    return fit(patch)


def transform(patch: Grey, matrix: NDArray[np.float64]) -> Grey:
    """Map a patch linearly, around its middle, onto a field that holds all of it."""
    height, width = patch.shape
    corners = np.array([[width, height], [width, -height]]) / 2 @ matrix.T
    out_width, out_height = (int(np.ceil(2 * side)) + 2 for side in np.abs(corners).max(axis=0))
    back = np.linalg.inv(matrix)
    offset = np.array([width, height]) / 2 - back @ (np.array([out_width, out_height]) / 2)
    data = (back[0, 0], back[0, 1], offset[0], back[1, 0], back[1, 1], offset[1])
    mapped = Image.fromarray(patch).transform(
        (out_width, out_height), Image.Transform.AFFINE, data, Image.Resampling.BICUBIC
    )
    return np.asarray(mapped)


def _blur(grey: Grey, radius: float) -> Grey:
    return np.asarray(Image.fromarray(grey).filter(ImageFilter.GaussianBlur(radius)))
