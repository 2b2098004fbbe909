"""Time to 99% on the MNIST test set: our recipe `fast`, the best public recipe for this race, and PyTorch's example.

    python benchmarks/time_to_99.py [--seeds 10] [--example-seeds 1] [--device cpu]

The reference is a conv net 24-32 with Adam and one cycle over one epoch. It has every advantage that `fast` has:
channels last, its data standardised once beforehand and lying on the device, and threads that wait for one another as
PyTorch has it by default. Each run has a process of its own, reference and `fast` in turn. PyTorch's example
(examples/mnist: conv 32, conv 64, dropout, 128; Adadelta, batch 64, a DataLoader) trains until its first epoch at 99%.
Only training is timed: what PyTorch loads at first use, preparing the data and tests do not count. On the CPU all
threads that PyTorch takes.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

DEFAULT_SPIN = "300000"  # rounds that libgomp lets a thread spin before it sleeps, where nothing else is said
sys.path.insert(0, str(Path(__file__).parent.parent))

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from mnist_demo import Split, build_model, evaluate, load_split, train
from mnist_demo.training.events import EpochEnded
from mnist_demo.training.recipes import configure

MNIST_MEAN, MNIST_STD = 0.1307, 0.3081  # of the training pixels scaled to [0, 1]
GOAL_ACCURACY = 0.99
GOAL_RATIO = 0.2  # of the reference's time, at most
MAX_EXAMPLE_EPOCHS = 14  # as many as the example trains
WARM_UP = 2_000  # images to train on before, untimed


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
        *(nn.Conv2d(1, 24, 5), nn.MaxPool2d(2), nn.ReLU()),
        *(nn.Conv2d(24, 32, 3), nn.MaxPool2d(2), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(800, 256), nn.ReLU(), nn.Linear(256, 10)),
    )


def build_example() -> nn.Module:
    """Return the network of PyTorch's example: conv 32, conv 64, pool, dropout, 128, dropout, 10."""
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25)),
        *(nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)),
    )


def standardised(split: Split) -> tuple[Tensor, Tensor]:
    """Return the images with a mean of 0 and a deviation of 1, (N, 1, 28, 28), and the labels."""
    images = torch.from_numpy(split.images).unsqueeze(1).float() / 255
    return Standardise()(images), torch.from_numpy(split.labels).long()


def run_fast(seed: int, train_split: Split, test_split: Split, device: torch.device) -> Result:
    """Train with our recipe `fast`."""
    model = build_model("fastnet", seed)
    for event in train(model, train_split, test_split, configure("fast", seed=seed, device=device.type)):
        if isinstance(event, EpochEnded):
            result = Result(event.seconds, event.test_accuracy)
    return result


def run_reference(seed: int, train_split: Split, test_split: Split, device: torch.device) -> Result:
    """Train the reference for one epoch."""
    torch.manual_seed(seed)
    model = build_reference().to(device, memory_format=torch.channels_last)
    images, labels = (tensor.to(device) for tensor in standardised(train_split))
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed)).to(device)
    batches = order.split(256)
    optimizer = torch.optim.Adam(model.parameters(), 0.01, (0.7, 0.9), fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=len(batches))
    began = now(device)
    for batch in batches:
        optimizer.zero_grad()
        functional.cross_entropy(model(images[batch]), labels[batch]).backward()
        optimizer.step()
        schedule.step()
    seconds = now(device) - began
    return Result(seconds, evaluate(nn.Sequential(Standardise(), model).eval(), test_split).accuracy)


def run_example(seed: int, train_split: Split, test_split: Split, device: torch.device) -> Result:
    """Train PyTorch's example until its first epoch at 99%."""
    torch.manual_seed(seed)
    model = build_example().to(device)
    loader = DataLoader(TensorDataset(*standardised(train_split)), 64, shuffle=True)
    optimizer = torch.optim.Adadelta(model.parameters(), 1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.7)
    result = Result(0.0, 0.0)
    for _ in range(MAX_EXAMPLE_EPOCHS):
        model.train()
        began = now(device)
        for inputs, labels in loader:
            optimizer.zero_grad()
            functional.cross_entropy(model(inputs.to(device)), labels.to(device)).backward()
            optimizer.step()
        schedule.step()
        seconds = result.seconds + now(device) - began
        result = Result(seconds, evaluate(nn.Sequential(Standardise(), model).eval(), test_split).accuracy)
        if result.accuracy >= GOAL_ACCURACY:
            break
    return result


RUNS: dict[str, Callable[[int, Split, Split, torch.device], Result]] = {
    "PyTorch's example": run_example,
    "reference": run_reference,
    "fast": run_fast,
}


def now(device: torch.device) -> float:
    """Return the time in s, once the device has done all that it was told to."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def run_here(name: str, seed: int, device: torch.device) -> Result:
    """Do one run in this process."""
    train_split, test_split = load_split(train=True), load_split(train=False)
    few = Split(train_split.images[:WARM_UP], train_split.labels[:WARM_UP])
    RUNS[name](seed, few, few, device)
    return RUNS[name](seed, train_split, test_split, device)


def run_alone(name: str, seed: int, device: str) -> Result:
    """Do one run in a process of its own."""
    command = [sys.executable, __file__, "--device", device, "--run", name, "--seed", str(seed)]
    environment = dict(os.environ)
    if name != "fast":  # whose threads wait as mnist_demo has them
        environment["GOMP_SPINCOUNT"] = DEFAULT_SPIN
    output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    result = Result(**json.loads(output))
    print(f"{name}, seed {seed}: {result.accuracy:.2%} in {result.seconds:.2f} s", file=sys.stderr, flush=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description="Time how long networks train until 99% of the MNIST test set.")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--example-seeds", type=int, default=1, help="of PyTorch's example: minutes each")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--run", choices=list(RUNS), help="do one run in this process, and print it as JSON")
    parser.add_argument("--seed", type=int, default=0, help="of that run")
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(asdict(run_here(arguments.run, arguments.seed, torch.device(arguments.device)))))
        return
    names = ("reference", "fast")
    turns = [{name: run_alone(name, seed, arguments.device) for name in names} for seed in range(arguments.seeds)]
    results = {name: [turn[name] for turn in turns] for name in names}
    example = [run_alone("PyTorch's example", seed, arguments.device) for seed in range(arguments.example_seeds)]
    print(f"{arguments.device}, {torch.get_num_threads()} threads\n")
    print("| recipe | seeds | seconds, median | to the reference | mean accuracy | deviation | least | most | at 99% |")
    print("|---|---|---|---|---|---|---|---|---|")
    base = statistics.median(result.seconds for result in results["reference"])
    for name, found in (("PyTorch's example", example), *results.items()):
        if found:
            print_row(name, found, base)
    ratios = [turn["fast"].seconds / turn["reference"].seconds for turn in turns]
    mean = statistics.mean(result.accuracy for result in results["fast"])
    print(f"\nfast / reference, turn by turn: median {statistics.median(ratios):.3f}", end="")
    print(f" ({min(ratios):.3f} to {max(ratios):.3f}), goal at most {GOAL_RATIO:g};", end="")
    print(f" mean accuracy {mean:.2%}, goal at least {GOAL_ACCURACY:.1%}")


def print_row(name: str, results: list[Result], base: float) -> None:
    seconds = statistics.median(result.seconds for result in results)
    accuracies = [result.accuracy for result in results]
    deviation = f"{statistics.stdev(accuracies):.2%}" if len(accuracies) > 1 else ""
    reached = sum(accuracy >= GOAL_ACCURACY for accuracy in accuracies)
    print(
        f"| {name} | {len(results)} | {seconds:.2f} | {seconds / base:.3f} | {statistics.mean(accuracies):.2%} "
        f"| {deviation} | {min(accuracies):.2%} | {max(accuracies):.2%} | {reached} of {len(results)} |"
    )


if __name__ == "__main__":
    main()
