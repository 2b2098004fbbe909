"""Retrain everything in weights/, from MNIST and this code alone.

python -m mnist_demo.pretrain [NAME ...]
"""

import argparse

from mnist_demo.data.datasets import load_split
from mnist_demo.files import write_atomically
from mnist_demo.networks.checkpoints import WEIGHTS, load_checkpoint, save_checkpoint
from mnist_demo.networks.describe import count_parameters
from mnist_demo.networks.registry import MODELS, build_model
from mnist_demo.training.events import Ended, EpochEnded
from mnist_demo.training.loop import train
from mnist_demo.training.recipes import RECIPES

HEADER = """# Weights

Made by `python -m mnist_demo.pretrain` from the MNIST training split and this code alone, each with its own recipe;
the test split was used only for reporting. The metadata in each file records how it was made. On another processor or
with another version of PyTorch, the same command gives slightly different numbers.

`digitnet` holds out the last 5,000 training images; its temperature and threshold are fitted on them. It takes 8 to 30
minutes on two cores; `python -m mnist_demo train --recipe digitnet --out FILE.safetensors` makes the same weights with
a progress bar.

| file | parameters | command | seed | MNIST test accuracy | made on | with |
|---|---|---|---|---|---|---|
"""


def main() -> None:
    """Train the named networks, or all of them, and write their weights and the table that describes them."""
    parser = argparse.ArgumentParser(description="Retrain the networks bundled with mnist_demo.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(MODELS)}; default: all")
    names = parser.parse_args().names or list(MODELS)
    if unknown := set(names) - set(MODELS):
        parser.error(f"there is no network {', '.join(unknown)}, only {', '.join(MODELS)}")
    for name in names:
        pretrain(name)
    write_table()


def pretrain(name: str) -> None:
    """Train the network `name` with its own recipe on the CPU and save it in weights/."""
    config = next(config for config in RECIPES.values() if config.model == name)
    model = build_model(config.model, config.seed)
    for event in train(model, load_split(train=True), load_split(train=False), config):
        if isinstance(event, EpochEnded):
            print(f"{name}: epoch {event.epoch}, test accuracy {event.test_accuracy:.2%}, {event.seconds:.0f} s")
        elif isinstance(event, Ended):
            save_checkpoint(WEIGHTS / f"{name}.safetensors", model, config.metadata(event.test_accuracy))


def write_table() -> None:
    """Write weights/README.md from the metadata of the existing files."""
    rows = []
    for path in sorted(WEIGHTS.glob("*.safetensors")):
        checkpoint = load_checkpoint(path)
        info = checkpoint.metadata
        rows.append(
            f"| {path.name} | {count_parameters(checkpoint.model):,} | `python -m mnist_demo.pretrain {path.stem}` "
            f"| {info['seed']} | {float(info['test_accuracy']):.2%} | {info['date']} | torch {info['torch']} |\n"
        )
    write_atomically(WEIGHTS / "README.md", (HEADER + "".join(rows)).encode())


if __name__ == "__main__":
    main()
