"""Handwritten digits: draw them, browse them, and watch a network learn to read them.

The public names are loaded when they are first used: a process that only opens pictures needs no PyTorch.
"""

import importlib
from typing import TYPE_CHECKING

import mnist_demo.openmp  # noqa: F401 - before PyTorch

if TYPE_CHECKING:
    from mnist_demo.datasets import MNISTDataset, Split, load_split
    from mnist_demo.evaluation import evaluate
    from mnist_demo.idx import read_idx, write_idx
    from mnist_demo.inference import Predictor
    from mnist_demo.models import MODELS, build_model
    from mnist_demo.predictions import NumberReading, Prediction
    from mnist_demo.recipes import RECIPES, TrainConfig
    from mnist_demo.training import train

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
    "MODELS": "models",
    "RECIPES": "recipes",
    "MNISTDataset": "datasets",
    "NumberReading": "predictions",
    "Prediction": "predictions",
    "Predictor": "inference",
    "Split": "datasets",
    "TrainConfig": "recipes",
    "build_model": "models",
    "evaluate": "evaluation",
    "load_split": "datasets",
    "read_idx": "idx",
    "train": "training",
    "write_idx": "idx",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
