"""How wide and how deep a network can be made whose layers may be chosen."""

from dataclasses import dataclass
from typing import Any

from mnist_demo.errors import SettingsError


@dataclass(frozen=True)
class Sizes:
    """What may be chosen of a network.

    Attributes:
        what: whose sizes they are, in the plural.
        default: of each layer, from the picture on.
        fewest, most: layers.
        smallest, largest: size of a layer.
    """

    what: str
    default: tuple[int, ...]
    fewest: int
    most: int
    smallest: int
    largest: int

    def check(self, sizes: Any) -> tuple[int, ...]:
        """Return the sizes as whole numbers.

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
