"""Choose RELU_SCALE in mnist_demo/models.py: train mlp-relu with pixels stretched by several factors.

    python benchmarks/input_scale.py [--seeds 6] [--scale X]

Judged on 10,000 images cut from the training set; the test set is not looked at.
"""

import argparse
import statistics
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))

import mnist_demo.models
from mnist_demo import Split, build_model, load_split, train
from mnist_demo.events import Ended
from mnist_demo.recipes import configure

RECIPE = "mlp-relu"
SCALES = (1, 2, 3.2457, 4, 5, 6.5, 8)  # 3.2457 makes the pixels' standard deviation 1
VALIDATION_SIZE = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare scales of the input of mlp-relu.")
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--scale", type=float, action="append", help=f"default: {', '.join(map(str, SCALES))}")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # so small a network gains nothing from a second one
    train_split, validation_split = cut(load_split())
    print("| scale | train | validation | spread of validation |")
    print("|---|---|---|---|")
    for scale in arguments.scale or SCALES:
        results = [run(scale, seed, train_split, validation_split) for seed in range(arguments.seeds)]
        trains, validations = (list(column) for column in zip(*results, strict=True))
        print(
            f"| {scale:g} | {statistics.mean(trains):.2%} | {statistics.mean(validations):.2%} "
            f"| {min(validations):.2%} to {max(validations):.2%} |",
            flush=True,
        )


def cut(split: Split) -> tuple[Split, Split]:
    """Return what to train on, and 10,000 images to judge by."""
    order = np.random.default_rng(0).permutation(len(split))
    kept, held_out = order[:-VALIDATION_SIZE], order[-VALIDATION_SIZE:]
    return Split(split.images[kept], split.labels[kept]), Split(split.images[held_out], split.labels[held_out])


def run(scale: float, seed: int, train_split: Split, validation_split: Split) -> tuple[float, float]:
    """Return train and validation accuracy of the recipe with its pixels times `scale`."""
    mnist_demo.models.RELU_SCALE = scale
    config = configure(RECIPE, seed=seed)
    for event in train(build_model(config.model, seed), train_split, validation_split, config):
        if isinstance(event, Ended):
            return event.train_accuracy or 0.0, event.test_accuracy or 0.0
    raise RuntimeError(f"scale {scale} with seed {seed} did not end")


if __name__ == "__main__":
    main()
