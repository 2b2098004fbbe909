"""An exponential average of a network's weights, which generalises better than the last ones.

Source: Tarvainen and Valpola, "Mean teachers are better role models", arXiv:1703.01780.
"""

from copy import deepcopy
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

MEMORY = 0.999  # share of the average that stays at each step
HASTE = 10  # at first there is little to remember: after n steps, at most n / (n + HASTE) of it stays


Network = TypeVar("Network", bound=nn.Module)


class MovingAverage(Generic[Network]):
    """The average of a network's weights and of its other tensors of floats, such as those of batch norm.

    Args:
        network: whose weights are averaged; the average begins with them.

    Attributes:
        network: a copy of it with the averaged weights.
    """

    def __init__(self, network: Network) -> None:
        self.network: Network = deepcopy(network).requires_grad_(False)
        self._averages, self._current = _floats(self.network), _floats(network)
        self._steps = 0

    @torch.no_grad()
    def update(self) -> None:
        """Take in the weights as they are after a step of the optimizer."""
        self._steps += 1
        memory = min(MEMORY, self._steps / (self._steps + HASTE))
        take_in = get_ema_multi_avg_fn(memory)  # type: ignore[no-untyped-call]
        take_in(self._averages, self._current, self._steps)


def _floats(network: nn.Module) -> list[Tensor]:
    return [tensor for tensor in network.state_dict().values() if tensor.is_floating_point()]
