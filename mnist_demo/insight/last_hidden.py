"""The last hidden layer of a network: the numbers from which its scores are one weighted sum each.

last_hidden(load_checkpoint(path).model, load_split(train=False).images[:100])  # (100, 256) for DigitNet
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mnist_demo.data.batches import to_input
from mnist_demo.data.datasets import SIDE
from mnist_demo.errors import ImageError
from mnist_demo.insight.modes import evaluating

PASS = 256  # images in one pass


def last_hidden(model: nn.Module, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the input of a network's last linear layer.

    Args:
        model: any network of MODELS, whose batch normalisation may be folded; it is used in eval mode, and by no other
            thread meanwhile.
        images: (N, 28, 28) uint8, ink is 255 on 0.

    Returns:
        (N, F) float32, F the width of the layer.

    Raises:
        ImageError: the images are not in MNIST's format.
    """
    if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE) or not len(images):
        raise ImageError(f"expected (N, {SIDE}, {SIDE}) uint8, found {images.shape} {images.dtype}")
    inputs: list[Tensor] = []

    def note(_: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        inputs.append(arguments[0].clone())

    hook = find_last_linear(model).register_forward_pre_hook(note)
    try:
        with evaluating(model), torch.inference_mode():
            for part in torch.split(torch.from_numpy(images), PASS):
                model(to_input(part.to(next(model.parameters()).device)))
    finally:
        hook.remove()
    return torch.cat(inputs).cpu().numpy()


def find_last_linear(model: nn.Module) -> nn.Linear:
    """Return the layer that makes the scores: in networks of MODELS the last linear one."""
    return [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
