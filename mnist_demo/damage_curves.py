"""Measure how robust the bundled networks are, and keep the figures beside the data, where the page finds them.

python -m mnist_demo.damage_curves [--data DIR] [--device DEVICE]

Each network is evaluated on the test split: as it is, with every damage of `insight.damage` in ten strengths, and with
every corruption of `insight.corruptions`. Without --data this makes mnist_demo/data/damage-curves.jsonl again, in a
quarter of an hour on one core.
"""

import argparse
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import torch

from mnist_demo.data.datasets import Split, load_split
from mnist_demo.errors import MnistDemoError, SettingsError
from mnist_demo.insight.robustness import SEED, Robustness, measure_robustness
from mnist_demo.insight.robustness_file import place_of, write_robustness
from mnist_demo.networks.checkpoints import WEIGHTS, hash_weights
from mnist_demo.networks.devices import choose_device
from mnist_demo.networks.registry import MODELS
from mnist_demo.reading.predictor import Predictor


def main() -> None:
    """Measure the networks that have learned the dataset, and write the figures."""
    parser = argparse.ArgumentParser(
        description="Measure how accurate the bundled networks are on damaged test images."
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="IDX files with MNIST's names; default: MNIST")
    parser.add_argument("--device", default="cpu", help="auto, cpu, cuda, cuda:N or mps; default: cpu")
    arguments = parser.parse_args()
    try:
        split = load_split(arguments.data, train=False)
        path = place_of(arguments.data)
        if not os.access(path.parent, os.W_OK):  # told at once, not after all the work
            raise SettingsError(f"{path}: cannot be written; copy the data to a folder that can, and name that one")
        predictors = load_predictors(split, arguments.device)
        weights = {name: hash_weights(WEIGHTS / f"{name}.safetensors") for name in predictors}
        networks = {name: predictor.copy_network() for name, predictor in predictors.items()}
        found = measure_robustness(split, networks, lambda step: print(step, flush=True))
        made_with = {
            "seed": SEED,
            "device": choose_device(arguments.device).type,
            "torch": torch.__version__,
            "date": date.today().isoformat(),
        }
        write_robustness(path, found, split, weights, made_with)
    except MnistDemoError as error:
        parser.exit(1, f"{error}\n")
    print_summary(found)
    print(path)


def load_predictors(split: Split, device: str) -> Mapping[str, Predictor]:
    """Return the bundled networks that have learned the classes of a split, by name.

    Raises:
        SettingsError: there is no such device, or none has learned them.
        CheckpointError: weights are missing or damaged.
    """
    loaded = {name: Predictor.load(name, device) for name in MODELS}
    known = {name: each for name, each in loaded.items() if each.subject.classes == split.subject.classes}
    if not known:
        raise SettingsError(f"no bundled network has learned the classes of {split.subject.dataset}")
    return known


def print_summary(found: Robustness) -> None:
    """Print each network's error on the split as it is, and its mean error over the corruptions."""
    for name, accuracy in found.clean.items():
        mean = np.mean([1 - accuracies[name] for accuracies in found.corruptions.values()])
        print(f"{name}: {1 - accuracy:.2%} wrong as it is, {mean:.2%} in the mean of all corruptions")


if __name__ == "__main__":
    main()
