"""What every layer of a network makes of a picture, and the arithmetic behind one number of it."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mnist_demo.checks import whole_number
from mnist_demo.data.batches import to_input
from mnist_demo.data.datasets import SIDE
from mnist_demo.errors import ImageError, NotFoundError
from mnist_demo.insight.modes import evaluating
from mnist_demo.networks.describe import name_layer

SHOWN = (nn.Conv2d, nn.Linear, nn.ReLU, nn.Sigmoid, nn.MaxPool2d)  # layers whose output is worth a look


@dataclass(frozen=True, eq=False)
class LayerMaps:
    """The output of a layer for one picture.

    Attributes:
        path: of the layer in the network, such as "features.0".
        name: for display, such as "Conv 5x5, 1 → 32".
        maps: (C, H, W) float32; of a fully connected layer (C, 1, 1).
    """

    path: str
    name: str
    maps: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Sum:
    """How a convolution computes one number: the sum of all products, and the bias.

    Attributes:
        inputs: (C, K, K) float32, what is under the kernel; 0 outside of the picture.
        weights: (C, K, K) float32, the kernel.
        bias: what is added; 0 without one.
        output: the result.
    """

    inputs: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: float
    output: float


def layer_maps(model: nn.Module, image: NDArray[np.uint8]) -> list[LayerMaps]:
    """Return what each layer that is worth a look makes of a picture, in the order of the forward pass.

    Args:
        model: any network of MODELS; it is used in eval mode.
        image: (28, 28) uint8, ink is 255 on 0.

    Raises:
        ImageError: the picture is not in MNIST's format.
    """
    passed = _run(model, image)
    return [
        LayerMaps(path, name_layer(model.get_submodule(path)), _to_maps(output)) for path, (_, output) in passed.items()
    ]


def explain_pixel(model: nn.Module, image: NDArray[np.uint8], path: str, channel: int, row: int, column: int) -> Sum:
    """Return the arithmetic of one output pixel of a convolution.

    Args:
        model, image: as for `layer_maps`.
        path: of the convolution in the network.
        channel, row, column: of the output.

    Raises:
        NotFoundError: there is no such convolution.
        SettingsError: its output has no such pixel.
        ImageError: the picture is not in MNIST's format.
    """
    layer = dict(model.named_modules()).get(path)
    if not isinstance(layer, nn.Conv2d):
        raise NotFoundError(f"there is no convolution {path!r}")
    inputs, output = _run(model, image)[path]
    channels, height, width = output.shape[1:]
    for name, value, size in (("channel", channel, channels), ("row", row, height), ("column", column, width)):
        whole_number(name, value, 0, size - 1)
    # One column of `unfold` is what lies under the kernel at one place of the output.
    padding = cast(tuple[int, int], layer.padding)  # numbers in all networks of MODELS
    patches = nn.functional.unfold(inputs, layer.kernel_size, layer.dilation, padding, layer.stride)
    weights = layer.weight[channel].detach()
    return Sum(
        patches[0, :, row * width + column].view(weights.shape).cpu().numpy(),
        weights.cpu().numpy(),
        0.0 if layer.bias is None else layer.bias[channel].item(),
        output[0, channel, row, column].item(),
    )


def run_layers(model: nn.Module, pictures: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
    """Return the input and the output of each layer that is worth a look, by its path, in forward order.

    Args:
        model: any network of MODELS; it is used in eval mode, and by no other thread meanwhile.
        pictures: (batch, 1, 28, 28) in [0, 1].
    """
    paths: dict[nn.Module, str] = {module: path for path, module in model.named_modules() if isinstance(module, SHOWN)}
    passed: dict[str, tuple[Tensor, Tensor]] = {}

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        passed[paths[module]] = inputs[0].clone(), output.clone()  # the next layer may work in place

    hooks = [module.register_forward_hook(note) for module in paths]
    try:
        with evaluating(model), torch.no_grad():
            model(pictures.to(next(model.parameters())))
    finally:
        for hook in hooks:
            hook.remove()
    return passed


def _run(model: nn.Module, image: NDArray[np.uint8]) -> dict[str, tuple[Tensor, Tensor]]:
    if image.dtype != np.uint8 or image.shape != (SIDE, SIDE):
        raise ImageError(f"expected ({SIDE}, {SIDE}) uint8, found {image.shape} {image.dtype}")
    return run_layers(model, to_input(torch.from_numpy(image[np.newaxis].copy())))


def _to_maps(output: Tensor) -> NDArray[np.float32]:
    maps: NDArray[np.float32] = output[0].cpu().numpy()
    return maps if maps.ndim == 3 else maps.reshape(-1, 1, 1)
