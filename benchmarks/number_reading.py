"""How many whole numbers are read rightly, and how that falls as their digits come closer, touch and overlap.

python benchmarks/number_reading.py [--numbers 500] [--seed 0]

Numbers of 2 to 5 digits are composed of MNIST test digits. Their box of 20x20 is enlarged to 22 to 34 px (28 on
average), each digit by up to 10% more or less than its number; each is slanted by up to 12 degrees more than it was
written. `gap` px, at 28 px, lie between the boxes around neighbours; where it is negative the boxes overlap.
"""

import argparse
import math
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from reading import interval

sys.path.insert(0, str(Path(__file__).parent.parent))

from mnist_demo import Predictor, Split, load_split

GAPS = (12, 8, 6, 4, 3, 2, 1, 0, -1, -2, -3, -4, -6)  # px at a digit height of 28 px
HEIGHTS = 22, 34  # px
MAX_SLANT = math.tan(math.radians(12))
MARGIN = 10  # px around a number


def main() -> None:
    """Print one row a gap."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numbers", type=int, default=500, help="for every gap")
    parser.add_argument("--model", default="digitnet")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    predictor, split = Predictor.load(arguments.model), load_split(train=False)
    print("| gap, px at 28 px height | whole numbers right, % | right count of digits, % |\n|---|---|---|")
    for gap in GAPS:
        random = np.random.default_rng(arguments.seed)
        right = counted = 0
        for _ in range(arguments.numbers):
            picture, text = compose(split, gap, random)
            read = predictor.read_number(picture).text
            right += read == text
            counted += len(read) == len(text)
        total = arguments.numbers
        print(f"| {gap:+d} | {interval(right, total)} | {100 * counted / total:.1f} |", flush=True)


def compose(split: Split, gap: float, random: np.random.Generator) -> tuple[np.ndarray, str]:
    """Return a picture of a number, light on black, and its digits."""
    indices = random.integers(len(split), size=random.integers(2, 6))
    height = float(random.uniform(*HEIGHTS))
    digits = [slant(split.images[index], height * random.uniform(0.9, 1.1), random) for index in indices]
    left = MARGIN
    field = np.zeros((round(2 * height) + 2 * MARGIN, sum(digit.shape[1] for digit in digits) + 200), np.uint8)
    for digit in digits:  # on a common middle, a little up or down
        top = MARGIN + round((1.5 * height - digit.shape[0]) / 2 + random.uniform(-0.08, 0.08) * height)
        window = field[top : top + digit.shape[0], left : left + digit.shape[1]]
        np.maximum(window, digit, out=window)
        left += digit.shape[1] + round(gap * height / 28)
    return field[:, : left + MARGIN], "".join(str(split.labels[index]) for index in indices)


def slant(image: np.ndarray, height: float, random: np.random.Generator) -> np.ndarray:
    """Return the ink of an MNIST picture at a height and with a slant of its own."""
    shear = random.uniform(-MAX_SLANT, MAX_SLANT)
    wide = Image.fromarray(np.pad(image, ((0, 0), (14, 14))))
    sheared = wide.transform(
        wide.size, Image.Transform.AFFINE, (1, shear, -14 * shear, 0, 1, 0), Image.Resampling.BICUBIC
    )
    digit = trim(np.asarray(sheared))
    scale = height / max(digit.shape)
    size = max(1, round(digit.shape[1] * scale)), max(1, round(digit.shape[0] * scale))
    return trim(np.asarray(Image.fromarray(digit).resize(size, Image.Resampling.BICUBIC)))


def trim(ink: np.ndarray) -> np.ndarray:
    """Return the box that holds all visible ink."""
    rows, columns = np.flatnonzero((ink > 40).any(axis=1)), np.flatnonzero((ink > 40).any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


if __name__ == "__main__":
    main()
