"""Read the 60,000 training images with our reader and with others, side by side.

python benchmarks/idx_reading.py [--repeats 7]

Two tables, the compressed file and the plain one, each with the ratio to the least that any reader must do:
`gzip.decompress` of the bytes, and `np.fromfile`. The readers take turns, so that other load on the machine
falls on all of them alike.
"""

import argparse
import gzip
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import idx2numpy
import numpy as np
from torchvision.datasets.mnist import read_image_file

sys.path.insert(0, str(Path(__file__).parent.parent))

from mnist_demo import read_idx
from mnist_demo.data.datasets import PACKAGED_DATA

SHAPE = (60_000, 28, 28)
HEADER = 16  # bytes before the first pixel
OURS = "mnist_demo.read_idx"
GZIP_GOAL, PLAIN_GOAL = 1.3, 3.0  # at most so many times the bare work

Reader = Callable[[], Any]


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare readers of IDX files.")
    parser.add_argument("--repeats", type=int, default=7)
    repeats = parser.parse_args().repeats
    packed = PACKAGED_DATA / "train-images-idx3-ubyte.gz"
    content = packed.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "train-images-idx3-ubyte"
        plain.write_bytes(gzip.decompress(content))
        compare(
            "gzip file",
            {
                "gzip.decompress, bytes in memory": lambda: gzip.decompress(content),
                OURS: lambda: read_idx(packed),
                "idx2numpy on gzip.open": lambda: read_with_idx2numpy(packed),
                "torchvision, plain file (it reads no gzip)": lambda: read_image_file(str(plain)),
            },
            GZIP_GOAL,
            repeats,
        )
        compare(
            "plain file",
            {
                "np.fromfile": lambda: np.fromfile(plain, np.uint8, offset=HEADER).reshape(SHAPE),
                OURS: lambda: read_idx(plain),
                "idx2numpy": lambda: idx2numpy.convert_from_file(str(plain)),
                "torchvision": lambda: read_image_file(str(plain)),
            },
            PLAIN_GOAL,
            repeats,
        )


def compare(title: str, readers: dict[str, Reader], goal: float, repeats: int) -> None:
    """Print a table of times, with ratios to the first of `readers`, and whether ours meets `goal`."""
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    for turn in range(repeats + 1):
        for name, read in readers.items():
            start = time.perf_counter()
            read()
            if turn:  # the first turn only warms the caches
                seconds[name].append(time.perf_counter() - start)
    bare = next(iter(readers))
    print(f"| {title} | minimum, ms | median, ms | times {bare}, minimum | times {bare}, median |")
    print("|---|---|---|---|---|")
    for name, times in seconds.items():
        least, middle = ratios(times, seconds[bare])
        print(
            f"| {name} | {min(times) * 1000:.1f} | {statistics.median(times) * 1000:.1f} | {least:.2f} | {middle:.2f} |"
        )
    least, middle = ratios(seconds[OURS], seconds[bare])
    verdict = "met" if max(least, middle) <= goal else "met by the minimum only" if least <= goal else "NOT met"
    print(
        f"\nGoal, at most {goal:g} times {bare}: {verdict} ({least:.2f} by the minimum, {middle:.2f} by the median).\n"
    )


def ratios(times: list[float], bare: list[float]) -> tuple[float, float]:
    """Return the ratio of the minima and of the medians."""
    return min(times) / min(bare), statistics.median(times) / statistics.median(bare)


def read_with_idx2numpy(path: Path) -> Any:
    with gzip.open(path) as file:
        return idx2numpy.convert_from_file(file)


if __name__ == "__main__":
    main()
