"""Training the ink finder on scenes that are made as it learns.

scenes, made by several processes -> batches -> AdamW, one cycle, an average of the weights
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, Dataset

from mnist_demo.networks.inkfinder import SIDE, InkFinder
from mnist_demo.reading.canvas import INNER, lay_out
from mnist_demo.training.averaging import MovingAverage
from mnist_demo.training.synthetic.scenes import Scene, make_scene
from mnist_demo.training.synthetic.writing import Hands

BATCH = 256  # scenes
WIDE = 3  # times as wide as high is the canvas for lines of digits
WIDE_BATCH = BATCH // 4
WIDE_EVERY = 5  # batches
OVERLAP_WEIGHT = 0.3  # of the overlap, beside the cross-entropy
STEPS = 3_050  # 660,000 scenes
LEARNING_RATE = 6e-3  # at its peak
WARM_UP = 0.05  # of the steps
WEIGHT_DECAY = 1e-4
CHECKED = 6  # batches of held-out writing


@dataclass(frozen=True, eq=False)
class Batch:
    """Scenes laid out for the network.

    Attributes:
        canvases: (N, 2, 96, W) float16, as `lay_out` makes them.
        inks: (N, 1, 96, W) uint8, what is to be found.
    """

    canvases: NDArray[np.float16]
    inks: NDArray[np.uint8]


def make_batch(hands: Hands, seed: int, number: int) -> Batch:
    """Return batch `number` of the training with `seed`; every fifth is of lines."""
    random = np.random.default_rng((seed, number))
    is_wide = number % WIDE_EVERY == WIDE_EVERY - 1
    count, widest = (WIDE_BATCH, WIDE - 0.1) if is_wide else (BATCH, 1.6)
    shape = SIDE, SIDE * (WIDE if is_wide else 1)
    canvases, inks = np.zeros((count, 2, *shape), np.float16), np.zeros((count, 1, *shape), np.uint8)
    for index in range(count):
        put(make_scene(hands, random, widest), random, canvases[index], inks[index, 0])
    return Batch(canvases, inks)


def put(scene: Scene, random: np.random.Generator, canvas: NDArray[np.float16], ink: NDArray[np.uint8]) -> None:
    """Lay out a scene anywhere on a canvas, (2, H, W), and its ink on another, (H, W)."""
    height, width = scene.grey.shape
    scale = min(INNER / height, (canvas.shape[2] - 2 * (SIDE - INNER) // 2) / width)
    laid = lay_out(scene.grey, (0, 0, width, height), scale).levels
    rows, columns = laid.shape[1:]
    column = int(random.integers(0, canvas.shape[2] - columns + 1))
    row = int(random.integers(0, canvas.shape[1] - rows + 1))
    canvas[:, row : row + rows, column : column + columns] = laid
    inside = np.flatnonzero(laid[1].any(axis=1)), np.flatnonzero(laid[1].any(axis=0))
    top, left = inside[0][0], inside[1][0]
    size = len(inside[1]), len(inside[0])
    picture = Image.fromarray(np.ascontiguousarray(scene.ink))
    shrinks = size[0] < picture.width
    mask = picture.resize(size, Image.Resampling.BOX if shrinks else Image.Resampling.BICUBIC)
    ink[row + top : row + top + size[1], column + left : column + left + size[0]] = np.asarray(mask)


class SceneBatches(Dataset[tuple[Tensor, Tensor]]):
    """Batches of scenes by number, so that a DataLoader makes them in several processes.

    Args:
        hands: who writes.
        seed: of the scenes.
        count: how many batches there are.
    """

    def __init__(self, hands: Hands, seed: int, count: int) -> None:
        self._hands, self._seed, self._count = hands, seed, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor]:
        """Return canvases (N, 2, 96, W) float16 and their inks (N, 1, 96, W) uint8."""
        batch = make_batch(self._hands, self._seed, number)
        return torch.from_numpy(batch.canvases), torch.from_numpy(batch.inks)


def find_loss(logits: Tensor, inks: Tensor) -> Tensor:
    """Return the cross-entropy, and 1 - the overlap of each picture (Dice; Milletari et al., arXiv:1606.04797).

    Args:
        logits: (N, 1, H, W).
        inks: (N, 1, H, W) in [0, 1].
    """
    entropy = functional.binary_cross_entropy_with_logits(logits, inks)
    found = logits.sigmoid()
    common, both = (found * inks).sum(dim=(1, 2, 3)), (found + inks).sum(dim=(1, 2, 3))
    overlap = (2 * common + 1) / (both + 1)
    return entropy + OVERLAP_WEIGHT * (1 - overlap).mean()


@dataclass(frozen=True, eq=False)
class Progress:
    """How far the training is.

    Attributes:
        step: steps done, of STEPS.
        loss: mean since the last report; at the end that of the average on held-out writing.
        network: the average of the weights.
    """

    step: int
    loss: float
    network: InkFinder


def train_ink_finder(
    hands: Hands, others: Hands, device: torch.device, workers: int, seed: int = 0, steps: int = STEPS, every: int = 100
) -> Iterator[Progress]:
    """Train an ink finder, and yield its progress.

    Args:
        hands: who writes the scenes.
        others: who writes those that are held out.
        device: to train on.
        workers: processes that make scenes; the result is the same with any number.
        seed: of the initial weights and the scenes.
        steps: how many batches.
        every: steps between reports.
    """
    # The processes start before anything is on a GPU, which they could not share.
    batches = iter(DataLoader(SceneBatches(hands, seed, steps), batch_size=None, num_workers=workers))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = InkFinder().to(device).to(memory_format=torch.channels_last)
    average = MovingAverage(network)
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = OneCycleLR(optimizer, LEARNING_RATE, steps + 1, pct_start=WARM_UP, cycle_momentum=False)
    losses: list[Tensor] = []
    for step, (canvases, inks) in enumerate(batches, 1):
        loss = _loss(network.train(), canvases, inks, device)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        average.update()
        losses.append(loss.detach())
        if step % every == 0 and step < steps:
            yield Progress(step, float(torch.stack(losses).mean()), average.network)
            losses.clear()
    yield Progress(steps, check(average.network, others, device, seed), average.network)


@torch.inference_mode()
def check(network: InkFinder, others: Hands, device: torch.device, seed: int) -> float:
    """Return the loss on scenes of held-out writing."""
    batches = SceneBatches(others, seed, CHECKED)
    losses = [_loss(network.eval(), *batches[number], device) for number in range(len(batches))]
    return float(torch.stack(losses).mean())


def _loss(network: InkFinder, canvases: Tensor, inks: Tensor, device: torch.device) -> Tensor:
    levels = canvases.to(device).float().to(memory_format=torch.channels_last)
    with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
        logits = network(levels)
    return find_loss(logits.float(), inks.to(device).float() / 255)
