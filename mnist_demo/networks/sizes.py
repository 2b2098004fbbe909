"""The allowed layer sizes of a network with configurable layers."""

from dataclasses import dataclass
from typing import Any

from mnist_demo.errors import SettingsError


@dataclass(frozen=True)
class Sizes:
    """The allowed range of a network's layer sizes.

    Attributes:
        what: what is counted, in the plural.
        default: size of each layer, from the input on.
        fewest, most: number of layers.
        smallest, largest: size of a layer.
    """

    what: str
    default: tuple[int, ...]
    fewest: int
    most: int
    smallest: int
    largest: int

    def check(self, sizes: Any) -> tuple[int, ...]:
        """Return the sizes as ints.

        Raises:
            SettingsError: there are too few or too many of them, or one is out of its range.
        """
        count = f"{self.fewest}" if self.fewest == self.most else f"{self.fewest} to {self.most}"
        expected = f"sizes: expected {count} numbers of {self.what}, each from {self.smallest} to {self.largest}"
        if not isinstance(sizes, list | tuple) or not all(isinstance(size, int | float) for size in sizes):
            raise SettingsError(f"{expected}, found {sizes!r:.50}")
        if not self.fewest <= len(sizes) <= self.most:
            raise SettingsError(f"{expected}, found {len(sizes)}")
        for size in sizes:
            if size != size // 1 or not self.smallest <= size <= self.largest:
                raise SettingsError(f"{expected}, found {size!r:.50}")
        return tuple(int(size) for size in sizes)
