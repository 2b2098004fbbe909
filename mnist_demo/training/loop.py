"""The training loop, free of threads, files and UI.

    for event in train(model, train_split, test_split, RECIPES["cnn"]):
        print(event)

The whole split is on the device as bytes, and batches are indexed from it: on MNIST a DataLoader that decodes and
converts one image at a time costs more than the network itself.
"""

from collections.abc import Generator, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from mnist_demo.data.batches import Data, to_input
from mnist_demo.data.datasets import Split
from mnist_demo.errors import SettingsError
from mnist_demo.networks.describe import count_parameters
from mnist_demo.networks.devices import choose_device, has_fast_bfloat16
from mnist_demo.networks.evaluation import calibrate, measure, require_float32
from mnist_demo.networks.meters import Diverged, Evaluation, Meter, Stopwatch
from mnist_demo.networks.spec import can_reject
from mnist_demo.threads import computing_on
from mnist_demo.training.augmentation import augment
from mnist_demo.training.config import TrainConfig
from mnist_demo.training.control import Control, Stopped
from mnist_demo.training.events import (
    STOPPED,
    BatchReport,
    Ended,
    EpochEnded,
    EvaluationReport,
    Event,
    LearningRateChanged,
    SplitName,
    Started,
)
from mnist_demo.training.optimisation import build_optimizer, build_schedule, change_learning_rate, smooth
from mnist_demo.training.training_set import TrainingSet

LAST_STRENGTH = 0.2  # of the augmentation, at the end of a run; it starts at 1
REPORT_INTERVAL, TEST_INTERVAL = 0.2, 0.1  # s between reports in training and in evaluation, a run's first point


def train(
    model: nn.Module,
    train_split: Split,
    test_split: Split,
    config: TrainConfig,
    control: Control | None = None,
    run: str = "",
) -> Iterator[Event]:
    """Train `model` in place and yield its events: `Training(...).events(run)`.

    Raises:
        SettingsError: as for Training.
    """
    yield from Training(model, train_split, test_split, config, control).events(run)


def _require_trainable(model: nn.Module) -> None:
    require_float32(model)
    if any(parameter.is_inference() for parameter in model.parameters()):
        raise SettingsError("the network: built under torch.inference_mode() and not trainable; build it outside")


class Training:
    """A run that trains `model` in place.

    The same initial weights, seed, device and number of threads give the same numbers, even if the run was interrupted
    after an epoch and resumed from its state.

    Args:
        model: maps (batch, 1, 28, 28) in [0, 1] to (batch, 10) logits; it is moved to the device.
        train_split: the training data; reshuffled every epoch.
        test_split: evaluated before the first epoch and after each one.
        config: the settings; its `model` is ignored.
        control: stops the run within a fraction of a second; pauses it, or changes its learning rate, between batches.

    Raises:
        SettingsError: the device is not available, a split is empty or not larger than the part held out, or the
            network cannot be trained: it is not float32, or was built in PyTorch's inference mode.
    """

    @torch.inference_mode(False)
    def __init__(
        self,
        model: nn.Module,
        train_split: Split,
        test_split: Split,
        config: TrainConfig,
        control: Control | None = None,
    ) -> None:
        self._device = choose_device(config.device)
        _require_trainable(model)
        self._config = config
        self._control = control or Control()
        # With channels last, convolutions on a CPU are a quarter faster.
        self._model = model.to(self._device).to(memory_format=torch.channels_last)
        kept = len(train_split) - config.validation_size
        if kept <= 0:
            expected = f"expected more than the {config.validation_size:,} held out, found {len(train_split):,} images"
            raise SettingsError(f"the training split: {expected}")
        self._train_data, self._validation_data = Data.load(train_split, self._device).cut(kept)
        self._test_data = Data.load(test_split, self._device)
        has_drawings = config.augmentation == "drawing" and train_split.subject.is_digits
        self._training_set = TrainingSet(self._train_data, has_drawings, config.seed)
        self._require_passes_of_several()
        self._optimizer = build_optimizer(model, config)
        steps = -(-len(self._training_set) // config.batch_size)
        self._schedule = build_schedule(self._optimizer, config, config.epochs * steps)
        self._generator = torch.Generator().manual_seed(config.seed)
        self._stopwatch = Stopwatch()
        self._epoch = self._examples_seen = 0

    def state(self) -> dict[str, Any]:
        """Return everything needed to resume after the epoch that has just ended, ready for `torch.save`."""
        return {
            "epoch": self._epoch,
            "examples_seen": self._examples_seen,
            "seconds": self._stopwatch.seconds,
            "model": self._model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict() if self._schedule else None,
            "generator": self._generator.get_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Resume after the epoch that `state` was taken at; the settings must be the same."""
        self._epoch, self._examples_seen = state["epoch"], state["examples_seen"]
        self._stopwatch.seconds = state["seconds"]
        self._model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        if self._schedule:
            self._schedule.load_state_dict(state["schedule"])
        self._generator.set_state(state["generator"])

    @torch.inference_mode(False)  # at every step, whatever mode the caller is in
    def events(self, run: str = "") -> Iterator[Event]:
        """Train, and yield the events.

        For their order see training/events.py; a restored run continues where it left off. If the loss is no longer
        finite, the run ends as failed. Until the end, PyTorch computes in this thread on the configured number of
        cores.

        Args:
            run: a name for the run, passed on in Started.
        """
        with computing_on(self._config.cores):
            if not self._epoch:
                sizes = len(self._training_set), len(self._test_data)
                yield Started(run, self._config.recipe, self._device.type, *sizes, count_parameters(self._model))
            yield from self._run()

    def _run(self) -> Iterator[Event]:
        try:
            yield from self._epochs()
            if self._config.validation_size and can_reject(self._model):
                calibrate(self._model, self._validation_data, check=self._control.check)
            trained = yield from self._evaluate("train", self._train_data)
            tested = yield from self._evaluate("test", self._test_data)
            yield Ended("finished", "The run has finished.", None, trained.accuracy, tested.accuracy)
        except Stopped:
            yield Ended("stopped", STOPPED, None, None, None)
        except Diverged:
            message = "The loss is no longer a finite number: the learning rate is too high for this network."
            yield Ended("failed", message, None, None, None)

    def _require_passes_of_several(self) -> None:
        """Refuse settings that would leave a single image in a pass: batch norm needs at least two."""
        size, count = self._config.batch_size, len(self._training_set)
        passes = {batch % self._config.pass_size or self._config.pass_size for batch in (size, count % size) if batch}
        if 1 in passes and any(isinstance(module, nn.BatchNorm1d) for module in self._model.modules()):
            found = f"found {size:,}, which leaves a single one of {count:,}"
            raise SettingsError(f"batch_size: this network needs at least 2 images per pass, {found}")

    def _epochs(self) -> Iterator[Event]:
        if not self._epoch:
            test = yield from self._evaluate("test", self._test_data)
            yield EpochEnded(0, None, None, test.loss, test.accuracy, seconds=0.0)
        while self._epoch < self._config.epochs:
            meter = Meter(self._device)
            yield from self._batches(meter)
            self._epoch += 1
            trained = meter.result()
            test = yield from self._evaluate("test", self._test_data)
            seconds = round(self._stopwatch.seconds, 3)
            self._control.pauses_after("epoch")  # before the event can trigger another step
            yield EpochEnded(self._epoch, trained.loss, trained.accuracy, test.loss, test.accuracy, seconds)

    def _evaluate(self, split: SplitName, data: Data) -> Generator[EvaluationReport, None, Evaluation]:
        """Evaluate the network on all of `data`, yielding intermediate reports, and return the result."""
        stopwatch = Stopwatch()
        stopwatch.start()
        for meter in measure(self._model, data):
            self._control.check()
            if meter.examples < len(data) and stopwatch.lap() >= TEST_INTERVAL:
                known = meter.result()
                yield EvaluationReport(split, self._epoch, meter.examples, len(data), known.loss, known.accuracy)
                stopwatch.start()
        return meter.result()

    def _batches(self, meter: Meter) -> Iterator[Event]:
        """Train on every image once, updating `meter` and yielding reports."""
        self._model.train()
        yield from self._wait()
        if self._epoch:  # a resumed run has not made its drawings yet
            self._training_set.complete(self._control.check)
        self._stopwatch.start()
        recent, size, is_first = Meter(self._device), self._config.batch_size, not self._epoch
        for batch in self._training_set.batches(size, self._generator, is_first, self._control.check):
            self._step(batch, recent)
            if self._control.pauses_after("batch") or self._stopwatch.lap() >= REPORT_INTERVAL:
                yield self._report(recent)
                meter.merge(recent)
                recent = Meter(self._device)
                yield from self._wait()
                self._stopwatch.start()
        if recent.examples:
            yield self._report(recent)
            meter.merge(recent)

    def _wait(self) -> Iterator[LearningRateChanged]:
        """Block while the run is paused, then apply a requested learning rate."""
        self._control.wait()
        if (rate := self._control.take_learning_rate()) is not None:
            change_learning_rate(self._optimizer, rate)
            yield LearningRateChanged(self._examples_seen, rate)

    def _step(self, batch: Data, meter: Meter) -> None:
        """Take one optimizer step; gradients of a large batch are accumulated over several passes."""
        self._optimizer.zero_grad()
        for part in batch.batches(self._config.pass_size):
            self._control.check()
            logits = self._forward(part.images)
            loss = functional.cross_entropy(logits, part.labels, reduction="sum")
            aim = smooth(loss, logits, self._config.label_smoothing)
            (aim / len(batch)).backward()  # type: ignore[no-untyped-call]
            meter.add(loss, logits, part.labels)
        self._optimizer.step()
        if self._schedule:
            self._schedule.step()
        self._examples_seen += len(batch)

    def _forward(self, images: Tensor) -> Tensor:
        """Return the logits of (batch, 28, 28) pictures: ten, and with augmentation an eleventh, 0, for non-digits."""
        inputs = to_input(images)
        if self._config.augmentation == "none":
            logits: Tensor = self._model(inputs)
            return logits
        # Augmentation weakens towards the end, so that the network settles on typical pictures.
        done = self._examples_seen / (self._config.epochs * len(self._training_set))
        inputs = augment(inputs, self._generator, strength=1 - (1 - LAST_STRENGTH) * done)
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=has_fast_bfloat16(inputs.device)):
            logits = self._model(inputs)
        return functional.pad(logits.float(), (0, 1))

    def _report(self, recent: Meter) -> BatchReport:
        """Report on `recent` and stop the stopwatch: the consumer's time is not training time."""
        train_loss, speed = recent.result().loss, recent.examples / self._stopwatch.stop()
        return BatchReport(self._epoch + 1, self._examples_seen, train_loss, round(speed))
