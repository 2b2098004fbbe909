"""Which part of the picture a number of a map depends on."""

import copy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mnist_demo.data.datasets import SIDE
from mnist_demo.insight.layer_maps import run_layers


def receptive_fields(model: nn.Module) -> dict[str, NDArray[np.int64]]:
    """Return from which row of the picture to which each row of a layer's maps depends on, by the layer's path.

    It is found by a network of the same layers that adds up what it is given, in float64: a row of the picture that is
    lit reaches the rows that depend on it, and no others. What holds for rows holds for columns: networks of MODELS
    treat both alike.

    Args:
        model: any network of MODELS.

    Returns:
        (H, 2) for a layer with maps of H rows: the first row of the picture, and the one after the last. Layers
        without maps are left out.
    """
    probe = copy.deepcopy(model).double().cpu()
    with torch.no_grad():
        for layer in probe.modules():
            if isinstance(layer, nn.Conv2d):
                layer.weight.fill_(1 / layer.weight[0].numel())
                if layer.bias is not None:
                    layer.bias.zero_()
            elif isinstance(layer, nn.BatchNorm2d):
                layer.reset_parameters()  # to one that changes nothing
    rows = torch.eye(SIDE)[:, None, :, None].expand(-1, 1, -1, SIDE)  # one lit row a picture
    fields = {}
    for path, (_, output) in run_layers(probe, rows).items():
        if output.dim() != 4:
            continue
        reached = (output.amax(dim=(1, 3)) > 0).numpy()  # (28, H)
        first, after = reached.argmax(axis=0), SIDE - reached[::-1].argmax(axis=0)
        fields[path] = np.stack([first, after], axis=1)
    return fields
