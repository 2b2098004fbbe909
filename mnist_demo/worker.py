"""One training run in a process of its own.

    python -m mnist_demo.worker [--data DIR]

The process loads PyTorch and the data, then waits for one line of JSON on stdin: {"run": ID, "config": {the fields of
TrainConfig}, "folder": PATH, "resume_after": the newest epoch that is known, or null}. It answers with events as JSON
lines on stdout, and writes to the folder what RunStore describes. Further lines steer the run:

    {"go": "here"|"batch"|"epoch"|"end"}    how far to go before it pauses
    {"learning_rate": X}                    train with another one
    {"stop": true}                          as does anything else, and the end of stdin

So a worker never outlives the program that started it. What goes wrong stands on stderr.
"""

import argparse
import json
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import torch

from mnist_demo.checkpoints import save_checkpoint
from mnist_demo.control import GOALS, Control
from mnist_demo.datasets import Split, load_split
from mnist_demo.errors import MnistDemoError
from mnist_demo.events import BatchReport, Ended, EpochEnded, Event, from_json, to_json
from mnist_demo.files import write_atomically
from mnist_demo.models import build_model
from mnist_demo.recipes import TrainConfig, configure
from mnist_demo.training import Training, train

NICENESS = 10  # drawing has the right of way
RECENT = 50  # epochs whose ends are kept with the state: a server that was killed may not have read them all


def main() -> None:
    """Wait for settings, train, report."""
    parser = argparse.ArgumentParser(description="Run one training: settings on stdin, events on stdout.")
    parser.add_argument("--data", type=Path, help="directory of IDX files; default: the MNIST that comes along")
    arguments = parser.parse_args()
    if hasattr(os, "nice"):  # not on Windows
        os.nice(NICENESS)
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not stand among the events
    try:
        train_split, test_split = load_split(arguments.data, train=True), load_split(arguments.data, train=False)
        _warm_up(train_split)
        if settings := sys.stdin.readline():
            for event in run(json.loads(settings), train_split, test_split, _listen()):
                events.write(to_json(event) + "\n")
    except MnistDemoError as error:
        sys.exit(str(error))


def run(job: dict[str, Any], train_split: Split, test_split: Split, control: Control) -> Iterator[Event]:
    """Train as `job` says and yield the events; the last one names the saved weights."""
    config = TrainConfig(**job["config"])
    folder, name = Path(job["folder"]), job["run"]
    model = build_model(config.model, config.seed, config.sizes)
    training = Training(model, train_split, test_split, config, control)
    test_accuracy = None
    ends: list[EpochEnded] = []  # of the newest epochs
    state, known = folder / f"{name}.state", job["resume_after"]
    if known is not None and state.exists():
        ends = _restore(training, state)
        yield from (end for end in ends if end.epoch > known)
    for event in training.events(name):
        if isinstance(event, EpochEnded):
            test_accuracy = event.test_accuracy
            if event.epoch:
                ends = [*ends, event][-RECENT:]
                _save_state(training, state, ends)
        if isinstance(event, EpochEnded | BatchReport):
            save_checkpoint(folder / f"{name}.live.safetensors", model, config, test_accuracy, durable=False)
        elif isinstance(event, Ended) and event.reason != "failed":
            path = folder / f"{name}.safetensors"
            save_checkpoint(path, model, config, test_accuracy)
            event = replace(event, weights=str(path))
        yield event


def _save_state(training: Training, path: Path, ends: list[EpochEnded]) -> None:
    """Write all that the run needs to go on, before anybody knows that the epoch has ended."""
    content = BytesIO()
    torch.save({"ends": [to_json(end) for end in ends], **training.state()}, content)
    write_atomically(path, content.getvalue(), durable=False)


def _restore(training: Training, path: Path) -> list[EpochEnded]:
    """Let the run go on from its state, and return the ends of its newest epochs."""
    state = torch.load(path, weights_only=True)
    training.restore(state)
    return [event for event in map(from_json, state["ends"]) if isinstance(event, EpochEnded)]


def _warm_up(split: Split) -> None:
    """Take a step with each optimizer, so that what PyTorch loads at first use does not delay a run."""
    few = Split(split.images[:8], split.labels[:8])
    for recipe in ("cnn", "mlp-sigmoid", "fast"):
        config = configure(recipe, epochs=1)
        for _ in train(build_model(config.model), few, few, config):
            pass


def _listen() -> Control:
    """Return the reins of the run, which a thread hands on from stdin."""
    control = Control()

    def listen() -> None:
        while not control.is_stopped:
            match _parse(sys.stdin.readline()):
                case {"go": goal} if goal in GOALS:
                    control.go(goal)
                case {"learning_rate": float() | int() as rate}:
                    control.set_learning_rate(rate)
                case _:
                    control.stop()

    threading.Thread(target=listen, daemon=True).start()
    return control


def _parse(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


if __name__ == "__main__":
    main()
