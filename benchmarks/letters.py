"""How many letters are read as a digit or a number, as the page reads: a letter is none.

python benchmarks/letters.py [--model digitnet] [--hands 10] [--seed 0]

43 letters: the 52 of the alphabet but for those that are digits to a person (B, I, O, S, Z, l, o, s, z). They are
printed, black on white, in the font of Pillow and those of the system, and written: the strokes below in so many
hands, jittered, stretched, slanted and rotated like the synthetic digits, with pens of several widths.
"""

import argparse
import string
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from reading import interval

sys.path.insert(0, str(Path(__file__).parent.parent))

from mnist_demo import Predictor
from mnist_demo.reading.predictions import NumberReading
from mnist_demo.training.synthetic.drawings import draw
from mnist_demo.training.synthetic.glyphs import Glyph, arc, corners
from mnist_demo.training.synthetic.hands import Hand, trace_glyph

LETTERS = [letter for letter in string.ascii_letters if letter not in "BIOSZlosz"]
FONTS = Path("/usr/share/fonts")
SIZES = (40, 96)  # px, of the font
GOAL = 5  # % of the letters are read at most

Letter = tuple[str, NDArray[np.uint8]]


def main() -> None:
    """Print a row for each kind of letter, and which are read as what."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="digitnet")
    parser.add_argument("--hands", type=int, default=10, help="that write every letter")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    predictor = Predictor.load(arguments.model)
    kinds = {"printed": print_letters(), "written": write_letters(arguments.hands, arguments.seed)}
    print(f"| letters | n | read, % (goal: {GOAL}) | of them as a number | most often |\n|---|---|---|---|---|")
    for kind, letters in kinds.items():
        total = numbers = 0
        taken: Counter[str] = Counter()
        for letter, picture in letters:
            total += 1
            reading = predictor.read(picture)
            if isinstance(reading, NumberReading):
                numbers += 1
                taken[f"{letter} as {reading.text}"] += 1
            elif reading.digit is not None:
                taken[f"{letter} as {reading.digit}"] += 1
        often = ", ".join(name for name, _ in taken.most_common(12))
        print(f"| {kind} | {total:,} | {interval(taken.total(), total)} | {numbers} | {often} |", flush=True)


def print_letters() -> Iterator[Letter]:
    """Yield every letter, printed in every font and size."""
    for size in SIZES:
        files = sorted(FONTS.rglob("*.ttf"))
        for font in (ImageFont.load_default(size), *(ImageFont.truetype(str(file), size) for file in files)):
            for letter in LETTERS:
                picture = Image.new("L", (3 * size, 3 * size), 255)
                ImageDraw.Draw(picture).text((1.5 * size, 1.5 * size), letter, fill=0, font=font, anchor="mm")
                yield letter, np.asarray(picture)


def write_letters(hands: int, seed: int) -> Iterator[Letter]:
    """Yield every letter, written by so many hands, light on black."""
    random = np.random.default_rng(seed)
    for letter in LETTERS:
        for _ in range(hands):
            hand = Hand.draw_lot(random)
            strokes = trace_glyph(STROKES[letter], hand.looseness, random)
            yield letter, draw(hand.write(strokes, random), random)


STEM = corners((0.15, 0), (0.15, 1))
BOWL = arc(0.42, 0.5, 0.66, 0.9, 0, -360, 13)  # of a, d, g, q
STROKES: dict[str, Glyph] = {
    "A": [corners((0, 1), (0.45, 0), (0.9, 1)), corners((0.2, 0.6), (0.7, 0.6))],
    "C": [arc(0.5, 0.5, 0.9, 1, -50, -310, 11)],
    "D": [STEM, [*corners((0.15, 0)), (0.7, 0.1), (0.9, 0.5), (0.7, 0.9), *corners((0.15, 1))]],
    "E": [corners((0.9, 0), (0.1, 0), (0.1, 1), (0.9, 1)), corners((0.1, 0.5), (0.75, 0.5))],
    "F": [corners((0.85, 0), (0.1, 0), (0.1, 1)), corners((0.1, 0.5), (0.7, 0.5))],
    "G": [[*arc(0.5, 0.5, 0.9, 1, -50, -350, 11), *corners((0.95, 0.55), (0.5, 0.55))]],
    "H": [STEM, corners((0.85, 0), (0.85, 1)), corners((0.15, 0.5), (0.85, 0.5))],
    "J": [[*corners((0.7, 0), (0.7, 0.7)), (0.6, 0.95), (0.3, 0.98), (0.1, 0.75)], corners((0.4, 0), (0.95, 0))],
    "K": [STEM, corners((0.85, 0), (0.15, 0.55), (0.9, 1))],
    "L": [corners((0.15, 0), (0.15, 1), (0.8, 1))],
    "M": [corners((0.05, 1), (0.1, 0), (0.5, 0.7), (0.9, 0), (0.95, 1))],
    "N": [corners((0.1, 1), (0.1, 0), (0.85, 1), (0.85, 0))],
    "P": [STEM, [*corners((0.15, 0)), (0.7, 0.05), (0.8, 0.28), (0.65, 0.5), *corners((0.15, 0.52))]],
    "Q": [arc(0.5, 0.5, 0.9, 1, -90, -450, 13), corners((0.6, 0.7), (1, 1.05))],
    "R": [STEM, [*corners((0.15, 0)), (0.7, 0.06), (0.75, 0.4), *corners((0.15, 0.5), (0.85, 1))]],
    "T": [corners((0, 0), (1, 0)), corners((0.5, 0), (0.5, 1))],
    "U": [[*corners((0.1, 0), (0.1, 0.6)), (0.25, 0.95), (0.5, 1), (0.75, 0.95), *corners((0.9, 0.6), (0.9, 0))]],
    "V": [corners((0.05, 0), (0.45, 1), (0.9, 0))],
    "W": [corners((0, 0), (0.25, 1), (0.5, 0.3), (0.75, 1), (1, 0))],
    "X": [corners((0.05, 0), (0.9, 1)), corners((0.9, 0), (0.05, 1))],
    "Y": [corners((0.05, 0), (0.5, 0.5)), corners((0.95, 0), (0.5, 0.5), (0.5, 1))],
    "a": [BOWL, corners((0.78, 0.05), (0.78, 0.95))],
    "b": [STEM, arc(0.45, 0.7, 0.6, 0.56, 180, 540, 11)],
    "c": [arc(0.5, 0.5, 0.85, 0.9, -50, -310, 11)],
    "d": [arc(0.42, 0.7, 0.6, 0.56, 0, -360, 11), corners((0.75, 0), (0.75, 1))],
    "e": [[*corners((0.1, 0.5), (0.9, 0.5)), *arc(0.5, 0.5, 0.82, 0.95, 0, -310, 11)]],
    "f": [[(0.85, 0.1), (0.6, 0), (0.4, 0.2), *corners((0.4, 1))], corners((0.1, 0.4), (0.75, 0.4))],
    "g": [arc(0.42, 0.25, 0.6, 0.5, 0, -360, 11), [*corners((0.74, 0)), (0.74, 0.8), (0.5, 1), (0.1, 0.9)]],
    "h": [[*STEM, (0.3, 0.5), (0.65, 0.5), *corners((0.72, 1))]],
    "i": [corners((0.5, 0.35), (0.5, 1)), arc(0.5, 0.06, 0.05, 0.05, 0, 360)],
    "j": [[*corners((0.5, 0.3)), (0.5, 0.85), (0.3, 1), (0.1, 0.9)], arc(0.5, 0.06, 0.05, 0.05, 0, 360)],
    "k": [STEM, corners((0.7, 0.4), (0.15, 0.7), (0.75, 1))],
    "m": [
        [*corners((0.05, 0), (0.05, 1)), (0.2, 0.1), (0.42, 0.1), *corners((0.5, 1))],
        [(0.5, 1), (0.62, 0.1), (0.9, 0.1), *corners((0.98, 1))],
    ],
    "n": [corners((0.1, 0), (0.1, 1)), [(0.1, 0.4), (0.35, 0.05), (0.75, 0.1), *corners((0.85, 1))]],
    "p": [STEM, arc(0.45, 0.28, 0.6, 0.52, 180, 540, 11)],
    "q": [arc(0.42, 0.28, 0.6, 0.52, 0, -360, 11), corners((0.75, 0), (0.75, 0.95), (0.95, 0.85))],
    "r": [corners((0.15, 0), (0.15, 1)), [(0.15, 0.5), (0.4, 0.1), (0.8, 0.1)]],
    "t": [[*corners((0.4, 0)), (0.4, 0.8), (0.55, 1), (0.85, 0.9)], corners((0.05, 0.3), (0.8, 0.3))],
    "u": [[*corners((0.1, 0)), (0.1, 0.7), (0.4, 1), *corners((0.8, 0.7), (0.8, 0), (0.85, 1))]],
    "v": [corners((0.05, 0), (0.45, 0.9), (0.9, 0))],
    "w": [corners((0, 0), (0.25, 0.8), (0.5, 0.1), (0.75, 0.8), (1, 0))],
    "x": [corners((0.05, 0.05), (0.9, 0.9)), corners((0.9, 0.05), (0.05, 0.9))],
    "y": [corners((0.05, 0), (0.48, 0.6)), corners((0.95, 0), (0.25, 1))],
}


if __name__ == "__main__":
    main()
