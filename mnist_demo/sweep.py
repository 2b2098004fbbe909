"""The command `python -m mnist_demo sweep`: how the accuracy depends on one setting, with several seeds."""

import argparse
import csv
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, TextIO

from mnist_demo.data.datasets import Split, load_split
from mnist_demo.errors import SettingsError
from mnist_demo.networks.registry import build_model
from mnist_demo.training.events import Ended, EpochEnded
from mnist_demo.training.loop import train
from mnist_demo.training.recipes import RECIPES
from mnist_demo.training.sweeps import SETTINGS, Result, Summary, Sweep, Trial, parse_values, summarize

BAR = 40  # characters
COLUMNS = ["setting", *(field.name for field in fields(Result))]


def add_sweep_command(command: argparse.ArgumentParser) -> None:
    """Add the options of the command, all but those that commands share."""
    command.add_argument("--recipe", required=True, choices=list(RECIPES), help="the settings to start from")
    for setting in SETTINGS:
        values = "LOW:HIGH:COUNT or VALUE,VALUE,..."
        command.add_argument(f"--{setting.replace('_', '-')}", metavar="VALUES", help=f"{values}, or one value")
    command.add_argument("--seeds", type=int, default=1, help="runs of each value; default: 1")
    command.add_argument("--seed", type=int, default=0, help="the first one; default: 0")
    command.add_argument("--csv", type=Path, metavar="FILE", help="write a row for each run here")
    command.set_defaults(command=sweep_command)


def sweep_command(arguments: argparse.Namespace) -> int:
    """Train all networks of a sweep, one after another; what is done when it is interrupted is told."""
    sweep = read_sweep(arguments)
    splits = load_split(arguments.data, train=True), load_split(arguments.data, train=False)
    results: list[Result] = []
    is_whole = False
    file = _open(arguments.csv)
    try:
        write = csv.DictWriter(file, COLUMNS) if file else None
        if write:
            write.writeheader()
        for result in run(sweep, splits):
            results.append(result)
            if write and file:
                write.writerow({"setting": sweep.setting, **vars(result)})
                file.flush()  # whoever watches the file sees every run
        is_whole = True
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    finally:
        if file:
            file.close()
    print_summary(sweep.setting, summarize(results))
    return 0 if is_whole and all(result.final is not None for result in results) else 1


def read_sweep(arguments: argparse.Namespace) -> Sweep:
    """Return the sweep that options ask for: over the one setting that has several values.

    Raises:
        SettingsError: none has, or several have.
    """
    given = {name: parse_values(name, text) for name in SETTINGS if (text := getattr(arguments, name)) is not None}
    swept = [name for name, values in given.items() if len(values) > 1]
    if len(swept) != 1:
        options = " and ".join(f"--{name.replace('_', '-')}" for name in swept) or "none"
        raise SettingsError(f"expected several values of one setting, as 1e-4:1e-1:9 or 8,16,32, found {options}")
    changes: dict[str, Any] = {name: values[0] for name, values in given.items() if name not in swept}
    if "width" in changes:
        raise SettingsError("width: expected several values; with one, use the command train and --sizes")
    changes |= {"device": arguments.device, "seed": arguments.seed}
    return Sweep(arguments.recipe, swept[0], given[swept[0]], arguments.seeds, changes)


def run(sweep: Sweep, splits: tuple[Split, Split]) -> Iterator[Result]:
    """Yield the result of each run of a sweep, and print it."""
    trials = list(sweep.trials())
    for number, trial in enumerate(trials, 1):
        result = run_trial(trial, splits)
        reached = "failed" if result.final is None else f"test {result.final:.2%}"
        place = f"run {number:{len(str(len(trials)))}} of {len(trials)}"
        print(f"{place}  {sweep.setting} {trial.value:g}  seed {result.seed}  {reached}", flush=True)
        yield result


def run_trial(trial: Trial, splits: tuple[Split, Split]) -> Result:
    """Train one network; one that fails, as at a learning rate that is too large, has no accuracy."""
    config = trial.config
    tested: list[float] = []
    final = None
    for event in train(build_model(config.model, config.seed, config.sizes), *splits, config):
        if isinstance(event, EpochEnded):
            tested.append(event.test_accuracy)
        if isinstance(event, Ended) and event.reason == "finished":
            final = event.test_accuracy
        elif isinstance(event, Ended):
            print(f"{event.reason}: {event.message}", file=sys.stderr)
    return Result(trial.value, config.seed, final, None if final is None else max(tested))


def print_summary(setting: str, summaries: list[Summary]) -> None:
    """Print a row for each value, with a bar from the lowest mean to the highest."""
    means = [summary.mean for summary in summaries if summary.mean is not None]
    if not means:
        return
    lowest, span = min(means), (max(means) - min(means)) or 1.0
    print(f"\n{setting:>14}      mean       low      high  runs")
    for each in summaries:
        if each.mean is None or each.low is None or each.high is None:
            print(f"{each.value:>14g}{'all failed':>40}")
            continue
        bar = "#" * (1 + round((BAR - 1) * (each.mean - lowest) / span))
        failed = f"  {each.failed} failed" if each.failed else ""
        reached = f"{each.mean:8.2%}  {each.low:8.2%}  {each.high:8.2%}  {each.finished:4}"
        print(f"{each.value:>14g}  {reached}  {bar}{failed}")


def _open(path: Path | None) -> TextIO | None:
    """Open the file for the rows before the training, not after it.

    Raises:
        SettingsError: it cannot be written.
    """
    if path is None:
        return None
    try:
        return path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror or error}") from error
