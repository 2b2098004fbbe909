"""The networks that a visitor can choose: those of weights/ and those that were trained here."""

import functools
import itertools
import threading
from pathlib import Path

from mnist_demo.data.subject import MNIST, Subject
from mnist_demo.errors import CheckpointError, NotFoundError, SettingsError, StateError
from mnist_demo.files import without_folders
from mnist_demo.networks.checkpoints import WEIGHTS, Checkpoint, load_checkpoint, read_subject
from mnist_demo.networks.devices import choose_device
from mnist_demo.networks.registry import DEFAULT_MODEL, MODELS
from mnist_demo.reading.predictor import Predictor
from mnist_demo.runs.run import Run
from mnist_demo.runs.store import RunStore
from mnist_demo.runs.trainer import BackgroundTrainer
from mnist_demo.threads import keep_to_one_core

RUN_PREFIX = "run:"
NOW = "now"
MAX_RUNS = 24  # networks of runs that are kept loaded: all epochs of one, and some more
MAX_KNOWN = 2_000  # runs of which is known what they have learned: all of a history


class Networks:
    """Predictors by name; that of a run is loaded when it is first asked for.

    Only networks that have learned the classes of the data set on the page are offered.

    Attributes:
        available: names of the networks whose weights are there, the best one first.
        missing: of those whose weights are not, or are damaged: what is wrong.
    """

    def __init__(self, trainer: BackgroundTrainer, device: str, subject: Subject = MNIST) -> None:
        self.missing: dict[str, str] = {}
        self._subject = subject
        self._trainer = trainer
        self._device = device
        self._predictors: dict[str, Predictor] = {}
        self._of_run = functools.lru_cache(maxsize=MAX_RUNS)(self._load)
        self._is_of_subject = functools.lru_cache(maxsize=MAX_KNOWN)(self._has_learned_subject)
        self._lock = threading.Lock()
        for name in sorted(MODELS, key=lambda name: name != DEFAULT_MODEL):
            try:
                predictor = Predictor.load(name, device)
                if predictor.subject.classes == subject.classes:
                    self._predictors[name] = predictor
            except CheckpointError as error:
                self.missing[name] = f"{without_folders(str(error), WEIGHTS)}."
        self.available = list(self._predictors)

    @property
    def default(self) -> str | None:
        """Name of the best network that is there."""
        return self.available[0] if self.available else None

    @property
    def invitation(self) -> str:
        """What to say where there is no network."""
        return f"Train a network first: none here has learned {self._subject.dataset} yet"

    def choices(self) -> list[tuple[str, str]]:
        """Return (label, name) of every network whose weights are there, those trained here last."""
        runs = [run for run in self._trainer.book.runs() if self._can_read(run)]
        return [(self._label(name), name) for name in self.available] + [
            (run_label(run), RUN_PREFIX + run.id) for run in runs
        ]

    def newest_runs(self, count: int) -> list[str]:
        """Return the names of the networks of the newest runs that have ended, the newest first."""
        readable = (run for run in reversed(self._trainer.book.runs()) if self._can_read(run))
        return [RUN_PREFIX + run.id for run in itertools.islice(readable, count)]

    def title(self, name: str) -> str:
        """Return what a network is called on the page, that of a run as in menus.

        Raises:
            NotFoundError: it is of a run that is not there.
        """
        if not name.startswith(RUN_PREFIX):
            return name
        run_id, _, moment = name.removeprefix(RUN_PREFIX).partition("@")
        label = run_label(self._trainer.book.run(run_id))
        return f"{label} · {moment if moment == NOW else f'epoch {moment}'}" if moment else label

    def lasting_predictor(self, name: str | None) -> Predictor:
        """Return a network that is to read a whole split, which takes a minute.

        Raises:
            StateError: it is the newest one of a run that trains on, and would be another by then.
            SettingsError, NotFoundError, CheckpointError: as for `predictor`.
        """
        run_id, _, moment = (name or "").removeprefix(RUN_PREFIX).partition("@")
        if moment == NOW and not self._trainer.book.run(run_id).is_over:
            raise StateError("this network still changes: choose one of the run's epochs, or wait for its end")
        return self.predictor(name)

    def predictor(self, name: str | None) -> Predictor:
        """Return a network.

        Args:
            name: a key of MODELS; or "run:ID", the network of a run that has ended; or "run:ID@3", what it was after
                epoch 3; or "run:ID@now", what it is at this moment, also while it trains.

        Raises:
            SettingsError: none is named.
            NotFoundError: there is no such network, or its weights are gone or not kept.
            StateError: the run has no weights.
            CheckpointError: its weights are damaged, or do not fit the network as it is now.
        """
        keep_to_one_core()
        if not isinstance(name, str):
            raise SettingsError("choose a network" if self.available else self.invitation)
        if name in self._predictors:
            return self._predictors[name]
        if not name.startswith(RUN_PREFIX):
            # Unlike Predictor.load, no paths: the name comes from a visitor.
            raise NotFoundError(f"there is no network {name!r}, only {', '.join(self.available)} and trained runs")
        run_id, _, moment = name.removeprefix(RUN_PREFIX).partition("@")
        book = self._trainer.book
        weights = find_weights(book.store, book.run(run_id), moment)
        with self._lock:
            return self._of_run(*weights)

    def _load(self, weights: Path, _written: int) -> Predictor:
        predictor = Predictor(load_of_run(weights), choose_device(self._device))
        if predictor.subject.classes != self._subject.classes:
            raise StateError(f"this network has learned {predictor.subject.dataset}, not {self._subject.dataset}")
        return predictor

    def _can_read(self, run: Run) -> bool:
        """Return whether a run has weights, of the classes that are on the page."""
        try:
            return self._is_of_subject(*require_weights(self._trainer.book.store, run))
        except (StateError, NotFoundError):
            return False

    def _has_learned_subject(self, weights: Path, _written: int) -> bool:
        try:
            return read_subject(weights).classes == self._subject.classes
        except CheckpointError:
            return True  # it is offered, and says what is wrong when it is chosen

    def _label(self, name: str) -> str:
        accuracy = self._predictors[name].metadata.get("test_accuracy")
        return f"{name} · {float(accuracy):.2%} on {self._subject.dataset}" if accuracy else name


def require_weights(store: RunStore, run: Run) -> tuple[Path, int]:
    """Return where the weights of a run lie, and when they were written: a run that was resumed has others.

    Raises:
        StateError: it has none.
        NotFoundError: they are gone.
    """
    if run.weights is None:
        raise StateError(f"run {run.number} has no trained weights")
    path = store.weights(run.id)
    try:
        return path, path.stat().st_mtime_ns
    except OSError as error:
        raise NotFoundError(f"the weights of run {run.number} are gone") from error


def find_weights(store: RunStore, run: Run, moment: str = "") -> tuple[Path, int]:
    """Return where the weights of a run at some moment lie, and when they were written.

    Args:
        store: of the runs.
        run: which one.
        moment: the number of an epoch; "now" for the newest, also of a run that trains; "" for those at its end.

    Raises:
        StateError, NotFoundError: as for `require_weights`; the epoch is not kept, or is none.
    """
    if not moment or (moment == NOW and run.weights):
        return require_weights(store, run)
    if moment == NOW:
        path = store.live_weights(run.id)
    elif moment.isascii() and moment.isdigit() and len(moment) < 10:
        path = store.epochs(run.id).path(int(moment))
    else:
        raise NotFoundError(f"there is no epoch {moment!r:.50} of run {run.number}")
    try:
        return path, path.stat().st_mtime_ns
    except OSError as error:
        when = "yet" if moment == NOW else f"of epoch {moment}"
        raise NotFoundError(f"run {run.number} has no weights {when}") from error


def load_of_run(path: Path) -> Checkpoint:
    """Return the network of a run's weights file.

    Raises:
        CheckpointError: the file is damaged, or does not fit the network as it is now; the message, which visitors
            read, names only the file, not where it lies.
    """
    try:
        return load_checkpoint(path)
    except CheckpointError as error:
        raise CheckpointError(without_folders(str(error), path.parent)) from error


def run_label(run: Run) -> str:
    """Return what a run is called in a menu."""
    accuracy = "untested" if run.test_accuracy is None else f"{run.test_accuracy:.2%}"
    return f"{run.name or f'Run {run.number}'} · {run.config.recipe} · {accuracy}"
