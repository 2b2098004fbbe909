"""What a run learns from: a split on the device, and synthetic drawings among it."""

from collections.abc import Callable, Iterator

import torch

from mnist_demo.data.batches import Data
from mnist_demo.data.datasets import SIDE
from mnist_demo.training.synthetic.drawings import make_drawings

DRAWINGS = 12_000  # synthetic ones, if the recipe asks for them


class TrainingSet:
    """A split and synthetic drawings, shuffled together.

    A drawing is made when it is first wanted: to make them all takes up to half a minute, and a run begins at once.

    Args:
        split: on the device.
        has_drawings: there are 12,000 drawings among it.
        seed: decides what is drawn.
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
        """Yield all of it in a random order, in batches of at most `size`.

        Args:
            size: of a batch.
            generator: decides the order.
            is_first: this is the first epoch; drawings then come in the order in which they are made.
            check: called before every drawing that is made; it may raise.
        """
        order = torch.randperm(len(self), generator=generator)
        if is_first:
            order[order >= self._split_size] = torch.arange(self._split_size, len(self))
        for indices in torch.split(order, size):
            if self._made < len(self):
                self._draw(int(indices.max()) + 1, check)
            yield self._data.take(indices)

    def complete(self, check: Callable[[], None]) -> None:
        """Make all drawings that are not there yet; `check` is called before each and may raise."""
        self._draw(len(self), check)

    def _draw(self, end: int, check: Callable[[], None]) -> None:
        for place in range(self._made, end):
            check()
            picture, label = next(self._drawings)
            self._data.images[place] = torch.from_numpy(picture)
            self._data.labels[place] = label
            self._made = place + 1
