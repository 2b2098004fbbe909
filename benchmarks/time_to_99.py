"""Time to 99% on the MNIST test set: our recipe `fast`, the best public recipe for this race, and PyTorch's example.

    python benchmarks/time_to_99.py [--seeds 10] [--example-seeds 1]

The reference is a conv net 24-32 with Adam and one cycle over one epoch, its data one tensor; it and `fast` take turns
several times a second, so whatever else the machine does slows both alike. PyTorch's example (examples/mnist: conv 32,
conv 64, dropout, 128; Adadelta, batch 64, a DataLoader) trains until its first epoch at 99%. Only training is timed:
the data lies on the device already, and tests do not count. All on the CPU with the threads that PyTorch takes.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

sys.path.insert(0, str(Path(__file__).parent.parent))

from mnist_demo import Split, build_model, evaluate, load_split, train
from mnist_demo.devices import computing_on
from mnist_demo.events import BatchReport, EpochEnded
from mnist_demo.recipes import configure

MNIST_MEAN, MNIST_STD = 0.1307, 0.3081  # of the training pixels scaled to [0, 1]
GOAL_ACCURACY = 0.99
GOAL_RATIO = 0.25  # of the reference's time, at most
MAX_EXAMPLE_EPOCHS = 14  # as many as the example trains


@dataclass(frozen=True)
class Result:
    """One run: seconds of training, and accuracy on the test split in [0, 1]."""

    seconds: float
    accuracy: float


class Standardise(nn.Module):
    """Map pixels in [0, 1] to a mean of 0 and a standard deviation of 1."""

    def forward(self, images: Tensor) -> Tensor:
        return (images - MNIST_MEAN) / MNIST_STD


def build_reference() -> nn.Module:
    """Return conv 1-24 5x5, pool, ReLU, conv 24-32 3x3, pool, ReLU, 256, 10."""
    return nn.Sequential(
        Standardise(),
        *(nn.Conv2d(1, 24, 5), nn.MaxPool2d(2), nn.ReLU()),
        *(nn.Conv2d(24, 32, 3), nn.MaxPool2d(2), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(800, 256), nn.ReLU(), nn.Linear(256, 10)),
    )


def build_example() -> nn.Module:
    """Return the network of PyTorch's example: conv 32, conv 64, pool, dropout, 128, dropout, 10."""
    return nn.Sequential(
        Standardise(),
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25)),
        *(nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Time how long networks train until 99% of the MNIST test set.")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--example-seeds", type=int, default=1, help="of PyTorch's example: minutes each")
    arguments = parser.parse_args()
    train_split, test_split = load_split(train=True), load_split(train=False)
    few = Split(train_split.images[:2000], train_split.labels[:2000])
    race(0, few, few)  # what PyTorch loads at first use is not training
    pairs = []
    for seed in range(arguments.seeds):
        pairs.append(race(seed, train_split, test_split))
        print(f"seed {seed}: fast {describe(pairs[-1][0])}, reference {describe(pairs[-1][1])}", file=sys.stderr)
    fast, reference = zip(*pairs, strict=True)
    example = [run_example(seed, train_split, test_split) for seed in range(arguments.example_seeds)]
    print(f"{torch.get_num_threads()} threads\n")
    print("| recipe | seeds | seconds, median | to the reference | mean accuracy | deviation | least | most | at 99% |")
    print("|---|---|---|---|---|---|---|---|---|")
    base = statistics.median(result.seconds for result in reference)
    for name, results in (("PyTorch's example", example), ("reference", reference), ("fast", fast)):
        if results:
            print_row(name, list(results), base)
    ratios = [ours.seconds / theirs.seconds for ours, theirs in pairs]
    mean = statistics.mean(result.accuracy for result in fast)
    print(f"\nfast / reference, run by run: median {statistics.median(ratios):.3f}", end="")
    print(f" ({min(ratios):.3f} to {max(ratios):.3f}), goal at most {GOAL_RATIO:g};", end="")
    print(f" mean accuracy {mean:.2%}, goal at least {GOAL_ACCURACY:.1%}")


def race(seed: int, train_split: Split, test_split: Split) -> tuple[Result, Result]:
    """Train `fast` and the reference in turn, and return the result of each."""
    model = build_model("fastnet", seed)
    torch.manual_seed(seed)
    rival = build_reference()
    images_seen = train_reference(rival, train_split, seed)
    theirs, seen, ours = 0.0, 0, Result(0.0, 0.0)
    cores = torch.get_num_threads()
    for event in train(model, train_split, test_split, configure("fast", seed=seed, device="cpu")):
        if isinstance(event, BatchReport):
            began = time.perf_counter()
            with computing_on(cores):  # all there are, also where `fast` takes fewer
                while seen < event.examples_seen:
                    seen = next(images_seen)
            theirs += time.perf_counter() - began
        elif isinstance(event, EpochEnded):
            ours = Result(event.seconds, event.test_accuracy)
    return ours, Result(theirs, evaluate(rival.eval(), test_split).accuracy)


def train_reference(model: nn.Module, split: Split, seed: int) -> Iterator[int]:
    """Train the reference for one epoch, and yield how many images it has seen."""
    images = torch.from_numpy(split.images).unsqueeze(1).float() / 255
    labels = torch.from_numpy(split.labels).long()
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    batches = order.split(256)
    optimizer = torch.optim.Adam(model.parameters(), 0.01, (0.7, 0.9))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=len(batches))
    seen = 0
    for batch in batches:
        optimizer.zero_grad()
        functional.cross_entropy(model(images[batch]), labels[batch]).backward()
        optimizer.step()
        schedule.step()
        seen += len(batch)
        yield seen


def run_example(seed: int, train_split: Split, test_split: Split) -> Result:
    """Train PyTorch's example until its first epoch at 99%."""
    torch.manual_seed(seed)
    model = build_example()
    images = torch.from_numpy(train_split.images).unsqueeze(1).float() / 255
    loader = DataLoader(TensorDataset(images, torch.from_numpy(train_split.labels).long()), 64, shuffle=True)
    optimizer = torch.optim.Adadelta(model.parameters(), 1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.7)
    result = Result(0.0, 0.0)
    for _ in range(MAX_EXAMPLE_EPOCHS):
        model.train()
        began = time.perf_counter()
        for inputs, labels in loader:
            optimizer.zero_grad()
            functional.cross_entropy(model(inputs), labels).backward()
            optimizer.step()
        schedule.step()
        seconds = result.seconds + time.perf_counter() - began
        result = Result(seconds, evaluate(model.eval(), test_split).accuracy)
        print(f"PyTorch's example: {describe(result)}", file=sys.stderr)
        if result.accuracy >= GOAL_ACCURACY:
            break
    return result


def print_row(name: str, results: list[Result], base: float) -> None:
    seconds = statistics.median(result.seconds for result in results)
    accuracies = [result.accuracy for result in results]
    deviation = f"{statistics.stdev(accuracies):.2%}" if len(accuracies) > 1 else ""
    reached = sum(accuracy >= GOAL_ACCURACY for accuracy in accuracies)
    print(
        f"| {name} | {len(results)} | {seconds:.2f} | {seconds / base:.3f} | {statistics.mean(accuracies):.2%} "
        f"| {deviation} | {min(accuracies):.2%} | {max(accuracies):.2%} | {reached} of {len(results)} |"
    )


def describe(result: Result) -> str:
    return f"{result.accuracy:.2%} in {result.seconds:.2f} s"


if __name__ == "__main__":
    main()
