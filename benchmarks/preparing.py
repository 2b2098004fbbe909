"""How long a picture or a drawing takes to become what a network sees, and the network to read it, on one core.

    python benchmarks/preparing.py

Beside pictures, for a measure of the machine: Pillow's decoding of the same picture from PNG. Strokes are those that
the server takes from a message of the pad; the row of a digit is the mean of all ten.
"""

import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.growing_drawings import trace, write_message
from mnist_demo import Predictor
from mnist_demo.reading.drawing import Drawing
from mnist_demo.reading.preparation import prepare, prepare_drawing
from mnist_demo.reading.strokes import Stroke
from mnist_demo.serving.examples import list_examples
from mnist_demo.serving.routes.bodies import read_drawing
from mnist_demo.training.synthetic.glyphs import DIGITS

ROUNDS = 60
PHOTO_SIDE = 2_000  # px: 4 megapixels


def main() -> None:
    """Print one row a picture."""
    torch.set_num_threads(1)
    examples = {example.title: Image.fromarray(example.picture) for example in list_examples()}
    ruled = examples["A 6 on ruled paper, photographed"]
    photo = ruled.resize((PHOTO_SIDE, PHOTO_SIDE), Image.Resampling.BICUBIC).convert("RGB")
    print("| picture | prepare, median | fastest | goal | decode its PNG, median | ratio |\n|---|---|---|---|---|---|")
    for title, picture in examples.items():
        print_row(f"{title}, 280x280", picture, goal=3)
    print_row("the same on 4 megapixels in colour", photo, goal=25)
    digits = [take(trace(digit)) for digit in DIGITS]
    print_strokes_row("strokes: a digit", digits, goal=2)
    number = [stroke for place, digit in enumerate((4, 7, 1)) for stroke in trace(digit, 100 + 285 * place, 230)]
    print_strokes_row("strokes: a number", [take(number)], goal=3)
    predictor, seen = Predictor.load(), prepare(ruled).network_input
    assert seen is not None
    alone = measure(lambda: predictor.read_prepared(seen[np.newaxis]))
    print(f"\n{predictor.name} alone: median {np.median(alone):.2f} ms, fastest {min(alone):.2f} ms; goal 1.5 ms")


def print_row(title: str, picture: Image.Image, goal: float) -> None:
    """Print how long one picture takes."""
    png = BytesIO()
    picture.save(png, "PNG")
    prepared = measure(lambda: prepare(picture).network_input)
    median, decoded = np.median(prepared), np.median(measure(lambda: Image.open(png).load()))
    cells = f"{median:.2f} ms | {min(prepared):.2f} ms | {goal} ms | {decoded:.2f} ms | {median / decoded:.1f}"
    print(f"| {title} | {cells} |", flush=True)


def print_strokes_row(title: str, drawings: list[Drawing], goal: float) -> None:
    """Print how long these drawings take, each on average."""
    rounds = measure(lambda: [prepare_drawing(drawing).network_input for drawing in drawings])
    prepared = np.divide(rounds, len(drawings))
    print(f"| {title} | {np.median(prepared):.2f} ms | {min(prepared):.2f} ms | {goal} ms | | |", flush=True)


def take(strokes: list[Stroke]) -> Drawing:
    """Return what the server gets of strokes."""
    return read_drawing(write_message(strokes))


def measure(work: Callable[[], object]) -> list[float]:
    """Return the times of `work` in ms, after one call that warms up."""
    work()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return [1000 * seconds for seconds in times]


if __name__ == "__main__":
    main()
