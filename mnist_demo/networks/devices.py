"""Choosing where networks run."""

import torch

from mnist_demo.errors import SettingsError
from mnist_demo.threads import CORES

DEVICES = ("auto", "cpu", "cuda")


def choose_device(name: str = "auto") -> torch.device:
    """Return the device to compute on: `auto` is CUDA where there is one, else the CPU.

    Raises:
        SettingsError: the name is unknown, or it asks for CUDA where there is none.
    """
    if name not in DEVICES:
        raise SettingsError(f"device: expected one of {', '.join(DEVICES)}, found {name!r}")
    if name == "cuda" and not torch.cuda.is_available():
        raise SettingsError(f"device: there is no CUDA device here, only the CPU ({CORES} threads)")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def has_fast_bfloat16(device: torch.device) -> bool:
    """Return whether the device itself computes in bfloat16; elsewhere it would be imitated, and slow."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    capabilities = getattr(torch.cpu, "get_capabilities", None)  # older versions of PyTorch do not tell
    return bool(capabilities and capabilities().get("avx512_bf16"))
