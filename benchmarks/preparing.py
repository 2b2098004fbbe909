"""How long a picture or a drawing takes to become what a network sees, and the network to read it, on one core.

python benchmarks/preparing.py

Beside it, for a measure of the machine: Pillow's decoding of the same picture from PNG.
"""

import json
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.room import PEN, make_drawings
from mnist_demo import Predictor
from mnist_demo.reading.drawing import Drawing
from mnist_demo.reading.preparation import prepare, prepare_drawing
from mnist_demo.serving.examples import list_examples

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
    print("\n| strokes | prepare, median | fastest | goal |\n|---|---|---|---|")
    for stages, digit in make_drawings():
        strokes = [np.reshape(points, (-1, 2)) for points in json.loads(stages[-1].strokes)["strokes"]]
        print_strokes_row(f"a {digit}", Drawing(strokes, PEN))
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


def print_strokes_row(title: str, drawing: Drawing) -> None:
    """Print how long one drawing takes."""
    prepared = measure(lambda: prepare_drawing(drawing).network_input)
    print(f"| {title} | {np.median(prepared):.2f} ms | {min(prepared):.2f} ms | 2 ms |", flush=True)


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
