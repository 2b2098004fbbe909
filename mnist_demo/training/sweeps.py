"""Sweeps: the same recipe again and again with one setting changed, and every value with several seeds.

sweep = Sweep("mlp-relu", "learning_rate", parse_values("learning_rate", "1e-4:1e-1:9"), seeds=3)
for trial in sweep.trials():
    train(model, train_split, test_split, trial.config)
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

import numpy as np

from mnist_demo.checks import finite_number, require_choice, whole_number
from mnist_demo.errors import SettingsError
from mnist_demo.networks.registry import SPECS
from mnist_demo.training.config import MAX_SEED, TrainConfig
from mnist_demo.training.recipes import RECIPES, configure

WIDTH = "width"  # of every layer whose size can be chosen
LOGARITHMIC = ("learning_rate", "batch_size", WIDTH)  # what counts is how many times larger they are
WHOLE = ("batch_size", "epochs", WIDTH)
SETTINGS = ("learning_rate", "momentum", "weight_decay", "label_smoothing", *WHOLE)
MAX_TRIALS = 200  # of a sweep: a tenth of the runs that a server keeps
DIGITS = 3  # significant ones of the values in a range


@dataclass(frozen=True)
class Trial:
    """One run of a sweep: the value of the setting, and all settings."""

    value: float
    config: TrainConfig


@dataclass(frozen=True)
class Sweep:
    """Which runs to do.

    Attributes:
        recipe: a key of RECIPES.
        setting: one of SETTINGS.
        values: of the setting, each once.
        seeds: how many runs each value gets, with the seeds from `changes["seed"]` on, or from 0.
        changes: other fields of TrainConfig that differ from the recipe's.

    Raises:
        SettingsError: there is no such recipe or setting, the recipe does not have it, a value is out of range, or
            there are more than 200 runs.
    """

    recipe: str
    setting: str
    values: tuple[float, ...]
    seeds: int = 1
    changes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_choice("recipe", self.recipe, RECIPES)
        require_choice("setting", self.setting, SETTINGS)
        whole_number("seeds", self.seeds, 1, MAX_TRIALS)
        if not self.values:
            raise SettingsError(f"{self.setting}: expected at least one value, found none")
        if len(set(self.values)) < len(self.values):
            raise SettingsError(f"{self.setting}: expected each value once, found {', '.join(map(str, self.values))}")
        if (count := len(self.values) * self.seeds) > MAX_TRIALS:
            raise SettingsError(f"the sweep: expected at most {MAX_TRIALS} runs, found {count:,}")
        for _ in self.trials():  # which checks every value
            pass

    def trials(self) -> Iterator[Trial]:
        """Yield the runs: all values with the first seed, then with the next: the curve soon has a shape."""
        first = whole_number("seed", self.changes.get("seed") or 0, 0, MAX_SEED - self.seeds)
        for seed in range(first, first + self.seeds):
            for value in self.values:
                yield Trial(value, configure(self.recipe, **{**self.changes, **self._fields(value), "seed": seed}))

    def _fields(self, value: float) -> dict[str, Any]:
        if self.setting != WIDTH:
            return {self.setting: value}
        sizes = SPECS[RECIPES[self.recipe].model].sizes
        if sizes is None:
            raise SettingsError(f"width: the layers of {self.recipe} cannot be chosen")
        return {"sizes": (value,) * len(sizes.default)}


@dataclass(frozen=True)
class Result:
    """What a run of a sweep has reached; accuracies in [0, 1] on the test split, None of a run that failed."""

    value: float
    seed: int
    final: float | None
    best: float | None


@dataclass(frozen=True)
class Summary:
    """The final test accuracies of all runs with one value, in [0, 1]; None where none has finished."""

    value: float
    finished: int
    failed: int
    mean: float | None
    low: float | None
    high: float | None


def summarize(results: Iterable[Result]) -> list[Summary]:
    """Return what each value has reached, in the order of the values."""
    by_value: dict[float, list[float | None]] = {}
    for result in results:
        by_value.setdefault(result.value, []).append(result.final)
    summaries = []
    for value in sorted(by_value):
        finals = [final for final in by_value[value] if final is not None]
        reached = (fmean(finals), min(finals), max(finals)) if finals else (None, None, None)
        summaries.append(Summary(value, len(finals), len(by_value[value]) - len(finals), *reached))
    return summaries


def parse_values(setting: str, text: str) -> tuple[float, ...]:
    """Return the values that a text stands for.

    Args:
        setting: one of SETTINGS.
        text: "LOW:HIGH:COUNT", evenly spaced, by their logarithms for learning rates, batch sizes and widths, rounded
            to whole numbers or three digits; or values between commas.

    Raises:
        SettingsError: the text is neither.
    """
    require_choice("setting", setting, SETTINGS)
    if ":" not in text:
        return tuple(_parse(setting, part) for part in text.split(","))
    parts = text.split(":")
    if len(parts) != 3:
        raise SettingsError(f"{setting}: expected LOW:HIGH:COUNT, or values between commas, found {text!r:.50}")
    low, high = (_parse(setting, part) for part in parts[:2])
    count = whole_number(f"{setting}: the number of values", _parse(setting, parts[2]), 2, MAX_TRIALS)
    if not low < high:
        raise SettingsError(f"{setting}: expected the lower end first, found {low:g} to {high:g}")
    if setting in LOGARITHMIC and low <= 0:
        raise SettingsError(f"{setting}: expected a lower end above 0, found {low:g}")
    space = np.geomspace if setting in LOGARITHMIC else np.linspace
    values = [float(value) for value in space(low, high, count)]
    if setting in WHOLE:
        return tuple(dict.fromkeys(round(value) for value in values))
    return tuple(float(f"{value:.{DIGITS}g}") for value in values)


def _parse(setting: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise SettingsError(f"{setting}: expected a number, found {text.strip()!r:.50}") from error
    return int(finite_number(setting, value)) if value.is_integer() else finite_number(setting, value)
