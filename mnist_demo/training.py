"""Training and evaluating a network: no threads, no files, no page.

    for event in train(model, train_split, test_split, RECIPES["cnn"]):
        print(event)

The split lies on the device as bytes and a batch is a slice of it: on MNIST a DataLoader that decodes
and converts one image at a time costs more than the network does.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from mnist_demo.datasets import Split
from mnist_demo.devices import choose_device
from mnist_demo.errors import SettingsError
from mnist_demo.events import BatchReport, Ended, EpochEnded, Event, Started
from mnist_demo.meters import Diverged, Evaluation, Meter, Stopwatch
from mnist_demo.models import count_parameters
from mnist_demo.recipes import TrainConfig

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
        SettingsError: the device is not there, or a split is empty.
    """
    device = choose_device(config.device)
    # With channels last, convolutions on a CPU are a quarter faster.
    model.to(device).to(memory_format=torch.channels_last)
    train_data, test_data = _Data.load(train_split, device), _Data.load(test_split, device)
    yield Started(
        run, config.recipe, device.type, len(train_data.labels), len(test_data.labels), count_parameters(model)
    )
    try:
        yield from _Run(model, train_data, test_data, config, should_stop).events()
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
    return _evaluate(model, _Data.load(split, device), should_stop=lambda: False)


def to_input(images: Tensor) -> Tensor:
    """Map (batch, 28, 28) uint8 to what the networks take: (batch, 1, 28, 28) float in [0, 1]."""
    return images.unsqueeze(1).float().div_(255)


class _Stopped(Exception):
    """The caller asked to stop."""


@dataclass(frozen=True)
class _Data:
    """A split on the device."""

    images: Tensor  # (N, 28, 28) uint8
    labels: Tensor  # (N,) int64

    @classmethod
    def load(cls, split: Split, device: torch.device) -> "_Data":
        if not len(split):
            raise SettingsError("the split has no images")
        return cls(torch.from_numpy(split.images).to(device), torch.from_numpy(split.labels).to(device).long())

    def shuffled(self, generator: torch.Generator) -> "_Data":
        order = torch.randperm(len(self.labels), generator=generator).to(self.device)
        return _Data(self.images[order], self.labels[order])

    @property
    def device(self) -> torch.device:
        return self.labels.device

    def batches(self, size: int) -> Iterator["_Data"]:
        for start in range(0, len(self.labels), size):
            yield _Data(self.images[start : start + size], self.labels[start : start + size])


class _Run:
    """One run of training: what `train` yields after Started."""

    def __init__(
        self,
        model: nn.Module,
        train_data: _Data,
        test_data: _Data,
        config: TrainConfig,
        should_stop: Callable[[], bool],
    ) -> None:
        self.model = model
        self.train_data = train_data
        self.test_data = test_data
        self.config = config
        self.should_stop = should_stop
        self.optimizer = _build_optimizer(model, config)
        self.generator = torch.Generator().manual_seed(config.seed)
        self.stopwatch = Stopwatch()
        self.examples_seen = 0

    def events(self) -> Iterator[Event]:
        test = _evaluate(self.model, self.test_data, self.should_stop)
        yield EpochEnded(0, None, None, test.loss, test.accuracy, seconds=0.0)
        for epoch in range(1, self.config.epochs + 1):
            meter = Meter(self.train_data.device)
            yield from self._epoch(epoch, meter)
            trained = meter.result()
            test = _evaluate(self.model, self.test_data, self.should_stop)
            seconds = round(self.stopwatch.seconds, 3)
            yield EpochEnded(epoch, trained.loss, trained.accuracy, test.loss, test.accuracy, seconds)
        trained = _evaluate(self.model, self.train_data, self.should_stop)
        yield Ended("finished", "The run has finished.", None, trained.accuracy, test.accuracy)

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

    def _step(self, batch: _Data, meter: Meter) -> None:
        """Take one step of the optimizer; gradients of a large batch are summed over several passes."""
        self.optimizer.zero_grad()
        for part in batch.batches(MAX_FORWARD):
            if self.should_stop():
                raise _Stopped
            logits = self.model(to_input(part.images))
            loss = functional.cross_entropy(logits, part.labels, reduction="sum")
            (loss / len(batch.labels)).backward()  # type: ignore[no-untyped-call]
            meter.add(loss, logits, part.labels)
        self.optimizer.step()
        self.examples_seen += len(batch.labels)

    def _report(self, epoch: int, recent: Meter) -> BatchReport:
        """Report on `recent`, with the stopwatch stopped: what the reader does with it is not training."""
        train_loss = recent.result().loss
        examples_per_second = recent.examples / self.stopwatch.stop()
        return BatchReport(epoch, self.examples_seen, train_loss, round(examples_per_second))


def _build_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    # fused: one call a step in place of a handful for every tensor, which is what small batches wait for.
    if config.optimizer == "adam":
        betas = (config.momentum, 0.999)
        return torch.optim.Adam(model.parameters(), lr=config.learning_rate, betas=betas, fused=True)
    return torch.optim.SGD(model.parameters(), lr=config.learning_rate, momentum=config.momentum, fused=True)


@torch.inference_mode()
def _evaluate(model: nn.Module, data: _Data, should_stop: Callable[[], bool]) -> Evaluation:
    model.eval()
    meter = Meter(data.device)
    for batch in data.batches(MAX_FORWARD):
        if should_stop():
            raise _Stopped
        logits = model(to_input(batch.images))
        meter.add(functional.cross_entropy(logits, batch.labels, reduction="sum"), logits, batch.labels)
    return meter.result()
