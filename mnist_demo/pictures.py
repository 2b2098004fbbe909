"""Pictures from files, arrays and Pillow -> grey levels of a size that is quick to work on."""

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mnist_demo.errors import ImageError

Grey = NDArray[np.uint8]
Picture = Image.Image | NDArray[Any]

MAX_PIXELS = 60_000_000  # of a picture file; a phone's photo has 12 to 50 million
MAX_WORKING_SIDE = 560  # px; larger pictures are reduced first: a tenth of it still shows all that 20 px can
DECODER_ERRORS = (OSError, SyntaxError, ValueError, struct.error)  # what Pillow raises on damaged files


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


def to_grey(picture: Picture) -> Grey:
    """Return (H, W) uint8 grey levels, reduced to at most 560 px a side; what is transparent becomes background.

    Args:
        picture: a PIL picture of any mode, or a uint8 array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4).

    Raises:
        ImageError: an array that is not a picture, or a picture whose file is damaged.
    """
    image = picture if isinstance(picture, Image.Image) else _from_array(picture)
    try:
        image = ImageOps.exif_transpose(image)
        factor = -(-max(image.size) // MAX_WORKING_SIDE)
        if image.mode.startswith(("I", "F")):
            image = image.convert("F")
        elif image.has_transparency_data:
            image = image.convert("RGBA")
        elif image.mode in ("P", "1"):  # cannot be reduced as they are
            image = image.convert("L")
        if factor > 1:
            image = image.reduce(factor)
        if image.mode == "F":
            return _stretch(np.asarray(image))
        return np.asarray((_flatten(image) if image.mode == "RGBA" else image).convert("L"))
    except DECODER_ERRORS as error:
        raise ImageError(f"the picture cannot be read: {error}") from error


def _from_array(array: NDArray[Any]) -> Image.Image:
    expected = "expected a picture of uint8, (H, W) or (H, W, 1, 3 or 4)"
    if not isinstance(array, np.ndarray):
        raise ImageError(f"{expected}, found {type(array).__name__}")
    if array.dtype != np.uint8:
        raise ImageError(f"{expected}, found {array.dtype}")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)) or not array.size:
        raise ImageError(f"{expected}, found the shape {array.shape}")
    return Image.fromarray(np.ascontiguousarray(array))


def _stretch(levels: NDArray[np.float32]) -> Grey:
    """Map numbers of any range to 0 to 255."""
    levels = np.nan_to_num(levels, posinf=0, neginf=0)
    levels = levels - levels.min()
    stretched: Grey = (levels * (255 / max(levels.max(), 1e-9))).astype(np.uint8)
    return stretched


def _flatten(image: Image.Image) -> Image.Image:
    """Lay a picture with transparency on white, or on black if what is drawn is bright."""
    levels, alpha = np.asarray(image.convert("L"), np.float64), np.asarray(image.getchannel("A"), np.float64)
    drawn = (levels * alpha).sum() / max(alpha.sum(), 1)
    paper = Image.new("RGBA", image.size, "black" if drawn > 127 else "white")
    return Image.alpha_composite(paper, image)
