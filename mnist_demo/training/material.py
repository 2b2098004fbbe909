"""What the networks for drawings and pictures learn from: MNIST, digits that people wrote with a pen, and drawings.

What chooses between networks and calibrates them is held out: images at the end of MNIST's training split, and all
digits of some writers.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from mnist_demo.data.batches import Data
from mnist_demo.data.datasets import Split
from mnist_demo.data.unipen import WrittenDigit
from mnist_demo.reading.pictures import Grey
from mnist_demo.threads import CORES
from mnist_demo.training.found_digits import find_digits
from mnist_demo.training.synthetic.mixture import make_drawings
from mnist_demo.training.synthetic.writing import Hands
from mnist_demo.training.synthetic.written import redraw

HELD_OUT_IMAGES = 5_000
HELD_OUT_WRITERS = range(25, 31)  # of the 30 in the training part of Pendigits
CHECKED_COPIES = 2  # of what they wrote
PORTION = 500  # drawings that a process makes at a time

Example = tuple[Grey, int]
Task = tuple[Callable[..., Iterator[Example]], tuple[Any, ...]]


@dataclass(frozen=True)
class Amounts:
    """How much is drawn.

    Attributes:
        drawings: synthetic ones, half of digits and half of other things.
        copies: of each written digit, each with another pen.
        found: what the ink finder finds in scenes, most of it digits.
    """

    drawings: int = 40_000
    copies: int = 4
    found: int = 40_000


@dataclass(frozen=True, eq=False)
class Material:
    """What is learned from, and what is held out.

    Attributes:
        learned: labels 0 to 9, and 10 for non-digits.
        images: of MNIST's training split, held out.
        written: drawn as the writers that are held out wrote them.
    """

    learned: Data
    images: Data
    written: Data


def gather(
    split: Split,
    written: Sequence[WrittenDigit],
    amounts: Amounts,
    seed: int,
    device: torch.device,
) -> Material:
    """Draw everything, on all cores, and put it on the device.

    Args:
        split: MNIST's training split.
        written: by writers some of whom are held out.
        amounts: how much is drawn.
        seed: of the drawings.
        device: for all of it.
    """
    images, held_out_images = Data.load(split, device).cut(len(split) - HELD_OUT_IMAGES)
    ours, others = part_writers(written)
    hands, _ = part_hands(split, written)
    tasks = [
        *_plan_drawings(amounts.drawings, seed),
        *_plan_copies(ours, amounts.copies, seed),
        *_plan_found(amounts.found, seed),
    ]
    # Not forked: PyTorch's threads do not survive in a fork, and the ink finder would wait for them for ever.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(CORES, context, initializer=_begin, initargs=(hands,)) as pool:
        drawn = _draw(pool, tasks)
        checked = _draw(pool, list(_plan_copies(others, CHECKED_COPIES, seed, habits=False)))
    return Material(images.joined(drawn.to(device)), held_out_images, checked.to(device))


def part_writers(written: Sequence[WrittenDigit]) -> tuple[list[WrittenDigit], list[WrittenDigit]]:
    """Return the digits of the writers that are learned from, and of those that are held out."""
    ours = [digit for digit in written if digit.writer not in HELD_OUT_WRITERS]
    return ours, [digit for digit in written if digit.writer in HELD_OUT_WRITERS]


def part_hands(split: Split, written: Sequence[WrittenDigit]) -> tuple[Hands, Hands]:
    """Return the hands that are learned from, and those that are held out."""
    kept = len(split) - HELD_OUT_IMAGES
    ours, others = part_writers(written)
    return Hands(split.images[:kept], split.labels[:kept], ours), Hands(
        split.images[kept:], split.labels[kept:], others
    )


def _plan_drawings(count: int, seed: int) -> Iterator[Task]:
    for number, start in enumerate(range(0, count, PORTION)):
        yield make_drawings, (min(PORTION, count - start), (seed, number))


def _plan_copies(written: Sequence[WrittenDigit], copies: int, seed: int, habits: bool = True) -> Iterator[Task]:
    for number, start in enumerate(range(0, len(written), PORTION)):
        yield redraw, (written[start : start + PORTION], copies, (seed, number), habits)


def _plan_found(count: int, seed: int) -> Iterator[Task]:
    for number, start in enumerate(range(0, count, PORTION)):
        yield _find, (min(PORTION, count - start), (seed, number))


_hands: list[Hands] = []  # of a process that draws: they are too large to travel with every task


def _begin(hands: Hands) -> None:
    torch.set_num_threads(1)
    _hands.append(hands)


def _find(count: int, seed: tuple[int, int]) -> Iterator[Example]:
    return find_digits(_hands[0], count, seed)


def _draw(pool: ProcessPoolExecutor, tasks: Sequence[Task]) -> Data:
    """Make the drawings of all tasks, in their order whichever process makes them."""
    parts = list(pool.map(_carry_out, tasks))
    images, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Data(torch.from_numpy(images), torch.from_numpy(labels))


def _carry_out(task: Task) -> tuple[Grey, np.ndarray[Any, np.dtype[np.int64]]]:
    make, arguments = task
    images, labels = zip(*make(*arguments), strict=True)
    return np.stack(images), np.array(labels, np.int64)
