"""Running loss and accuracy over batches, and a stopwatch."""

import math
import time
from dataclasses import dataclass

import torch
from torch import Tensor


class Diverged(Exception):
    """The loss is infinite or not a number."""


@dataclass(frozen=True)
class Evaluation:
    """The results of a network on a split.

    Attributes:
        loss: mean cross-entropy in nats.
        accuracy: share of images classified correctly, in [0, 1].
    """

    loss: float
    accuracy: float


class Meter:
    """Sums over batches, kept on the device: reading them synchronises with it."""

    def __init__(self, device: torch.device) -> None:
        self.examples = 0
        dtype = torch.float32 if device.type == "mps" else torch.float64  # Apple's GPUs have no float64
        self._loss = torch.zeros((), dtype=dtype, device=device)
        self._correct = torch.zeros((), dtype=torch.int64, device=device)

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        """Add examples: their summed loss, their logits and their labels."""
        self.examples += len(labels)
        self._loss += loss.detach()
        self._correct += (logits.argmax(1) == labels).sum()

    def merge(self, other: "Meter") -> None:
        self.examples += other.examples
        self._loss += other._loss
        self._correct += other._correct

    def result(self) -> Evaluation:
        """Return the means.

        Raises:
            Diverged: the loss is not finite.
        """
        loss = self._loss.item() / self.examples
        if not math.isfinite(loss):
            raise Diverged
        return Evaluation(loss, self._correct.item() / self.examples)


class Stopwatch:
    """Adds up the seconds for which it runs."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._since = 0.0

    def start(self) -> None:
        self._since = time.perf_counter()

    def stop(self) -> float:
        """Return the seconds since the last start."""
        lap = time.perf_counter() - self._since
        self.seconds += lap
        return lap

    def lap(self) -> float:
        """Return the seconds since the last start, without stopping."""
        return time.perf_counter() - self._since
