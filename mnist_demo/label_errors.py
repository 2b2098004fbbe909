"""Find the likely label errors of a dataset, and keep them beside it, where the page finds them.

python -m mnist_demo.label_errors [--data DIR] [--recipe NAME] [--folds N] [--networks N] [--seed N] [--device DEVICE]

Without --data this makes mnist_demo/data/label-errors.jsonl again, in less than a minute on two cores.
"""

import argparse
import itertools
import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mnist_demo.data.datasets import Split, load_split
from mnist_demo.errors import MnistDemoError, SettingsError
from mnist_demo.insight.label_error_file import LabelErrors, place_of, write_label_errors
from mnist_demo.insight.label_errors import FOLDS, NETWORKS, Images, Labels, Network, find_label_errors
from mnist_demo.networks.devices import choose_device
from mnist_demo.networks.evaluation import list_logits
from mnist_demo.networks.registry import build_model
from mnist_demo.training.events import Ended, EpochEnded
from mnist_demo.training.loop import train
from mnist_demo.training.recipes import RECIPES, configure

RECIPE = "fast"
LEAST_STEPS = 150  # of the optimizer: a small dataset is gone through more often
SHOWN = 10  # errors that are printed


def main() -> None:
    """Find the likely label errors of both splits, and write them."""
    parser = argparse.ArgumentParser(description="Find the likely label errors of a dataset.")
    parser.add_argument("--data", type=Path, metavar="DIR", help="IDX files with MNIST's names; default: MNIST")
    parser.add_argument("--recipe", default=RECIPE, help=f"one of {', '.join(RECIPES)}; default: {RECIPE}")
    parser.add_argument("--folds", type=int, default=FOLDS, help="default: %(default)s")
    parser.add_argument("--networks", type=int, default=NETWORKS, help="how many judge each fold; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps; default: auto")
    arguments = parser.parse_args()
    try:
        splits = {name: load_split(arguments.data, train=name == "train") for name in ("train", "test")}
        path = place_of(arguments.data)
        if not os.access(path.parent, os.W_OK):  # told at once, not after all the work
            raise SettingsError(f"{path}: cannot be written; copy the data to a folder that can, and name that one")
        options = {name: getattr(arguments, name) for name in ("recipe", "folds", "networks", "seed", "device")}
        found = find_in_splits(splits, **options)
        write_label_errors(path, found, splits)
    except MnistDemoError as error:
        parser.exit(1, f"{error}\n")
    for name, errors in found.errors.items():
        print(f"{name}: {len(errors):,} likely label errors in {len(splits[name]):,} samples")
        for each in errors[:SHOWN]:
            print(f"  {each.index}: labelled {each.label}, likely {each.proposed} ({each.confidence:.1%})")
    print(path)


def find_in_splits(
    splits: dict[str, Split], recipe: str, folds: int, networks: int, seed: int, device: str
) -> LabelErrors:
    """Find the likely label errors of splits that are judged together, each sample by what learned from the others.

    Raises:
        SettingsError: as for `find_label_errors` and `train_network`.
    """
    images = np.concatenate([split.images for split in splits.values()])
    labels = np.concatenate([split.labels for split in splits.values()])
    numbers = itertools.count(1)

    def train_and_tell(images: Images, labels: Labels, seed: int) -> Network:
        print(f"network {next(numbers)} of {folds * networks}", flush=True)
        return train_network(images, labels, seed, recipe, device)

    errors = find_label_errors(images, labels, train_and_tell, folds, networks, seed)
    made_with = {
        "recipe": recipe,
        "folds": folds,
        "networks": networks,
        "seed": seed,
        "device": choose_device(device).type,
        "torch": torch.__version__,
        "date": date.today().isoformat(),
    }
    by_split, start = {}, 0
    for name, split in splits.items():
        end = start + len(split)
        by_split[name] = [replace(error, index=error.index - start) for error in errors if start <= error.index < end]
        start = end
    return LabelErrors(made_with, by_split)


def train_network(images: Images, labels: Labels, seed: int, recipe: str = RECIPE, device: str = "auto") -> Network:
    """Train a network with a recipe, for `find_label_errors`.

    Args:
        images: (N, 28, 28).
        labels: (N,) 0 to 9.
        seed: of the weights and the order.
        recipe: a key of RECIPES.
        device: as for TrainConfig.

    Returns:
        A function from (M, 28, 28) images to (M, 10) logits.

    Raises:
        SettingsError: a setting is out of range, or training failed.
    """
    config = configure(recipe, seed=seed, device=device)
    if len(images) % config.batch_size == 1:  # batch normalisation needs two
        images, labels = images[:-1], labels[:-1]
    steps = -(-len(images) // config.batch_size)
    config = replace(config, epochs=max(config.epochs, -(-LEAST_STEPS // max(1, steps))))
    model = build_model(config.model, config.seed)
    split = Split(np.ascontiguousarray(images), np.ascontiguousarray(labels))
    checked = Split(split.images[:1], split.labels[:1])  # for the events of every epoch, which nobody reads
    for event in train(model, split, checked, config):
        if isinstance(event, Ended) and event.reason != "finished":
            raise SettingsError(f"the network with the seed {seed}: {event.message}")
        if isinstance(event, EpochEnded) and event.epoch == config.epochs and not config.validation_size:
            break  # what would follow is an evaluation of everything

    def list_scores(images: Images) -> Any:
        tensor = torch.from_numpy(np.ascontiguousarray(images)).to(choose_device(device))
        return list_logits(model, tensor).cpu().numpy()

    return list_scores


if __name__ == "__main__":
    main()
