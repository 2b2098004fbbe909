"""The record of one training run: its settings, its owner and its progress."""

import time
from dataclasses import dataclass, field
from typing import Literal

from mnist_demo.training.config import TrainConfig
from mnist_demo.training.events import Ended, EpochEnded, Event, LearningRateChanged, Started

State = Literal["queued", "running", "finished", "stopped", "failed"]
MARKS = (0.97, 0.98, 0.99)  # test accuracies; the board shows the time to reach each


@dataclass
class Run:
    """One run, from the queue to its end. Its events are in the RunStore.

    Attributes:
        id: its id in URLs.
        number: its number for display: 1 for the first run of this history.
        config: its settings.
        name: given by its owner, or "".
        nickname: of its owner, or "".
        token: the secret of its owner; None if it belongs to everyone.
        created: time of the request, in seconds since 1970.
        is_limited: the instructor's limits apply to it.
        state: its state.
        is_paused: it is paused.
        stopping: why it is stopping, if a stop was requested.
        events: how many it has.
        parameters: of its network, once it has begun.
        epoch: the last complete one; None until the untrained network has been tested.
        test_accuracy: after that epoch, in [0, 1].
        best_test_accuracy: the highest after any epoch, in [0, 1].
        best_epoch: the first epoch that reached it.
        seconds: of training up to the last complete epoch.
        reached: for each of MARKS that was reached, the seconds of training until then.
        changed_rate: its learning rate was changed during the run.
        message: why it ended.
        weights: file name of the trained weights, once it is over and has any; RunStore gives the path.
        resumed: the version of the book when it was last resumed, 0 if it was not since the server started.
        version: increases with every change; see RunBook.changes.
        resumable: it was interrupted after an epoch, and can resume from there.
        address: where its owner's request came from, as Visitor.network; kept in memory only, never stored or sent.
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
        """Update the record from an event; the last event decides how the run ended."""
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
