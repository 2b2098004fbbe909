"""Any picture of a digit -> the 28x28 picture that the makers of MNIST would have cut from it.

    picture -> to_grey -> find_ink -> fit_to_box -> centre_by_mass -> what a network sees

Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE
86(11), 1998, section III-A: the digit fitted into 20x20 with its aspect kept, its centre of mass in the middle
of 28x28.
"""

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mnist_demo.datasets import SIDE
from mnist_demo.errors import ImageError

Grey = NDArray[np.uint8]
Picture = Image.Image | NDArray[Any]

MAX_PIXELS = 60_000_000  # of a picture file; a phone's photo has 12 to 50 million
DECODER_ERRORS = (OSError, SyntaxError, ValueError, struct.error)  # what Pillow raises on damaged files
DIGIT_BOX = 20  # px, the longer side of a digit in MNIST
MAX_WORKING_SIDE = 1_000  # px; larger pictures are reduced first, which costs nothing that 20 px could show
MIN_CONTRAST = 30  # grey levels between ink and background; below it there is only noise
INK_SHARE = 0.2  # of the darkest ink: fainter pixels are the blur around a stroke, not a part of the digit


def open_picture(source: Path | BytesIO, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Open a picture file, upright as its EXIF data says.

    Raises:
        ImageError: there is no such file, it is not a picture that Pillow can read, or it has too many pixels.
    """
    name = source if isinstance(source, Path) else "the picture"
    try:
        with Image.open(source) as image:
            if image.width * image.height > max_pixels:  # nothing is unpacked yet
                found = f"{image.width:,} x {image.height:,}"
                raise ImageError(f"{name}: too large: expected at most {max_pixels:,} pixels, found {found}")
            return ImageOps.exif_transpose(image)  # reads the pixels, so damage shows here
    except UnidentifiedImageError as error:
        raise ImageError(f"{name}: not a picture in a format that can be read") from error
    except Image.DecompressionBombError as error:
        raise ImageError(f"{name}: too large: {error}") from error
    except DECODER_ERRORS as error:
        raise ImageError(f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def prepare(picture: Picture) -> Grey | None:
    """Return what a network sees of a picture: (28, 28) uint8, ink is 255 on 0; None if there is no ink.

    Args:
        picture: a PIL picture of any mode, or a uint8 array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4).

    Raises:
        ImageError: an array of another type or shape.
    """
    ink = find_ink(to_grey(picture))
    if not ink.any():
        return None
    return centre_by_mass(fit_to_box(ink))


def to_grey(picture: Picture) -> Grey:
    """Return (H, W) uint8 grey levels, reduced to at most 1,000 px a side; what is transparent becomes background.

    Raises:
        ImageError: an array that is not a picture, or a picture whose file is damaged.
    """
    image = picture if isinstance(picture, Image.Image) else _from_array(picture)
    try:
        image.load()
    except DECODER_ERRORS as error:
        raise ImageError(f"the picture cannot be read: {error}") from error
    factor = -(-max(image.size) // MAX_WORKING_SIDE)
    if image.mode.startswith(("I", "F")):
        image = _from_array(_stretch(np.asarray(image, np.float64)))
    if "A" in image.getbands() or "transparency" in image.info:
        image = _flatten(image.convert("RGBA"))
    image = image.convert("L")
    return np.asarray(image.reduce(factor) if factor > 1 else image)


def find_ink(grey: Grey) -> Grey:
    """Return (H, W) uint8 in which ink is bright on 0, whichever was the darker in `grey`.

    The border tells the background: its median is subtracted. Where nothing differs from it by more
    than noise, all is 0.
    """
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    background = int(np.median(border))
    levels = grey.astype(np.int16)
    ink = (background - levels if background > 127 else levels - background).clip(0, 255).astype(np.uint8)
    return ink if ink.max() >= MIN_CONTRAST else np.zeros_like(ink)


def fit_to_box(ink: Grey) -> Grey:
    """Return the digit alone, scaled so that its longer side is 20 px and its darkest ink is 255."""
    visible = ink > INK_SHARE * ink.max()
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    digit = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = digit.shape
    scale = DIGIT_BOX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    # In floats: specks far apart in a large picture come out fainter than one grey level.
    scaled = Image.fromarray(digit.astype(np.float32)).resize(size, Image.Resampling.LANCZOS)
    return _stretch(np.asarray(scaled).clip(0))


def centre_by_mass(digit: Grey) -> Grey:
    """Return (28, 28) with the digit's centre of mass in the middle of pixel (14, 14), or as near as it fits.

    That is where it lies in MNIST: at 14.00 by 14.00, spread evenly over half a pixel to each side.
    """
    # MNIST was centred by mass; centring the bounding box would shift the digit.
    mass = digit.astype(np.float64)
    corner = []
    for axis, length in enumerate(digit.shape):
        centre = (mass.sum(axis=1 - axis) * np.arange(length)).sum() / mass.sum()
        corner.append(int(np.clip(round(SIDE / 2 - centre), 0, SIDE - length)))
    row, column = corner
    field = np.zeros((SIDE, SIDE), np.uint8)
    field[row : row + digit.shape[0], column : column + digit.shape[1]] = digit
    return field


def _from_array(array: NDArray[Any]) -> Image.Image:
    expected = "expected a picture of uint8, (H, W) or (H, W, 1, 3 or 4)"
    if array.dtype != np.uint8:
        raise ImageError(f"{expected}, found {array.dtype}")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)) or not array.size:
        raise ImageError(f"{expected}, found the shape {array.shape}")
    return Image.fromarray(np.ascontiguousarray(array))


def _stretch(levels: NDArray[Any]) -> Grey:
    """Scale levels of at least 0 so that the highest is 255."""
    highest = levels.max()
    stretched: Grey = (levels * (255 / highest if highest > 0 else 0)).clip(0, 255).astype(np.uint8)
    return stretched


def _flatten(image: Image.Image) -> Image.Image:
    """Lay a picture with transparency on white, or on black if what is drawn is bright."""
    levels, alpha = np.asarray(image.convert("L"), np.float64), np.asarray(image.getchannel("A"), np.float64)
    drawn = (levels * alpha).sum() / max(alpha.sum(), 1)
    paper = Image.new("RGBA", image.size, "black" if drawn > 127 else "white")
    return Image.alpha_composite(paper, image)
