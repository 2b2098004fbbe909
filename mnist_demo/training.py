"""Training and evaluating a network: no threads, no files, no page.

    for event in train(model, train_split, test_split, RECIPES["cnn"]):
        print(event)

The split lies on the device as bytes and a batch is a slice of it: on MNIST a DataLoader that decodes
and converts one image at a time costs more than the network does.
"""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from mnist_demo.augmentation import augment
from mnist_demo.batches import Data, to_input
from mnist_demo.calibration import fit_temperature, fit_threshold
from mnist_demo.datasets import Split
from mnist_demo.devices import choose_device, has_fast_bfloat16
from mnist_demo.drawings import make_drawings
from mnist_demo.errors import SettingsError
from mnist_demo.events import BatchReport, Ended, EpochEnded, Event, Started
from mnist_demo.meters import Diverged, Evaluation, Meter, Stopwatch
from mnist_demo.models import DigitNet, count_parameters
from mnist_demo.optimisation import build_optimizer, build_schedule
from mnist_demo.recipes import TrainConfig

LAST_STRENGTH = 0.2  # of the augmentation, at the end of a run; it begins with 1
DRAWINGS = 12_000  # synthetic ones, mixed into the training split if the recipe asks for them
REPORT_INTERVAL = 0.2  # s between two reports within an epoch
MAX_FORWARD = 64  # images in one pass: it fits the caches (125 took twice as long), and a stop is soon noticed


def train(
    model: nn.Module,
    train_split: Split,
    test_split: Split,
    config: TrainConfig,
    should_stop: Callable[[], bool] = lambda: False,
    run: str = "",
) -> Iterator[Event]:
    """Train `model` in place and yield what happens.

    The same first weights, seed, device and number of threads give the same numbers.

    Args:
        model: maps (batch, 1, 28, 28) in [0, 1] to (batch, 10) logits; it is moved to the device.
        train_split: what to learn from; every epoch shuffles it anew.
        test_split: what to report on, before the first epoch and after each one.
        config: the settings; its `model` is not looked at.
        should_stop: asked before every forward pass; True ends the run within a fraction of a second.
        run: a name for the run, passed on in Started.

    Yields:
        Started, EpochEnded for the untrained network, BatchReport and EpochEnded as training goes on, Ended.
        A loss that is no longer finite ends the run as failed.

    Raises:
        SettingsError: the device is not there, or a split is empty or no larger than what is held out of it.
    """
    device = choose_device(config.device)
    # With channels last, convolutions on a CPU are a quarter faster.
    model.to(device).to(memory_format=torch.channels_last)
    if config.validation_size >= len(train_split):
        found = f"found {len(train_split):,} images"
        raise SettingsError(f"the training split: expected more than the {config.validation_size:,} held out, {found}")
    train_data, validation_data = Data.load(train_split, device).cut(len(train_split) - config.validation_size)
    test_data = Data.load(test_split, device)
    drawings = DRAWINGS if config.augmentation == "drawing" else 0
    sizes = len(train_data) + drawings, len(test_data)
    yield Started(run, config.recipe, device.type, *sizes, count_parameters(model))
    try:
        yield from _Run(model, train_data, test_data, config, drawings, should_stop).events()
        if config.validation_size and isinstance(model, DigitNet):
            _calibrate(model, validation_data, should_stop)
        trained = _evaluate(model, train_data, should_stop)
        tested = _evaluate(model, test_data, should_stop)
        yield Ended("finished", "The run has finished.", None, trained.accuracy, tested.accuracy)
    except _Stopped:
        yield Ended("stopped", "The run was stopped.", None, None, None)
    except Diverged:
        message = "The loss is no longer a finite number: the learning rate is too high for this network."
        yield Ended("failed", message, None, None, None)


def evaluate(model: nn.Module, split: Split) -> Evaluation:
    """Measure `model` on a whole split, on the device where the model lies.

    Raises:
        SettingsError: the split is empty.
    """
    device = next(model.parameters()).device
    return _evaluate(model, Data.load(split, device), should_stop=lambda: False)


class _Stopped(Exception):
    """The caller asked to stop."""


class _Run:
    """What `train` yields between the first event and the last."""

    def __init__(
        self,
        model: nn.Module,
        train_data: Data,
        test_data: Data,
        config: TrainConfig,
        drawings: int,
        should_stop: Callable[[], bool],
    ) -> None:
        self.model = model
        self.train_data = train_data
        self.test_data = test_data
        self.config = config
        self.drawings = drawings
        self.should_stop = should_stop
        self.optimizer = build_optimizer(model, config)
        steps = -(-(len(train_data) + drawings) // config.batch_size)
        self.schedule = build_schedule(self.optimizer, config, config.epochs * steps)
        self.generator = torch.Generator().manual_seed(config.seed)
        self.stopwatch = Stopwatch()
        self.examples_seen = 0

    def events(self) -> Iterator[Event]:
        test = _evaluate(self.model, self.test_data, self.should_stop)
        yield EpochEnded(0, None, None, test.loss, test.accuracy, seconds=0.0)
        if self.drawings:
            self.train_data = self.train_data.joined(self._draw())
        for epoch in range(1, self.config.epochs + 1):
            meter = Meter(self.train_data.device)
            yield from self._epoch(epoch, meter)
            trained = meter.result()
            test = _evaluate(self.model, self.test_data, self.should_stop)
            seconds = round(self.stopwatch.seconds, 3)
            yield EpochEnded(epoch, trained.loss, trained.accuracy, test.loss, test.accuracy, seconds)

    def _draw(self) -> Data:
        """Return the synthetic drawings, which take half a minute to make."""
        pictures, labels = [], []
        self.stopwatch.start()
        for picture, label in make_drawings(self.drawings, self.config.seed):
            if self.should_stop():
                raise _Stopped
            pictures.append(picture)
            labels.append(label)
        self.stopwatch.stop()
        device = self.train_data.device
        return Data(torch.from_numpy(np.stack(pictures)).to(device), torch.tensor(labels, device=device))

    def _epoch(self, epoch: int, meter: Meter) -> Iterator[BatchReport]:
        """Train on every image once, add what was learned to `meter`, and report in between."""
        self.model.train()
        self.stopwatch.start()
        recent = Meter(self.train_data.device)
        for batch in self.train_data.shuffled(self.generator).batches(self.config.batch_size):
            self._step(batch, recent)
            if self.stopwatch.lap() >= REPORT_INTERVAL:
                yield self._report(epoch, recent)
                meter.merge(recent)
                recent = Meter(self.train_data.device)
                self.stopwatch.start()
        if recent.examples:
            yield self._report(epoch, recent)
            meter.merge(recent)

    def _step(self, batch: Data, meter: Meter) -> None:
        """Take one step of the optimizer; gradients of a large batch are summed over several passes."""
        self.optimizer.zero_grad()
        for part in batch.batches(MAX_FORWARD):
            if self.should_stop():
                raise _Stopped
            logits = self._forward(part.images)
            loss = functional.cross_entropy(logits, part.labels, reduction="sum")
            (loss / len(batch)).backward()  # type: ignore[no-untyped-call]
            meter.add(loss, logits, part.labels)
        self.optimizer.step()
        if self.schedule:
            self.schedule.step()
        self.examples_seen += len(batch)

    def _forward(self, images: Tensor) -> Tensor:
        """Return the logits of (batch, 28, 28) pictures: ten, and with drawings among them the 0 of "no digit"."""
        inputs = to_input(images)
        if self.config.augmentation == "none":
            logits: Tensor = self.model(inputs)
            return logits
        # Towards the end pictures vary less: a network that has seen everything settles on what is usual.
        done = self.examples_seen / (self.config.epochs * len(self.train_data))
        inputs = augment(inputs, self.generator, strength=1 - (1 - LAST_STRENGTH) * done)
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=has_fast_bfloat16(inputs.device)):
            logits = self.model(inputs)
        return functional.pad(logits.float(), (0, 1))

    def _report(self, epoch: int, recent: Meter) -> BatchReport:
        """Report on `recent`, with the stopwatch stopped: what the reader does with it is not training."""
        train_loss = recent.result().loss
        examples_per_second = recent.examples / self.stopwatch.stop()
        return BatchReport(epoch, self.examples_seen, train_loss, round(examples_per_second))


@torch.inference_mode()
def _evaluate(model: nn.Module, data: Data, should_stop: Callable[[], bool]) -> Evaluation:
    model.eval()
    meter = Meter(data.device)
    for batch in data.batches(MAX_FORWARD):
        if should_stop():
            raise _Stopped
        logits = model(to_input(batch.images))
        meter.add(functional.cross_entropy(logits, batch.labels, reduction="sum"), logits, batch.labels)
    return meter.result()


@torch.inference_mode()
def _calibrate(model: DigitNet, data: Data, should_stop: Callable[[], bool]) -> None:
    """Fit what turns the logits into confidence, and the threshold below which nothing is read."""
    model.eval()
    parts = []
    for batch in data.batches(MAX_FORWARD):
        if should_stop():
            raise _Stopped
        parts.append(model(to_input(batch.images)))
    logits = torch.cat(parts)
    temperature = fit_temperature(logits, data.labels)
    model.temperature *= temperature
    model.threshold.fill_(fit_threshold(logits / temperature))
