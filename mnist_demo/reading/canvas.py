"""A region of a picture -> the canvas on which ink is found: 96 px a side, without mean and contrast."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_demo.networks.inkfinder import SIDE, STEP
from mnist_demo.reading.pictures import Grey

MARGIN = 4  # px at least, on all sides: a stroke that touches the border of the picture has an end there
INNER = SIDE - 2 * MARGIN
FLAT = 1.0  # grey levels: less deviation than that is rounding, and is not amplified

Region = tuple[int, int, int, int]  # left, top, right, bottom in px, the latter two one past the end


@dataclass(frozen=True, eq=False)
class Canvas:
    """A region of a picture, laid out for the network.

    Attributes:
        levels: (2, H, W) float32: grey levels with mean 0 and deviation 1; 1 inside the region, 0 around it.
        left, top: position of the canvas' corner in the picture, in px of the picture; may be negative.
        scale: px of the canvas per px of the picture.
    """

    levels: NDArray[np.float32]
    left: float
    top: float
    scale: float


def lay_out(grey: Grey, region: Region, scale: float) -> Canvas:
    """Lay out a region of a (H, W) picture on a canvas with a margin; each side a multiple of 16 px.

    Args:
        grey: the picture.
        region: the part to lay out, inside the picture and not empty.
        scale: px of the canvas per px of the picture.
    """
    left, top, right, bottom = region
    width, height = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    part = _scaled(grey[top:bottom, left:right], width, height)
    rows, columns = (-(-(side + 2 * MARGIN) // STEP) * STEP for side in (height, width))
    row, column = (rows - height) // 2, (columns - width) // 2
    levels = np.zeros((2, rows, columns), np.float32)
    inside = np.s_[row : row + height, column : column + width]
    levels[0][inside] = (part - part.mean()) / max(float(part.std()), FLAT)
    levels[1][inside] = 1
    return Canvas(levels, left - column / scale, top - row / scale, scale)


def _scaled(part: Grey, width: int, height: int) -> NDArray[np.float32]:
    shrinks = width * height < part.size
    method, gap = (Image.Resampling.BOX, 2.0) if shrinks else (Image.Resampling.BICUBIC, None)
    picture = Image.fromarray(np.ascontiguousarray(part)).resize((width, height), method, reducing_gap=gap)
    return np.asarray(picture, np.float32)
