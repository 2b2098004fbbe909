"""Colours -> grey levels: by brightness, or along the axis of greatest contrast where brightness would hide the ink."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SAMPLE = 64  # px, the longer side at which contrasts are compared
BRIGHTNESS = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, which Pillow uses
GAIN = 2.0  # the contrast along the axis, as a multiple of that of the brightness, from which the axis is used
LEAST = 3.0  # levels, standard deviation: less is the noise of a camera


def to_levels(image: Image.Image) -> Image.Image:
    """Return a picture of mode "L".

    Red ink on a green of the same brightness, or yellow on white, differ in colour only: there the levels are those
    along the first principal component of the colours, stretched from 0 to 255, in either direction.

    Args:
        image: of mode "RGB", "YCbCr" or "L".
    """
    if image.mode == "L" or (axis := _find_axis(image)) is None:
        return image.convert("L")
    levels = np.asarray(image.convert("RGB"), np.float32) @ axis.astype(np.float32)
    low, high = float(levels.min()), float(levels.max())
    return Image.fromarray(((levels - low) * (255 / max(high - low, 1))).astype(np.uint8))


def _find_axis(image: Image.Image) -> NDArray[np.float64] | None:
    """Return the direction of the greatest contrast, (3,) of length 1; None if brightness shows about as much."""
    scale = SAMPLE / max(*image.size, SAMPLE)
    size = [max(1, round(side * scale)) for side in image.size]
    colours = np.asarray(image.resize(size, Image.Resampling.BOX, reducing_gap=2).convert("RGB"), np.float64)
    covariance = np.cov(colours.reshape(-1, 3), rowvar=False, bias=True)
    variances, axes = np.linalg.eigh(covariance)
    # Of a grey picture, the axis has the square root of 3 times the contrast of the brightness.
    least = max(LEAST, GAIN * float(np.sqrt(3 * BRIGHTNESS @ covariance @ BRIGHTNESS)))
    axis: NDArray[np.float64] = axes[:, -1]
    return axis if variances[-1] >= least**2 else None
