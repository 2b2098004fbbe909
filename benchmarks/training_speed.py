"""Time one epoch of each tutorial's recipe: the tutorial's way, and ours.

    python benchmarks/training_speed.py [--repeats 1] [--recipe NAME]

The tutorials feed a DataLoader from torchvision.datasets.MNIST and step a plain torch.optim optimizer. Both ways
train the same network side by side, in turns of a fraction of a second; loading the data and testing the network
are not counted.
"""

import argparse
import gzip
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset
from torchvision import datasets, transforms

sys.path.insert(0, str(Path(__file__).parent.parent))

from mnist_demo import Split, TrainConfig, build_model, load_split, train
from mnist_demo.data.datasets import PACKAGED_DATA
from mnist_demo.training.events import BatchReport, EpochEnded
from mnist_demo.training.recipes import configure

GOALS = {"mlp-relu": 4.0, "mlp-sigmoid": 4.0, "cnn": 1.2}  # tutorial's seconds / ours, at least
WARM_UP = 1_000  # images; what PyTorch loads at first use is not training


def main() -> None:
    parser = argparse.ArgumentParser(description="Time an epoch the tutorials' way and ours.")
    parser.add_argument("--repeats", type=int, default=1, help="epochs to time each way; the table shows medians")
    parser.add_argument("--recipe", choices=list(GOALS), action="append", help="default: all")
    arguments = parser.parse_args()
    dataset, split = load_torchvision(), load_split()
    print(f"{torch.get_num_threads()} threads, {len(split):,} images\n")
    print("| recipe | tutorial | ours | tutorial, images/s | ours, images/s | ratio | goal |")
    print("|---|---|---|---|---|---|---|")
    for recipe in arguments.recipe or GOALS:
        theirs, ours = compare(configure(recipe, epochs=1, device="cpu"), dataset, split, arguments.repeats)
        print(
            f"| {recipe} | {theirs:.1f} s | {ours:.1f} s | {len(split) / theirs:,.0f} | {len(split) / ours:,.0f} "
            f"| {theirs / ours:.2f} | at least {GOALS[recipe]:g} |",
            flush=True,
        )


def compare(config: TrainConfig, dataset: Dataset, split: Split, repeats: int) -> tuple[float, float]:
    """Return the median seconds of an epoch, the tutorial's way and ours."""
    few = Split(split.images[:WARM_UP], split.labels[:WARM_UP])
    run_both(config, Subset(dataset, range(WARM_UP)), few, few)
    pairs = [run_both(config, dataset, split, few) for _ in range(repeats)]
    theirs, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    return theirs, ours


def run_both(config: TrainConfig, dataset: Dataset, split: Split, test_split: Split) -> tuple[float, float]:
    """Train for one epoch both ways and return the seconds of each.

    They take turns: whenever ours reports, a few times a second, the tutorial catches up. So whatever else the
    machine does in the meantime slows both alike.
    """
    images_seen = tutorial(config, dataset)
    theirs, seen = 0.0, 0
    for event in train(build_model(config.model, config.seed), split, test_split, config):
        if isinstance(event, BatchReport):
            began = time.perf_counter()
            while seen < event.examples_seen:
                seen = next(images_seen)
            theirs += time.perf_counter() - began
        elif isinstance(event, EpochEnded) and event.epoch == 1:
            return theirs, event.seconds  # its clock stood still while the tutorial trained
    raise RuntimeError(f"{config.recipe} did not reach the end of its epoch")


def tutorial(config: TrainConfig, dataset: Dataset) -> Iterator[int]:
    """Train for one epoch as the tutorials do; yield the number of images seen after every batch."""
    torch.manual_seed(config.seed)
    train_loader = DataLoader(dataset, batch_size=config.batch_size, shuffle=True)
    model = build_model(config.model, config.seed)
    criterion = nn.CrossEntropyLoss()
    optimizer: torch.optim.Optimizer
    if config.optimizer == "adam":
        optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate)
    else:
        optimizer = torch.optim.SGD(model.parameters(), lr=config.learning_rate, momentum=config.momentum)
    seen = 0
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        seen += len(labels)
        yield seen


def load_torchvision() -> datasets.MNIST:
    """Return torchvision's MNIST training set, from our files: nothing is downloaded."""
    with tempfile.TemporaryDirectory() as root:
        raw = Path(root) / "MNIST" / "raw"
        raw.mkdir(parents=True)
        for path in PACKAGED_DATA.glob("*.gz"):
            (raw / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
        return datasets.MNIST(root, train=True, transform=transforms.ToTensor())  # reads all into memory


if __name__ == "__main__":
    main()
