"""The weights of a network's first layer, as pictures."""

import numpy as np
from numpy.typing import NDArray
from torch import nn

from mnist_demo.data.datasets import SIDE
from mnist_demo.errors import SettingsError

MAX_UNITS = 128  # pictures: more than anybody will look at


def first_layer_pictures(model: nn.Module) -> NDArray[np.uint8]:
    """Render the weights of each first-layer unit: (units, side, side) uint8, at most 128 of them.

    The weights of a unit are scaled by their largest magnitude: 128 is a weight of 0, 255 and 1 are that
    magnitude, positive and negative. A fully connected layer gives pictures of 28x28, a convolution its kernels.

    Raises:
        SettingsError: no layer of the network takes pixels as input.
    """
    for module in model.modules():
        if isinstance(module, nn.Linear) and module.in_features == SIDE**2:
            return _to_pictures(module.weight.detach()[:MAX_UNITS].float().view(-1, SIDE, SIDE).cpu().numpy())
        if isinstance(module, nn.Conv2d) and module.in_channels == 1:
            return _to_pictures(module.weight.detach()[:MAX_UNITS, 0].float().cpu().numpy())
    raise SettingsError(f"{type(model).__name__} has no layer whose inputs are the pixels of a picture")


def _to_pictures(weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Scale (units, height, width) weights to bytes, each unit separately; an all-zero unit is grey."""
    largest = np.abs(weights).max(axis=(1, 2), keepdims=True)
    shares = weights / np.where(largest > 0, largest, 1)
    return np.rint(128 + 127 * shares).astype(np.uint8)
