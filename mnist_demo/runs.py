"""The record of a training run: what was asked for, and all that happened since."""

from dataclasses import dataclass, field
from typing import Literal

from mnist_demo.events import Ended, Event, to_dict
from mnist_demo.recipes import TrainConfig

State = Literal["queued", "running", "finished", "stopped", "failed"]


@dataclass
class Run:
    """One run, from the queue to its end.

    Attributes:
        id: its name in addresses.
        number: its name for people: 1 for the first run of this server.
        config: its settings.
        state: where it stands.
        events: what happened, as JSON objects in order; only ever added to, so a reader can ask for what is new.
        stopping: someone has asked for its end.
    """

    id: str
    number: int
    config: TrainConfig
    state: State = "queued"
    events: list[dict[str, object]] = field(default_factory=list)
    stopping: bool = False

    def add(self, event: Event) -> None:
        """Record what happened; the last event decides how the run ended."""
        self.events.append(to_dict(event))
        if isinstance(event, Ended):
            self.state = event.reason

    @property
    def is_over(self) -> bool:
        return self.state not in ("queued", "running")

    @property
    def weights(self) -> str | None:
        """Path of the trained weights, once the run is over and has any."""
        if not self.is_over:
            return None
        path = self.events[-1]["weights"]
        return str(path) if path is not None else None

    @property
    def test_accuracy(self) -> float | None:
        """After the newest epoch, in [0, 1]."""
        accuracies = (event["test_accuracy"] for event in reversed(self.events) if event["event"] == "epoch")
        newest = next(accuracies, None)
        return newest if isinstance(newest, float) else None
