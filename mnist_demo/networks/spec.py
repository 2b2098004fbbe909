"""What the registry knows of a network."""

from dataclasses import dataclass

from torch import nn

from mnist_demo.networks.sizes import Sizes


@dataclass(frozen=True)
class Spec:
    """A network as its file declares it.

    Attributes:
        name: by which it is asked for everywhere.
        network: its class; where sizes can be chosen, its constructor takes `sizes`.
        sizes: what may be chosen of its layers; None if they are fixed.
    """

    name: str
    network: type[nn.Module]
    sizes: Sizes | None = None


def can_reject(model: nn.Module) -> bool:
    """Return whether a network rejects what is no digit: it has the buffers `temperature` and `threshold` then."""
    return "threshold" in dict(model.named_buffers())
