"""A network's entry in the registry."""

from dataclasses import dataclass

from torch import nn

from mnist_demo.networks.sizes import Sizes


@dataclass(frozen=True)
class Spec:
    """A network as declared by its module.

    Attributes:
        name: its key in MODELS.
        network: its class; if the sizes are configurable, its constructor takes `sizes`.
        sizes: the allowed layer sizes; None if they are fixed.
    """

    name: str
    network: type[nn.Module]
    sizes: Sizes | None = None


def can_reject(model: nn.Module) -> bool:
    """Return whether a network can reject non-digits.

    If so, it has the buffers `temperature`, `threshold` and `candidate_threshold`.
    """
    return "threshold" in dict(model.named_buffers())
