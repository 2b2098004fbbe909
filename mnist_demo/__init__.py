"""Handwritten digits: draw them, browse them, and watch a network learn to read them.

Public names are imported lazily, on first use: a process that only opens pictures does not load PyTorch.
"""

import importlib
from typing import TYPE_CHECKING

import mnist_demo.openmp  # noqa: F401 - must come before PyTorch

if TYPE_CHECKING:
    from mnist_demo.data.datasets import MNISTDataset, Split, load_split
    from mnist_demo.data.idx import read_idx, write_idx
    from mnist_demo.networks.evaluation import evaluate
    from mnist_demo.networks.registry import MODELS, build_model
    from mnist_demo.reading.predictions import NumberReading, Prediction
    from mnist_demo.reading.predictor import Predictor
    from mnist_demo.training.config import TrainConfig
    from mnist_demo.training.loop import train
    from mnist_demo.training.recipes import RECIPES

__version__ = "0.1.0"

__all__ = [
    "MODELS",
    "RECIPES",
    "MNISTDataset",
    "NumberReading",
    "Prediction",
    "Predictor",
    "Split",
    "TrainConfig",
    "build_model",
    "evaluate",
    "load_split",
    "read_idx",
    "train",
    "write_idx",
]

_MODULES = {
    "MODELS": "networks.registry",
    "RECIPES": "training.recipes",
    "MNISTDataset": "data.datasets",
    "NumberReading": "reading.predictions",
    "Prediction": "reading.predictions",
    "Predictor": "reading.predictor",
    "Split": "data.datasets",
    "TrainConfig": "training.config",
    "build_model": "networks.registry",
    "evaluate": "networks.evaluation",
    "load_split": "data.datasets",
    "read_idx": "data.idx",
    "train": "training.loop",
    "write_idx": "data.idx",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
