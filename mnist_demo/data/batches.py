"""A split on the device, as bytes, and the batches sliced from it."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from mnist_demo.data.datasets import Split
from mnist_demo.errors import SettingsError


def to_input(images: Tensor) -> Tensor:
    """Map (batch, 28, 28) uint8 to the networks' input: (batch, 1, 28, 28) float in [0, 1]."""
    return images.unsqueeze(1).float().div_(255)


@dataclass(frozen=True, eq=False)
class Data:
    """Images and labels on one device.

    Attributes:
        images: (N, 28, 28) uint8.
        labels: (N,) int64.
    """

    images: Tensor
    labels: Tensor

    @classmethod
    def load(cls, split: Split, device: torch.device) -> "Data":
        """Put a split on the device.

        Raises:
            SettingsError: it is empty.
        """
        if not len(split):
            raise SettingsError("the split has no images")
        return cls(torch.from_numpy(split.images).to(device), torch.from_numpy(split.labels).to(device).long())

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def device(self) -> torch.device:
        """The device of the tensors."""
        return self.labels.device

    def cut(self, count: int) -> tuple["Data", "Data"]:
        """Split into the first `count` images, and the rest."""
        return Data(self.images[:count], self.labels[:count]), Data(self.images[count:], self.labels[count:])

    def joined(self, other: "Data") -> "Data":
        """Return the concatenation of these and the others."""
        return Data(torch.cat([self.images, other.images]), torch.cat([self.labels, other.labels]))

    def to(self, device: torch.device) -> "Data":
        """Return the examples on another device."""
        return Data(self.images.to(device), self.labels.to(device))

    def take(self, indices: Tensor) -> "Data":
        """Return the examples at (batch,) int64 indices."""
        indices = indices.to(self.device)
        return Data(self.images[indices], self.labels[indices])

    def batches(self, size: int) -> Iterator["Data"]:
        """Yield slices of at most `size`."""
        for start in range(0, len(self), size):
            yield Data(self.images[start : start + size], self.labels[start : start + size])
