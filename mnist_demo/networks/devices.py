"""Choosing the device that networks run on."""

import re

import torch

from mnist_demo.errors import SettingsError
from mnist_demo.threads import CORES

DEVICES = ("auto", "cpu", "cuda", "mps")
NUMBERED = re.compile(r"cuda:(0|[1-9][0-9]?)")  # one of several GPUs


def check_device(name: object) -> None:
    """Check the name of a device, whether this machine has it or not.

    Raises:
        SettingsError: it is neither one of DEVICES nor "cuda:" with a number.
    """
    if name not in DEVICES and not (isinstance(name, str) and NUMBERED.fullmatch(name)):
        raise SettingsError(f"device: expected one of {', '.join(DEVICES)} or cuda:N, found {name!r}")


def choose_device(name: str = "auto") -> torch.device:
    """Return the device to compute on: `auto` is CUDA if available, otherwise the CPU.

    Raises:
        SettingsError: the name is unknown, or this machine has no such device.
    """
    check_device(name)
    has_cuda = torch.cuda.is_available()
    if name == "auto":
        return torch.device("cuda" if has_cuda else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and not has_cuda:
        raise SettingsError(f"device: there is no CUDA device here, only {_describe_devices()}")
    if device.index is not None and device.index >= torch.cuda.device_count():
        last = torch.cuda.device_count() - 1
        raise SettingsError(f"device: expected a CUDA device from cuda:0 to cuda:{last}, found {name}")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise SettingsError(f"device: there is no MPS device (an Apple GPU) here, only {_describe_devices()}")
    return device


def has_fast_bfloat16(device: torch.device) -> bool:
    """Return whether the device supports bfloat16 natively; emulation would be slow."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    capabilities = getattr(torch.cpu, "get_capabilities", None)  # missing in older versions of PyTorch
    return device.type == "cpu" and bool(capabilities and capabilities().get("avx512_bf16"))


def _describe_devices() -> str:
    cpu = f"the CPU ({CORES} threads)"
    return f"CUDA and {cpu}" if torch.cuda.is_available() else cpu
