"""How far the error of each network grows on corrupted MNIST test images: the fifteen corruptions of MNIST-C.

python benchmarks/corruptions.py [--model NAME ...] [--seed 0]

The network sees the corrupted images as they are, without our preprocessing. The error is that of its best guess; the
share of images that it refuses to read stands in brackets. Mu and Gilmer, arXiv:1906.02337.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from mnist_demo import MODELS, Predictor, Split, load_split
from mnist_demo.insight.corruptions import CORRUPTIONS, corrupt


def main() -> None:
    """Print one row a corruption, and their mean."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", action="append", metavar="NAME", help="a key of MODELS or a file; default: all")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    predictors = [Predictor.load(name) for name in arguments.model or MODELS]
    split = load_split(train=False)
    print(
        f"| corruption | {' | '.join(predictor.name for predictor in predictors)} |\n|{'---|' * (1 + len(predictors))}"
    )
    print_row("none", measure(predictors, split, split.images))
    rows = []
    for name in CORRUPTIONS:
        images = corrupt(split.images, name, np.random.default_rng(arguments.seed))
        rows.append(measure(predictors, split, images))
        print_row(name.replace("_", " "), rows[-1])
    print_row("**mean of the fifteen**", np.mean(rows, axis=0))


def measure(predictors: list[Predictor], split: Split, images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the error of each network and the share that it refuses, (networks, 2) in %."""
    shares = []
    for predictor in predictors:
        predictions = predictor.read_prepared(images)
        wrong = np.array([prediction.guess for prediction in predictions]) != split.labels
        shares.append((wrong.mean(), np.mean([prediction.digit is None for prediction in predictions])))
    return 100 * np.array(shares)


def print_row(name: str, shares: NDArray[np.float64]) -> None:
    """Print one row of the table."""
    cells = [f"{error:.2f}" + (f" ({refused:.1f})" if refused else "") for error, refused in shares]
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
