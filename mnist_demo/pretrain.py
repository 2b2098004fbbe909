"""Retrain everything in weights/, from MNIST, digits that people wrote with a pen, and this code alone.

python -m mnist_demo.pretrain [NAME ...] [--strokes FILE] [--device DEVICE]
"""

import argparse
import json
import statistics
from dataclasses import asdict, replace
from pathlib import Path

import torch

from mnist_demo.data.datasets import load_split
from mnist_demo.data.unipen import read_unipen
from mnist_demo.errors import MnistDemoError
from mnist_demo.files import write_atomically
from mnist_demo.networks.checkpoints import (
    INK_FINDER,
    WEIGHTS,
    load_checkpoint,
    load_ink_finder,
    read_metadata,
    save_checkpoint,
)
from mnist_demo.networks.describe import count_parameters
from mnist_demo.networks.devices import choose_device
from mnist_demo.networks.evaluation import evaluate
from mnist_demo.networks.registry import MODELS, build_model
from mnist_demo.threads import CORES
from mnist_demo.training.distillation import DIGITNET, distil
from mnist_demo.training.events import Ended, EpochEnded
from mnist_demo.training.ink_finding import STEPS, train_ink_finder
from mnist_demo.training.loop import train
from mnist_demo.training.material import HELD_OUT_IMAGES, HELD_OUT_WRITERS, part_hands
from mnist_demo.training.recipes import RECIPES

DISTILLED = "digitnet"  # the network that learns from an ensemble; each of the others is trained with its own recipe
STROKES = "Pen-Based Recognition of Handwritten Digits (UCI 81)"
IMAGES_HELD_OUT = f"the last {HELD_OUT_IMAGES:,} training images"
WRITERS_HELD_OUT = f"writers {HELD_OUT_WRITERS[0]} to {HELD_OUT_WRITERS[-1]}"
HEADER = """# Weights

Made by `python -m mnist_demo.pretrain` from this code and the sources below; the test split was used only for
reporting. The metadata in each file records how it was made. On another processor or with another version of PyTorch,
the same command gives slightly different numbers.

| file | parameters | command | seed | result | made on | device | with |
|---|---|---|---|---|---|---|---|
"""
SOURCES = f"""
`{DISTILLED}` learns what an ensemble of {DIGITNET.teachers} larger networks thinks of MNIST's training images, of
digits that people wrote with a pen, and of synthetic drawings. Of {DIGITNET.students} such networks, which differ in
their initial weights, the first is kept; `mean_test_accuracy` in its metadata is the mean of all. Held out for every
choice and for calibration: {IMAGES_HELD_OUT}, and {WRITERS_HELD_OUT} of 30. `python -m mnist_demo train
--recipe {DISTILLED}` trains the same network without an ensemble and without written digits.

`{INK_FINDER}` marks the ink in pictures. It learns from {STEPS:,} batches of random scenes: digits of the same sources
and other writing, on paper and screens, among frames, lines, tables and stains, in any light. `{DISTILLED}` also learns
from what it finds in such scenes, so it is made first.

| source | licence | what was made of it |
|---|---|---|
| MNIST, Y. LeCun, C. Cortes and C. J. C. Burges | CC BY-SA 3.0 | all networks |
| {STROKES}, E. Alpaydin and F. Alimoglu, 1998: `pendigits-orig.tra` | CC BY 4.0 | `{DISTILLED}` learns from its \
digits, each drawn with {DIGITNET.amounts.copies} pens, some with a slash or an up-stroke added; scenes |
| Aileron, S. Sagano, the font that Pillow carries | CC0 1.0 | its digits and letters, in scenes; \
`{DISTILLED}` learns that letters are no digits |
"""


def main() -> None:
    """Train the named networks, or all of them, and write their weights and the table that describes them."""
    parser = argparse.ArgumentParser(description="Retrain the networks bundled with mnist_demo.")
    known = [INK_FINDER, *MODELS]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(known)}; default: all")
    parser.add_argument("--strokes", type=Path, metavar="FILE", help=f"{STROKES}: pendigits-orig.tra, plain or .gz")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps; default: auto")
    arguments = parser.parse_args()
    names = arguments.names or known
    if unknown := set(names) - set(known):
        parser.error(f"there is no network {', '.join(unknown)}, only {', '.join(known)}")
    if (lacking := [name for name in names if name in OF_STROKES]) and arguments.strokes is None:
        parser.error(f"{lacking[0]} also learns from pen strokes: expected --strokes FILE, {STROKES}")
    try:
        for name in names:
            if name in OF_STROKES:
                OF_STROKES[name](arguments.strokes, choose_device(arguments.device))
            else:
                pretrain(name, arguments.device)
    except MnistDemoError as error:
        parser.exit(1, f"{error}\n")
    write_table()


def pretrain(name: str, device: str) -> None:
    """Train the network `name` with its own recipe and save it in weights/."""
    config = next(replace(config, device=device) for config in RECIPES.values() if config.model == name)
    model = build_model(config.model, config.seed)
    for event in train(model, load_split(train=True), load_split(train=False), config):
        if isinstance(event, EpochEnded):
            print(f"{name}: epoch {event.epoch}, test accuracy {event.test_accuracy:.2%}, {event.seconds:.0f} s")
        elif isinstance(event, Ended):
            save_checkpoint(WEIGHTS / f"{name}.safetensors", model, config.metadata(event.test_accuracy))


def pretrain_ink_finder(strokes: Path, device: torch.device) -> None:
    """Train the network that finds ink and save it in weights/."""
    hands, others = part_hands(load_split(train=True), read_unipen(strokes))
    for progress in train_ink_finder(hands, others, device, workers=CORES):
        print(f"{INK_FINDER}: step {progress.step:,} of {STEPS:,}, loss {progress.loss:.4f}")
    metadata = {
        "model": INK_FINDER,
        "seed": 0,
        "device": _name(device),
        "steps": STEPS,
        "held_out_loss": f"{progress.loss:.4f}",
        "strokes": STROKES,
        "held_out": f"{IMAGES_HELD_OUT}; {WRITERS_HELD_OUT}",
    }
    save_checkpoint(WEIGHTS / f"{INK_FINDER}.safetensors", progress.network, metadata)


def pretrain_distilled(strokes: Path, device: torch.device) -> None:
    """Train an ensemble and the students that learn from it, and save the first of them in weights/."""
    test = load_split(train=False)
    students = distil(load_split(train=True), read_unipen(strokes), DIGITNET, device, print)
    accuracies = [evaluate(student, test).accuracy for student in students]
    print(f"{DISTILLED}: test accuracy {', '.join(f'{accuracy:.2%}' for accuracy in accuracies)}")
    metadata = {
        "model": DISTILLED,
        "seed": DIGITNET.seed,
        "device": _name(device),
        "test_accuracy": f"{accuracies[0]:.4f}",
        "mean_test_accuracy": f"{statistics.mean(accuracies):.4f}",
        "plan": json.dumps(asdict(DIGITNET)),
        "strokes": STROKES,
        "held_out": f"{IMAGES_HELD_OUT}; {WRITERS_HELD_OUT}",
    }
    save_checkpoint(WEIGHTS / f"{DISTILLED}.safetensors", students[0], metadata)


OF_STROKES = {INK_FINDER: pretrain_ink_finder, DISTILLED: pretrain_distilled}  # those that need pen strokes


def _name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def write_table() -> None:
    """Write weights/README.md from the metadata of the existing files."""
    rows = [_describe(path) for path in sorted(WEIGHTS.glob("*.safetensors"))]
    write_atomically(WEIGHTS / "README.md", (HEADER + "".join(rows) + SOURCES).encode())


def _describe(path: Path) -> str:
    info = read_metadata(path)
    if path.stem == INK_FINDER:
        parameters = count_parameters(load_ink_finder(path))
        result = f"loss {info['held_out_loss']} on held-out scenes after {info['steps']} steps"
    else:
        parameters = count_parameters(load_checkpoint(path).model)
        result = f"MNIST test accuracy {float(info['test_accuracy']):.2%}"
    options = " --strokes FILE" if "strokes" in info else ""
    command = f"`python -m mnist_demo.pretrain {path.stem}{options}`"
    made = f"{info['date']} | {info['device']} | torch {info['torch']}"
    return f"| {path.name} | {parameters:,} | {command} | {info['seed']} | {result} | {made} |\n"


if __name__ == "__main__":
    main()
