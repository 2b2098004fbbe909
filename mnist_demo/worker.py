"""One training run in a process of its own.

    python -m mnist_demo.worker [--data DIR]

The process loads PyTorch and the data, then waits for one line of JSON on stdin:
{"run": ID, "config": {the fields of TrainConfig}, "weights": PATH}. It answers with events as JSON lines on
stdout and saves the weights. A further line, or the end of stdin, stops the run: a worker never outlives
the program that started it. What goes wrong stands on stderr.
"""

import argparse
import json
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mnist_demo.checkpoints import save_checkpoint
from mnist_demo.datasets import Split, load_split
from mnist_demo.errors import MnistDemoError
from mnist_demo.events import Ended, EpochEnded, Event, to_json
from mnist_demo.models import build_model
from mnist_demo.recipes import TrainConfig, configure
from mnist_demo.training import train

NICENESS = 10  # drawing has the right of way


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
            for event in run(json.loads(settings), train_split, test_split, _stop_on_next_line()):
                events.write(to_json(event) + "\n")
    except MnistDemoError as error:
        sys.exit(str(error))


def run(job: dict[str, object], train_split: Split, test_split: Split, stop: threading.Event) -> Iterator[Event]:
    """Train as `job` says and yield the events; the last one names the saved weights."""
    config = TrainConfig(**job["config"])  # type: ignore[arg-type]
    path = Path(str(job["weights"]))
    model = build_model(config.model, config.seed)
    test_accuracy = None
    for event in train(model, train_split, test_split, config, stop.is_set, str(job["run"])):
        if isinstance(event, EpochEnded):
            test_accuracy = event.test_accuracy
        if isinstance(event, Ended) and event.reason != "failed":
            save_checkpoint(path, model, config, test_accuracy)
            event = replace(event, weights=str(path))
        yield event


def _warm_up(split: Split) -> None:
    """Take a step with each optimizer, so that what PyTorch loads at first use does not delay a run."""
    few = Split(split.images[:8], split.labels[:8])
    for recipe in ("cnn", "mlp-sigmoid"):
        config = configure(recipe, epochs=1)
        for _ in train(build_model(config.model), few, few, config):
            pass


def _stop_on_next_line() -> threading.Event:
    stop = threading.Event()

    def listen() -> None:
        sys.stdin.readline()
        stop.set()

    threading.Thread(target=listen, daemon=True).start()
    return stop


if __name__ == "__main__":
    main()
