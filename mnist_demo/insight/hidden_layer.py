"""What a network makes of pictures before its last layer: the features between which that layer only draws lines."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mnist_demo.data.batches import to_input
from mnist_demo.errors import NotFoundError
from mnist_demo.insight.modes import evaluating
from mnist_demo.networks.evaluation import MAX_FORWARD


def hidden_outputs(model: nn.Module, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what goes into the last fully connected layer of a network, (N, F), for (N, 28, 28) images.

    Raises:
        NotFoundError: the network has no such layer.
    """
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    if not layers:
        raise NotFoundError("the network has no fully connected layer")
    found: list[Tensor] = []
    hook = layers[-1].register_forward_hook(lambda _, inputs, __: found.append(inputs[0].cpu()))
    device = next(model.parameters()).device
    try:
        with evaluating(model), torch.no_grad():
            for part in torch.split(torch.from_numpy(images), MAX_FORWARD):
                model(to_input(part.to(device)))
    finally:
        hook.remove()
    outputs: NDArray[np.float32] = torch.cat(found).numpy()
    return outputs
