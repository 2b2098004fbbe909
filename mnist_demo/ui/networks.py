"""The networks that a visitor can choose: those of weights/ and those that were trained here."""

import threading

from mnist_demo.background import BackgroundTrainer
from mnist_demo.checkpoints import WEIGHTS
from mnist_demo.errors import SettingsError
from mnist_demo.inference import Predictor
from mnist_demo.models import DEFAULT_MODEL, MODELS
from mnist_demo.runs import Run

RUN_PREFIX = "run:"


class Networks:
    """Predictors by name, each loaded when it is first asked for.

    Attributes:
        available: names of the networks whose weights are there, the best one first.
        missing: names of those whose weights are not.
    """

    def __init__(self, trainer: BackgroundTrainer, device: str) -> None:
        names = sorted(MODELS, key=lambda name: name != DEFAULT_MODEL)
        self.available = [name for name in names if (WEIGHTS / f"{name}.safetensors").exists()]
        self.missing = [name for name in names if name not in self.available]
        self._trainer = trainer
        self._device = device
        self._predictors: dict[str, Predictor] = {}
        self._lock = threading.Lock()

    @property
    def default(self) -> str | None:
        """Name of the best network that is there."""
        return self.available[0] if self.available else None

    def choices(self) -> list[tuple[str, str]]:
        """Return (label, name) of every network there is, those trained here last."""
        runs = [run for run in self._trainer.runs() if run.weights is not None]
        return [(self._label(name), name) for name in self.available] + [
            (run_label(run), RUN_PREFIX + run.id) for run in runs
        ]

    def predictor(self, name: str | None) -> Predictor:
        """Return the network `name`: a key of MODELS, or "run:" and the id of a run.

        Raises:
            SettingsError: there is no such network, or the run has no weights.
            CheckpointError: its weights are missing or damaged.
        """
        if not isinstance(name, str):
            raise SettingsError(f"choose a network: expected one of {', '.join(self.available)}, found {name!r}")
        with self._lock:
            if name not in self._predictors:
                self._predictors[name] = self._load(name)
            return self._predictors[name]

    def _load(self, name: str) -> Predictor:
        if name in MODELS:
            return Predictor.load(name, self._device)
        if not name.startswith(RUN_PREFIX):
            # Unlike Predictor.load, no paths: the name comes from a visitor.
            raise SettingsError(f"there is no network {name!r}, only {', '.join(self.available)} and trained runs")
        weights = self._trainer.run(name.removeprefix(RUN_PREFIX)).weights
        if weights is None:
            raise SettingsError(f"{name} has no trained weights")
        return Predictor.load(weights, self._device)

    def _label(self, name: str) -> str:
        return f"{name} · {float(self.predictor(name).metadata['test_accuracy']):.2%} on MNIST"


def run_label(run: Run) -> str:
    """Return what a run is called in a menu."""
    accuracy = "untested" if run.test_accuracy is None else f"{run.test_accuracy:.2%}"
    return f"Run {run.number} · {run.config.recipe} · {accuracy}"
