"""Converts a Predictor's inputs: paths and tensors to pictures, prepared pictures to a batch."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mnist_demo.data.datasets import SIDE
from mnist_demo.errors import ImageError
from mnist_demo.reading.pictures import Grey, Picture, open_picture, to_bytes

Readable = Picture | Tensor | str | os.PathLike[str]


def to_picture(source: Readable) -> Picture:
    """Open a file, or convert a tensor (H, W) or (C, H, W) in torchvision's layout; return other pictures unchanged.

    Raises:
        ImageError: the file cannot be read, or the tensor has a different shape.
    """
    if isinstance(source, str | os.PathLike):
        return open_picture(Path(source))
    if not isinstance(source, Tensor):
        return source
    if source.ndim == 2:
        return _to_array(source)
    if source.ndim != 3 or source.shape[0] not in (1, 3, 4):
        raise ImageError(f"expected a tensor (H, W) or (1, 3 or 4, H, W), found the shape {tuple(source.shape)}")
    return _to_array(source).transpose(1, 2, 0)


def to_prepared(pictures: NDArray[np.generic] | Tensor) -> Grey:
    """Return prepared pictures as (N, 28, 28) uint8, contiguous and writable as PyTorch needs them.

    Args:
        pictures: (28, 28), (N, 28, 28) or (N, 1, 28, 28), uint8 or floats in [0, 1].

    Raises:
        ImageError: they are something else.
    """
    array = _to_array(pictures) if isinstance(pictures, Tensor) else pictures
    expected = f"expected prepared pictures ({SIDE}, {SIDE}) or (N, {SIDE}, {SIDE})"
    if not isinstance(array, np.ndarray):
        raise ImageError(f"{expected}, found {type(array).__name__}")
    shape = array.shape
    if shape[-2:] != (SIDE, SIDE) or len(shape) not in (2, 3, 4) or (len(shape) == 4 and shape[1] != 1):
        raise ImageError(f"{expected}, found the shape {shape}")
    return np.require(to_bytes(array.reshape(-1, SIDE, SIDE)), requirements=["C", "W"])


def _to_array(tensor: Tensor) -> NDArray[np.generic]:
    plain = tensor.detach().cpu()
    return (plain.float() if plain.is_floating_point() else plain).numpy()  # NumPy has no bfloat16
