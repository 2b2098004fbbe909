"""The training set of a run: a split on the device, with synthetic drawings mixed in."""

from collections.abc import Callable, Iterator

import torch

from mnist_demo.data.batches import Data
from mnist_demo.data.datasets import SIDE
from mnist_demo.training.synthetic.mixture import make_drawings

DRAWINGS = 12_000  # synthetic ones, if the recipe asks for them


class TrainingSet:
    """A split and synthetic drawings, shuffled together.

    Drawings are made lazily: making all of them takes up to half a minute, and a run should begin at once.

    Args:
        split: on the device.
        has_drawings: whether to mix in 12,000 drawings.
        seed: of the drawings.
    """

    def __init__(self, split: Data, has_drawings: bool, seed: int) -> None:
        self._split_size = self._made = len(split)
        self._drawings = make_drawings(DRAWINGS, seed)
        if has_drawings:
            places = torch.empty((DRAWINGS, SIDE, SIDE), dtype=torch.uint8, device=split.device)
            split = split.joined(Data(places, torch.empty(DRAWINGS, dtype=torch.int64, device=split.device)))
        self._data = split

    def __len__(self) -> int:
        return len(self._data)

    def batches(
        self, size: int, generator: torch.Generator, is_first: bool, check: Callable[[], None] = lambda: None
    ) -> Iterator[Data]:
        """Yield the whole set in random order, in batches of at most `size`.

        Args:
            size: of a batch.
            generator: source of randomness for the order.
            is_first: this is the first epoch, in which drawings come in the order in which they are made.
            check: called before each drawing is made; it may raise.
        """
        order = torch.randperm(len(self), generator=generator)
        if is_first:
            order[order >= self._split_size] = torch.arange(self._split_size, len(self))
        for indices in torch.split(order, size):
            if self._made < len(self):
                self._draw(int(indices.max()) + 1, check)
            yield self._data.take(indices)

    def complete(self, check: Callable[[], None]) -> None:
        """Make all missing drawings; `check` is called before each and may raise."""
        self._draw(len(self), check)

    def _draw(self, end: int, check: Callable[[], None]) -> None:
        for place in range(self._made, end):
            check()
            picture, label = next(self._drawings)
            self._data.images[place] = torch.from_numpy(picture)
            self._data.labels[place] = label
            self._made = place + 1
