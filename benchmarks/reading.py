"""What each network reads on drawings that none of them was trained on, with and without our preprocessing.

python benchmarks/reading.py --drawings FILE.npz [--model NAME ...] [--fashion DIR]

FILE.npz holds `images` (N, H, W) uint8, `labels` (N,) and `conditions` (N,), the kind of each picture. A digit that is
refused counts as wrong. "raw" shrinks the picture to 28x28, light on dark, and does nothing else.
"""

import argparse
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from mnist_demo import MODELS, Prediction, Predictor, load_split, read_idx
from mnist_demo.networks.calibration import area_under_roc, expected_calibration_error

FASHION = Path("/usr/share/datasets/fashion-mnist")  # where Debian's package dataset-fashion-mnist lies


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drawings", type=Path, required=True, metavar="FILE.npz")
    parser.add_argument("--model", action="append", metavar="NAME", help="a key of MODELS or a file; default: all")
    parser.add_argument("--fashion", type=Path, default=FASHION, metavar="DIR", help="things that are no digits")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    names = arguments.model or list(MODELS)
    with np.load(arguments.drawings) as file:
        pictures, labels, conditions = list(file["images"]), file["labels"], file["conditions"]
    predictors = {name: Predictor.load(name) for name in names}
    print_accuracies(predictors, pictures, labels, conditions)
    print_honesty(predictors, pictures, labels, arguments.fashion)


def print_accuracies(
    predictors: dict[str, Predictor], pictures: list[NDArray[np.uint8]], labels: NDArray[np.int64], conditions: NDArray
) -> None:
    """Print the share of pictures read rightly, with its 95% interval (Wilson's), for each kind of picture."""
    columns = {}
    for name, predictor in predictors.items():
        shrunk = predictor.read_prepared(np.stack([shrink(picture) for picture in pictures]))
        for heading, predictions in ((f"{name}, raw", shrunk), (name, predictor.predict_batch(pictures))):
            columns[heading] = np.array([prediction.digit for prediction in predictions]) == labels
    print(f"| pictures | n | {' | '.join(columns)} |\n|{'---|' * (2 + len(columns))}")
    for condition in [*dict.fromkeys(conditions), "all"]:
        chosen = np.full(len(labels), True) if condition == "all" else conditions == condition
        cells = [interval(int(column[chosen].sum()), int(chosen.sum())) for column in columns.values()]
        print(f"| {condition} | {chosen.sum():,} | {' | '.join(cells)} |")


def print_honesty(
    predictors: dict[str, Predictor], pictures: list[NDArray[np.uint8]], labels: NDArray[np.int64], fashion: Path
) -> None:
    """Print how the networks do on MNIST, what they refuse, whether their confidence holds, and how fast they are."""
    test = load_split(train=False)
    clothes = read_idx(fashion / "t10k-images-idx3-ubyte.gz")
    print(
        "\n| network | MNIST test, as it is | through the preprocessing | refused: MNIST test | refused: drawings "
        "| refused: Fashion-MNIST | AUROC as it is | AUROC through the preprocessing | ECE on MNIST test "
        "| ECE on drawings | ms a picture |\n|" + "---|" * 11
    )
    for name, predictor in predictors.items():
        digits, drawn = predictor.read_prepared(test.images), predictor.predict_batch(pictures)
        things = predictor.read_prepared(clothes)
        prepared_digits, prepared_things = predictor.predict_batch(test.images), predictor.predict_batch(clothes)
        cells = [
            f"{accuracy(digits, test.labels):.2%}",
            f"{accuracy(prepared_digits, test.labels):.2%}",
            f"{refused(digits):.2%}",
            f"{refused(drawn):.2%}",
            f"{refused(things):.1%}",
            f"{area_under_roc(legibilities(digits), legibilities(things)):.4f}",
            f"{area_under_roc(legibilities(prepared_digits), legibilities(prepared_things)):.4f}",
            f"{calibration_error(digits, test.labels):.2%}",
            f"{calibration_error(drawn, labels):.2%}",
            f"{1000 * seconds_a_picture(predictor, test.images[:300]):.2f}",
        ]
        print(f"| {name} | {' | '.join(cells)} |")


def shrink(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture at 28x28, inverted if its border is light: what those do who prepare nothing."""
    small = np.asarray(Image.fromarray(picture).resize((28, 28), Image.Resampling.LANCZOS))
    border = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    return 255 - small if border.mean() > 127 else small


def right(predictions: list[Prediction], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each picture whether its best guess is the label, refused or not."""
    return np.array([prediction.guess for prediction in predictions]) == labels


def accuracy(predictions: list[Prediction], labels: NDArray[np.int64]) -> float:
    """Return the share of right guesses."""
    return float(right(predictions, labels).mean())


def refused(predictions: list[Prediction]) -> float:
    """Return the share of pictures that are not read."""
    return float(np.mean([prediction.digit is None for prediction in predictions]))


def legibilities(predictions: list[Prediction]) -> NDArray[np.float64]:
    """Return the score that decides."""
    return np.array([prediction.legibility for prediction in predictions])


def calibration_error(predictions: list[Prediction], labels: NDArray[np.int64]) -> float:
    """Return the expected calibration error over all pictures, of the best guess where nothing is read."""
    confidences = np.array([max(prediction.probabilities) for prediction in predictions])
    return expected_calibration_error(confidences, right(predictions, labels))


def seconds_a_picture(predictor: Predictor, images: NDArray[np.uint8]) -> float:
    """Return the median time of the network alone on one prepared picture, on one core."""
    times = []
    for image in images:
        start = time.perf_counter()
        predictor.read_prepared(image[np.newaxis])
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def interval(successes: int, total: int) -> str:
    """Return a share in % with its 95% interval (Wilson 1927)."""
    share, z = successes / total, 1.96
    centre = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    low, high = max(0.0, centre - half), min(1.0, centre + half)  # rounding errors would print -0.0
    return f"{100 * share:.1f} ({100 * low:.1f} to {100 * high:.1f})"


if __name__ == "__main__":
    main()
