"""A summary of a network's layers: their names, output shapes and parameter counts."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mnist_demo.data.datasets import SIDE


@dataclass(frozen=True)
class Layer:
    """One layer of a network.

    Attributes:
        name: for display, such as "Conv 5x5, 1 → 32".
        output: output shape for one picture, without the batch dimension.
        parameters: number of its own trainable parameters.
        multiply_adds: how many a picture takes; 0 for layers that only compare or add.
    """

    name: str
    output: tuple[int, ...]
    parameters: int
    multiply_adds: int


def describe_layers(model: nn.Module) -> list[Layer]:
    """Return the layers of a network in the order of the forward pass.

    Sequential containers are omitted, because their layers are listed, and so are identities. A residual block is
    listed after its layers, where it adds their input to their output.
    """
    layers: list[Layer] = []

    def note(module: nn.Module, _inputs: Any, output: Tensor) -> None:
        own = sum(parameter.numel() for parameter in module.parameters(recurse=False) if parameter.requires_grad)
        layers.append(Layer(name_layer(module), tuple(output.shape[1:]), own, _multiply_adds(module, output)))

    omitted = (nn.Sequential, nn.Identity)
    steps = [module for module in model.modules() if module is not model and not isinstance(module, omitted)]
    hooks = [module.register_forward_hook(note) for module in steps]
    was_training = model.training
    try:
        with torch.inference_mode():
            weights = next(model.parameters())
            model.eval()(torch.zeros(1, 1, SIDE, SIDE, dtype=weights.dtype, device=weights.device))
    finally:
        model.train(was_training)
        for hook in hooks:
            hook.remove()
    return layers


def _multiply_adds(module: nn.Module, output: Tensor) -> int:
    if isinstance(module, nn.Linear | nn.Conv2d):
        return output.numel() * module.weight[0].numel()
    return 0


def name_layer(module: nn.Module) -> str:
    """Return what a layer is called, such as "Conv 5x5, 1 → 32"."""
    match module:
        case nn.Linear():
            return f"Linear {module.in_features} → {module.out_features}"
        case nn.Conv2d():
            return f"Conv {_sides(module.kernel_size)}, {module.in_channels} → {module.out_channels}"
        case nn.MaxPool2d():
            return f"Max pool {_sides(module.kernel_size)}"
        case nn.BatchNorm1d() | nn.BatchNorm2d():
            return "Batch norm"
        case _:
            return type(module).__name__.lstrip("_")


def _sides(kernel: int | tuple[int, ...]) -> str:
    height, width = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    return f"{height}x{width}"


def count_parameters(model: nn.Module) -> int:
    """Return the number of trainable parameters."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
