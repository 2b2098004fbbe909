"""MODELS, the registry of the networks.

Every network maps (batch, 1, 28, 28) images in [0, 1], ink is 1, to (batch, 10) logits.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from mnist_demo.errors import NotFoundError, SettingsError
from mnist_demo.networks import convnet, digitnet, fastnet, mlp

SPECS = {spec.name: spec for spec in (mlp.RELU, mlp.SIGMOID, convnet.SPEC, fastnet.SPEC, digitnet.SPEC)}
MODELS: dict[str, type[nn.Module]] = {name: spec.network for name, spec in SPECS.items()}
DEFAULT_MODEL = "digitnet"  # the best one for drawings


@torch.inference_mode(False)  # tensors created in inference mode can never be trained
def build_model(name: str, seed: int | None = None, sizes: tuple[int, ...] = ()) -> nn.Module:
    """Return a new, untrained network on the CPU.

    Args:
        name: a key of MODELS.
        seed: makes the random initial weights reproducible; PyTorch's global generator is not changed.
        sizes: layer sizes, from the input on, if they are configurable; () for the defaults.

    Raises:
        NotFoundError: there is no network of that name.
        SettingsError: it cannot have these sizes.
    """
    if name not in MODELS:
        raise NotFoundError(f"there is no network {name!r}, only {', '.join(MODELS)}")
    options = {"sizes": check_sizes(name, sizes)} if sizes else {}
    with _in_float32():
        if seed is None:
            return MODELS[name](**options)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return MODELS[name](**options)


def check_sizes(name: str, sizes: Any) -> tuple[int, ...]:
    """Return the sizes of the network `name` as ints; () if they are its defaults.

    Raises:
        SettingsError: it cannot have these sizes.
    """
    if not sizes:
        return ()
    if (bounds := SPECS[name].sizes) is None:
        others = ", ".join(spec.name for spec in SPECS.values() if spec.sizes)
        raise SettingsError(f"sizes: those of {name} are fixed, only {others} have configurable sizes")
    chosen = bounds.check(sizes)
    return () if chosen == bounds.default else chosen


@contextlib.contextmanager
def _in_float32() -> Iterator[None]:
    """Initialise weights as float32, whatever PyTorch's default: a seed always gives the same ones, as files expect."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
