"""How far the error of each network grows on corrupted MNIST test images: the fifteen corruptions of MNIST-C.

python benchmarks/corruptions.py [--model NAME ...] [--seed 0]

The network sees the corrupted images as they are, without our preprocessing. The error is that of its best guess; what
it refuses to read stands in a column of its own. Mu and Gilmer, arXiv:1906.02337.
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
    headings = [predictor.name for predictor in predictors] + [f"{predictor.name}, refused" for predictor in predictors]
    print(f"| corruption, error in % | {' | '.join(headings)} |\n|{'---|' * (1 + len(headings))}")
    print_row("none", measure(predictors, split, split.images))
    rows = []
    for name in CORRUPTIONS:
        images = corrupt(split.images, name, np.random.default_rng(arguments.seed))
        rows.append(measure(predictors, split, images))
        print_row(name.replace("_", " "), rows[-1])
    print_row("**mean of the fifteen**", np.mean(rows, axis=0))


def measure(predictors: list[Predictor], split: Split, images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return for each network its error and the share that it refuses, one after the other, in %."""
    shares = []
    for predictor in predictors:
        predictions = predictor.read_prepared(images)
        wrong = np.array([prediction.guess for prediction in predictions]) != split.labels
        shares += [wrong.mean(), np.mean([prediction.digit is None for prediction in predictions])]
    return 100 * np.array(shares)


def print_row(name: str, shares: NDArray[np.float64]) -> None:
    """Print one row of the table."""
    print(f"| {name} | {' | '.join(f'{share:.2f}' for share in shares)} |", flush=True)


if __name__ == "__main__":
    main()
