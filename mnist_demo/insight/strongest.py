"""The samples on which each unit of a network fires most: a unit of a layer, or a channel at its best position.

strongest = Strongest(load_checkpoint(path).model)
strongest.add(split.images)
strongest.table  # (units, 9)
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mnist_demo.data.batches import to_input
from mnist_demo.data.datasets import SIDE
from mnist_demo.insight.layer_maps import run_layers

COUNT = 9  # samples of a unit
PASS = 64  # images in one pass: what all layers of DigitNet take and make of them is 60 MB

# How strongly a unit fires, on which sample, and at which place of its map, counted row by row.
ENTRY = np.dtype([("value", np.float32), ("index", np.int32), ("place", np.int32)])


@dataclass(frozen=True)
class LayerUnits:
    """Where the units of a layer stand in the table.

    Attributes:
        first: the row of its first unit.
        channels: how many it has; of a fully connected layer its units.
        width: of its maps; 1 for a fully connected layer.
    """

    first: int
    channels: int
    width: int


class Strongest:
    """Gathers the samples on which each unit fires most, from as many images as are added.

    Source: what single units respond to is told by the images that they respond to most, as in Zeiler and Fergus,
    "Visualizing and understanding convolutional networks", ECCV 2014, arXiv:1311.2901.

    Args:
        model: any network of MODELS, whose batch normalisation may be folded; it is used in eval mode, and by no other
            thread meanwhile.
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._added = 0
        self._values: Tensor | None = None  # (units, at most COUNT), the greatest first
        self._indices = self._places = torch.empty(0)

    @property
    def table(self) -> NDArray[np.void]:
        """(units, at most COUNT) of ENTRY, the strongest first, of equally strong ones the first; layers in order."""
        values = torch.empty(0, 0) if self._values is None else self._values
        table = np.empty(tuple(values.shape), ENTRY)
        for name, tensor in (("value", values), ("index", self._indices), ("place", self._places)):
            table[name] = tensor.numpy()
        return table

    def add(self, images: NDArray[np.uint8]) -> None:
        """Look at more images, (N, 28, 28) uint8: their indices go on from those before."""
        for part in torch.split(torch.from_numpy(images), PASS):
            passed = run_layers(self._model, to_input(part)).values()
            highest = [_to_maps(output).flatten(2).max(dim=2) for _, output in passed]
            values = torch.cat([each.values for each in highest], dim=1).T.nan_to_num().cpu()
            places = torch.cat([each.indices for each in highest], dim=1).T.cpu()
            indices = torch.arange(self._added, self._added + len(part)).expand(len(values), -1)
            self._merge(values, indices, places)
            self._added += len(part)

    def _merge(self, values: Tensor, indices: Tensor, places: Tensor) -> None:
        if self._values is not None:  # these come first, as their indices are lower
            values = torch.cat([self._values, values], dim=1)
            indices = torch.cat([self._indices, indices], dim=1)
            places = torch.cat([self._places, places], dim=1)
        order = values.sort(dim=1, descending=True, stable=True).indices[:, :COUNT]
        self._values, self._indices, self._places = (each.gather(1, order) for each in (values, indices, places))


def list_units(model: nn.Module) -> dict[str, LayerUnits]:
    """Return where the units of each layer stand in the table, by the path of the layer in the network."""
    units: dict[str, LayerUnits] = {}
    first = 0
    for path, (_, output) in run_layers(model, torch.zeros(1, 1, SIDE, SIDE)).items():
        _, channels, _, width = _to_maps(output).shape
        units[path] = LayerUnits(first, channels, width)
        first += channels
    return units


def _to_maps(output: Tensor) -> Tensor:
    return output if output.dim() == 4 else output[:, :, None, None]
