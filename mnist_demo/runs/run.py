"""The record of one training run: what was asked for, by whom, and where it stands."""

import time
from dataclasses import dataclass, field
from typing import Literal

from mnist_demo.training.config import TrainConfig
from mnist_demo.training.events import Ended, EpochEnded, Event, LearningRateChanged, Started

State = Literal["queued", "running", "finished", "stopped", "failed"]
MARKS = (0.97, 0.98, 0.99)  # test accuracies, to which the board shows the time


@dataclass
class Run:
    """One run, from the queue to its end. Its events are in the RunStore.

    Attributes:
        id: its name in addresses.
        number: its name for people: 1 for the first run of this history.
        config: its settings.
        name: what it is called by whoever started it, or "".
        nickname: of whoever started it, or "".
        token: the secret of whoever started it; None if it is everybody's.
        created: when it was asked for, in seconds since 1970.
        is_limited: the instructor's limits hold for it.
        state: where it stands.
        is_paused: it waits for the word to go on.
        stopping: why it is about to end, if somebody has asked for that.
        events: how many it has.
        parameters: of its network, once it has begun.
        epoch: the newest whole one; None before the untrained network was tested.
        test_accuracy: after that epoch, in [0, 1].
        best_test_accuracy: the highest after any epoch, in [0, 1].
        best_epoch: the first epoch that reached it.
        seconds: of training until then.
        reached: for each of MARKS that was reached, after how many seconds of training.
        changed_rate: its learning rate was changed in mid-run.
        message: why it ended.
        weights: name of the file of the trained weights, once it is over and has any; RunStore knows where it lies.
        resumed: the version of the book at which it last went on after a cut, 0 if it did not since the server began.
        version: grows with every change; see RunBook.changes.
        resumable: it was cut after an epoch, and can go on from there.
        address: where whoever started it came from, as Visitor.network; only in memory, never written or sent.
    """

    id: str
    number: int
    config: TrainConfig
    name: str = ""
    nickname: str = ""
    token: str | None = None
    created: float = field(default_factory=time.time)
    is_limited: bool = True
    state: State = "queued"
    is_paused: bool = False
    stopping: str = ""
    events: int = 0
    parameters: int | None = None
    epoch: int | None = None
    test_accuracy: float | None = None
    best_test_accuracy: float | None = None
    best_epoch: int | None = None
    seconds: float = 0.0
    reached: dict[float, float] = field(default_factory=dict)
    changed_rate: bool = False
    message: str = ""
    weights: str | None = None
    resumed: int = 0
    version: int = 0
    resumable: bool = False
    address: str | None = None

    def observe(self, event: Event) -> None:
        """Take note of what happened; the last event decides how the run ended."""
        self.events += 1
        match event:
            case Started():
                self.parameters = event.parameters
            case EpochEnded():
                self.epoch, self.test_accuracy, self.seconds = event.epoch, event.test_accuracy, event.seconds
                if self.best_test_accuracy is None or event.test_accuracy > self.best_test_accuracy:
                    self.best_test_accuracy, self.best_epoch = event.test_accuracy, event.epoch
                for mark in MARKS:
                    if event.test_accuracy >= mark:
                        self.reached.setdefault(mark, event.seconds)
            case Ended():
                self.state, self.message, self.weights = event.reason, event.message, event.weights
                self.is_paused = False
            case LearningRateChanged():
                self.changed_rate = True

    @property
    def is_over(self) -> bool:
        return self.state not in ("queued", "running")
