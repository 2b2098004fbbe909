"""The worker process of one training run.

    python -m mnist_demo.runs.worker [--data DIR]

The process loads PyTorch and the data, then waits for one line of JSON on stdin: {"run": ID, "config": {the fields of
TrainConfig}, "folder": PATH, "resume_after": the latest known epoch, or null}. It answers at once with an empty line on
stdout, and sends another one every second as a heartbeat. In between come the events, as JSON lines. It writes the
files described in RunFiles to the folder. Further lines control the run:

    {"go": "here"|"batch"|"epoch"|"end"}    how far to go before the next pause
    {"learning_rate": X}                    change the learning rate
    {"stop": true}                          stop; so does anything else, and the end of stdin

So a worker never outlives the program that started it. Errors go to stderr.
"""

import argparse
import contextlib
import functools
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import torch

from mnist_demo.data.datasets import Split, load_split
from mnist_demo.errors import CheckpointError, MnistDemoError
from mnist_demo.files import without_folders, write_atomically
from mnist_demo.networks.checkpoints import save_checkpoint
from mnist_demo.networks.registry import build_model
from mnist_demo.runs.run_files import RunFiles
from mnist_demo.training.config import TrainConfig
from mnist_demo.training.control import GOALS, Control
from mnist_demo.training.events import BatchReport, Ended, EpochEnded, Event, from_json, to_json
from mnist_demo.training.loop import Training, train
from mnist_demo.training.recipes import configure

NICENESS = 10  # low priority, to keep the UI responsive
HEARTBEAT = 1.0  # s between empty lines
RECENT = 50  # EpochEnded events saved with the state, because a killed server may not have read them all


def main() -> None:
    """Wait for settings, train, report."""
    parser = argparse.ArgumentParser(description="Run one training: settings on stdin, events on stdout.")
    parser.add_argument("--data", type=Path, help="directory of IDX files; default: the bundled MNIST")
    arguments = parser.parse_args()
    if hasattr(os, "nice"):  # not on Windows
        os.nice(NICENESS)
    events = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # keep library output out of the events
    try:
        train_split, test_split = load_split(arguments.data, train=True), load_split(arguments.data, train=False)
        _warm_up(train_split)
        if settings := sys.stdin.readline():
            say = _speak(events)
            for event in run(json.loads(settings), train_split, test_split, _listen()):
                say(to_json(event))
    except MnistDemoError as error:
        sys.exit(str(error))


def run(job: dict[str, Any], train_split: Split, test_split: Split, control: Control) -> Iterator[Event]:
    """Train according to `job` and yield the events; the last one names the saved weights."""
    config = TrainConfig(**job["config"])
    folder, name = Path(job["folder"]), job["run"]
    model = build_model(config.model, config.seed, config.sizes)
    training = Training(model, train_split, test_split, config, control)
    files = {kind: folder / f"{name}.{kind}" for kind in ("safetensors", "live.safetensors", "state")}
    known = job["resume_after"]
    ends: list[EpochEnded] = []  # of the latest epochs
    if known is not None:
        try:
            ends = _restore(training, files["state"])
        except Exception as error:  # PyTorch and pickle raise a dozen types on damaged files
            print(f"{files['state']}: {error}", file=sys.stderr)
            kept = files["safetensors"].name if files["safetensors"].exists() else None
            yield Ended("failed", "Cannot resume: the saved state of this run is missing or damaged.", kept, None, None)
            return
        yield from (end for end in ends if end.epoch > known)
    is_behind = bool(ends) and ends[-1].epoch < known  # the state is too old: suppress events until after `known`
    keep = _BestEffort()
    epochs = RunFiles(folder).epochs(name)
    for event in training.events(name):
        if isinstance(event, EpochEnded):
            ends = [*ends, event][-RECENT:]
            if event.epoch:
                keep(_save_state, training, files["state"], ends)
        test_accuracy = ends[-1].test_accuracy if ends else None
        if isinstance(event, EpochEnded | BatchReport):
            metadata = config.metadata(test_accuracy)
            save = functools.partial(
                save_checkpoint, model=model, metadata=metadata, subject=train_split.subject, durable=False
            )
            keep(save, files["live.safetensors"])
            if isinstance(event, EpochEnded):
                keep(epochs.keep, event.epoch, save)
        elif isinstance(event, Ended) and event.reason != "failed":
            try:
                save_checkpoint(files["safetensors"], model, config.metadata(test_accuracy), train_split.subject)
                event = replace(event, weights=files["safetensors"].name)
            except CheckpointError as error:
                why = without_folders(str(error), folder)
                event = replace(event, message=f"{event.message} Its weights could not be saved: {why}.")
        if not is_behind or isinstance(event, Ended):
            yield event
        is_behind = is_behind and ends[-1].epoch < known


class _BestEffort:
    """Writes files that a run can do without; the first failure is reported on stderr."""

    def __init__(self) -> None:
        self._has_failed = False

    def __call__(self, write: Callable[..., None], *args: Any, **options: Any) -> None:
        try:
            write(*args, **options)
        except (OSError, CheckpointError) as error:
            if not self._has_failed:
                print(
                    f"The run continues, but cannot be followed or resumed: {error}",
                    file=sys.stderr,
                    flush=True,
                )
            self._has_failed = True


def _save_state(training: Training, path: Path, ends: list[EpochEnded]) -> None:
    """Save what the run needs to resume, before the end of the epoch is reported."""
    content = BytesIO()
    torch.save({"ends": [to_json(end) for end in ends], **training.state()}, content)
    write_atomically(path, content.getvalue(), durable=False)


def _restore(training: Training, path: Path) -> list[EpochEnded]:
    """Restore the run from its saved state, and return its latest EpochEnded events."""
    state = torch.load(path, weights_only=True)
    training.restore(state)
    ends = [event for event in map(from_json, state["ends"]) if isinstance(event, EpochEnded)]
    if not ends:
        raise ValueError("expected EpochEnded events, found none")
    return ends


def _warm_up(split: Split) -> None:
    """Take a step with each optimizer, so that PyTorch's lazy loading does not delay a run."""
    few = replace(split, images=split.images[:8], labels=split.labels[:8])
    for recipe in ("cnn", "mlp-sigmoid", "fast"):
        config = configure(recipe, epochs=1)
        for _ in train(build_model(config.model), few, few, config):
            pass


def _speak(descriptor: int) -> Callable[[str], None]:
    """Return a function that writes a line, and start a thread that sends heartbeats."""
    lock = threading.Lock()

    def say(line: str) -> None:
        with lock:
            os.write(descriptor, f"{line}\n".encode())

    def beat() -> None:
        with contextlib.suppress(BrokenPipeError):  # the parent process is gone, which closes stdin as well
            while True:
                say("")
                time.sleep(HEARTBEAT)

    threading.Thread(target=beat, daemon=True).start()
    return say


def _listen() -> Control:
    """Return the control of the run, operated by a thread that reads stdin."""
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
