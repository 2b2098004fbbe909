"""On which training samples each unit of a network fires most: computed once, and kept by the hash of its weights."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from torch import nn

from mnist_demo.checks import whole_number
from mnist_demo.data.datasets import SIDE, Split
from mnist_demo.errors import NotFoundError
from mnist_demo.insight.receptive_fields import receptive_fields
from mnist_demo.insight.strongest import COUNT, ENTRY, Strongest, list_units
from mnist_demo.reading.predictor import Predictor
from mnist_demo.serving.kept_arrays import KeptArrays
from mnist_demo.serving.split_jobs import SLICE, SplitJobs, Steps, Unfinished

MAX_LOADED = 12  # networks in memory: 0.1 MB each
MAX_KEPT = 100  # files


@dataclass(frozen=True)
class Fired:
    """A sample on which a unit fires.

    Attributes:
        index: of the sample.
        value: how strongly.
        box: top, left, height and width of what it looks at there, in px; None for the whole picture.
    """

    index: int
    value: float
    box: tuple[int, int, int, int] | None


class Units:
    """The units of a network, with the samples on which each fires most.

    Args:
        model: the network.
        table: of the samples, see `insight.strongest`.
    """

    def __init__(self, model: nn.Module, table: NDArray[Any]) -> None:
        self._layers = list_units(model)
        self._fields = receptive_fields(model)
        self._table = table

    @property
    def count(self) -> int:
        """How many units there are in all layers together."""
        return sum(layer.channels for layer in self._layers.values())

    def strongest(self, path: str, channel: int) -> list[Fired]:
        """Return the samples on which a unit fires most, the strongest first.

        Args:
            path: of the layer in the network.
            channel: of its maps; of a fully connected layer its unit.

        Raises:
            NotFoundError: there is no such layer.
            SettingsError: it has no such channel.
        """
        if path not in self._layers:
            raise NotFoundError(f"there is no layer {path!r:.50}")
        layer = self._layers[path]
        row = self._table[layer.first + whole_number("channel", channel, 0, layer.channels - 1)]
        return [
            Fired(int(index), float(value), self._box(path, *divmod(int(place), layer.width)))
            for value, index, place in row
        ]

    def _box(self, path: str, row: int, column: int) -> tuple[int, int, int, int] | None:
        if path not in self._fields:
            return None
        (top, bottom), (left, right) = self._fields[path][[row, column]].tolist()
        return None if bottom - top == right - left == SIDE else (top, left, bottom - top, right - left)


class SplitUnits:
    """The units of networks, on a split.

    Args:
        split: the training samples.
        jobs: which do the work.
        folder: where it is kept from one start of the server to the next; None for nowhere.
    """

    def __init__(self, split: Split, jobs: SplitJobs, folder: Path | None) -> None:
        self.split = split
        self._kept: KeptArrays[Units] = KeptArrays(jobs, folder, MAX_LOADED, MAX_KEPT)

    def find(self, predictor: Predictor) -> Units | Unfinished:
        """Return the units of all layers of a network, or how far they are; whoever asks first sets them off.

        Raises:
            BusyError: too many wait.
        """

        def use(table: NDArray[Any]) -> Units | None:
            units = Units(predictor.copy_network(), table)
            fits = table.dtype == ENTRY and table.shape == (units.count, min(COUNT, len(self.split)))
            return units if fits else None

        key = f"units-{self.split.fingerprint}-{predictor.fingerprint}"
        return self._kept.find(key, lambda: _read_split(predictor.copy_network(), self.split), use)


def _read_split(model: nn.Module, split: Split) -> Steps:
    strongest = Strongest(model)  # of all layers: one pass serves them all
    for start in range(0, len(split), SLICE):
        images = split.images[start : start + SLICE]
        strongest.add(images)
        yield (start + len(images)) / len(split)
    return strongest.table
