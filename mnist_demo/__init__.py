"""Handwritten digits: draw them, browse them, and watch a network learn to read them."""

import mnist_demo.threads  # noqa: F401 - before PyTorch
from mnist_demo.datasets import MNISTDataset, Split, load_split
from mnist_demo.evaluation import evaluate
from mnist_demo.idx import read_idx, write_idx
from mnist_demo.inference import NumberReading, Prediction, Predictor
from mnist_demo.models import MODELS, build_model
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
