"""Pictures from files, arrays and Pillow -> grey levels of a manageable size."""

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mnist_demo.errors import ImageError, ImageFormatError, ImageTooLargeError
from mnist_demo.reading.colour import to_levels
from mnist_demo.reading.picture_structure import check_structure

Grey = NDArray[np.uint8]

MAX_BYTES = 20 << 20  # of a picture file
MAX_PIXELS = 60_000_000  # of a picture file; a phone's photo has 12 to 50 million
MAX_DECODED = 160_000_000  # bytes that a decoder may need at once
MAX_WORKING_SIDE = 1000  # px; larger pictures are reduced first: a digit of 2% of it still has enough detail
# Peak bytes per pixel until the picture is reduced, measured with Pillow 12.3: by Pillow's mode for most formats, by
# format for two whose decoders keep several copies.
MODE_BYTES = {"1": 2, "L": 1, "RGB": 4, "RGBX": 4, "CMYK": 4, "YCbCr": 4, "I;16": 6, "I;16B": 6, "RGBA": 9}
FORMAT_BYTES = {"WEBP": 20, "AVIF": 14}
MOST_BYTES = 13  # for other modes, and for pictures with a transparent colour


@dataclass(frozen=True, eq=False)
class PictureFile:
    """A picture file that was opened.

    Attributes:
        grey: (H, W) uint8, at most 1,000 px per side, rotated upright according to its EXIF data.
        scale: px of the original picture per px of `grey`.
    """

    grey: Grey
    scale: float


Picture = Image.Image | NDArray[Any] | PictureFile


def open_picture(source: Path | bytes, max_pixels: int = MAX_PIXELS) -> PictureFile:
    """Open a picture file, given its path or its content.

    Raises:
        ImageError: there is no such file, or it is damaged.
        ImageFormatError: it is not a PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF.
        ImageTooLargeError: it has too many pixels, or would need too much memory or time.
    """
    name = source if isinstance(source, Path) else "the picture"
    with _telling_damage(name):
        content = read_file(source) if isinstance(source, Path) else source
        kind = check_structure(content).upper()
        try:
            with Image.open(BytesIO(content), formats=[kind]) as image:  # reads only the header
                _check_size(image, kind, max_pixels)
                larger = max(image.size)
                # Decodes a JPEG at 1/2, 1/4 or 1/8 size and without converting its colours, in a tenth of the time.
                image.draft("YCbCr", _fit(image.size))
                grey = _decode(image)
        except UnidentifiedImageError as error:
            if kind not in Image.OPEN:
                raise ImageFormatError(f"not a picture in a supported format: Pillow has no {kind} here") from error
            raise ImageError("cannot be read: the file is damaged") from error
    return PictureFile(grey, larger / max(grey.shape))


def read_file(path: Path) -> bytes:
    """Return the bytes of a picture file.

    Raises:
        ImageTooLargeError: it is larger than 20 MB.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ImageTooLargeError(f"too large: expected at most {MAX_BYTES:,} bytes")
    return content


def to_grey(picture: Picture) -> Grey:
    """Return (H, W) uint8 grey levels, reduced to at most 1,000 px per side; transparent pixels become background.

    Args:
        picture: a PIL picture of any mode, a picture file, or an array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) of
            uint8, or of floats in [0, 1].

    Raises:
        ImageError: an array that is not a picture, or a picture whose file is damaged.
    """
    if isinstance(picture, PictureFile):
        return picture.grey
    image = picture if isinstance(picture, Image.Image) else _from_array(picture)
    with _telling_damage("the picture"):
        return _decode(image)


@contextlib.contextmanager
def _telling_damage(name: object) -> Iterator[None]:
    """Turn whatever a decoder raises on a file into an ImageError that begins with `name`."""
    try:
        yield
    except ImageError as error:
        raise type(error)(f"{name}: {error}") from error
    except (MemoryError, Image.DecompressionBombError) as error:
        raise ImageTooLargeError(f"{name}: too large: it would need too much memory") from error
    except OSError as error:
        raise ImageError(f"{name}: cannot be read: {error.strerror or error}") from error
    # Catch everything: on a damaged file decoders raise SyntaxError, ValueError, RuntimeError, EOFError and more, and
    # none of these is a bug in this program.
    except Exception as error:
        raise ImageError(f"{name}: cannot be read: the file is damaged") from error


def _check_size(image: Image.Image, kind: str, max_pixels: int) -> None:
    """Refuse a picture that would take too much memory, before anything is unpacked.

    Raises:
        ImageTooLargeError: it has too many pixels.
    """
    if kind != "JPEG":  # JPEG is decoded at reduced size, and its scans have been checked
        of_mode = MOST_BYTES if "transparency" in image.info else MODE_BYTES.get(image.mode, MOST_BYTES)
        cost = FORMAT_BYTES.get(kind, of_mode)
        max_pixels = min(max_pixels, MAX_DECODED // cost)
    if image.width * image.height > max_pixels:
        found = f"{image.width:,} x {image.height:,}"
        raise ImageTooLargeError(f"too large: expected at most {max_pixels:,} pixels, found {found}")


def _fit(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size scaled down so that the larger side fits MAX_WORKING_SIDE."""
    scale = min(1.0, MAX_WORKING_SIDE / max(size))
    width, height = size
    return max(1, math.floor(width * scale)), max(1, math.floor(height * scale))


def _decode(image: Image.Image) -> Grey:
    """Return the grey levels of a picture that may not be decoded yet, avoiding copies at full size."""
    image.load()
    factor = math.ceil(max(image.size) / MAX_WORKING_SIDE)
    if image.mode.startswith(("I", "F")):
        image = image.convert("F")
    elif image.has_transparency_data:
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        if image.getchannel("A").getextrema() == (255, 255):  # fully opaque
            image = image.convert("RGB")
    elif image.mode not in ("L", "RGB", "YCbCr"):  # others cannot be reduced, or have no plain colours
        image = image.convert("L" if image.mode in ("1", "LA") else "RGB")
    if factor > 1:
        image = image.reduce(factor)
    image = ImageOps.exif_transpose(image)
    if image.mode == "F":
        return _stretch(np.asarray(image))
    return np.asarray(to_levels(_flatten(image).convert("RGB") if image.mode == "RGBA" else image))


def _from_array(array: NDArray[Any]) -> Image.Image:
    expected = "expected a picture (H, W) or (H, W, 1, 3 or 4)"
    if not isinstance(array, np.ndarray):
        raise ImageError(f"{expected}, found {type(array).__name__}")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)) or not array.size:
        raise ImageError(f"{expected}, found the shape {array.shape}")
    return Image.fromarray(np.ascontiguousarray(to_bytes(array)))


def to_bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Return an array of any shape as uint8; one of floats holds 0 to 1.

    Raises:
        ImageError: it has a different type, or values out of that range.
    """
    expected = "expected uint8, or floats in [0, 1]"
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind != "f":
        raise ImageError(f"{expected}, found {array.dtype}")
    if np.isnan(array).any():
        raise ImageError(f"{expected}, found NaN")
    low, high = array.min(initial=0), array.max(initial=1)
    if low < 0 or high > 1:
        raise ImageError(f"{expected}, found {array.dtype} from {array.min():g} to {array.max():g}")
    levels: NDArray[np.uint8] = np.rint(array * 255).astype(np.uint8)
    return levels


def _stretch(levels: NDArray[np.float32]) -> Grey:
    """Rescale numbers of any range to 0 to 255."""
    levels = np.nan_to_num(levels, posinf=0, neginf=0)
    levels = levels - levels.min()
    stretched: Grey = (levels * (255 / max(levels.max(), 1e-9))).astype(np.uint8)
    return stretched


def _flatten(image: Image.Image) -> Image.Image:
    """Composite a transparent picture onto white, or onto black if its content is bright."""
    levels, alpha = np.asarray(image.convert("L"), np.float64), np.asarray(image.getchannel("A"), np.float64)
    drawn = (levels * alpha).sum() / max(alpha.sum(), 1)
    paper = Image.new("RGBA", image.size, "black" if drawn > 127 else "white")
    return Image.alpha_composite(paper, image)
