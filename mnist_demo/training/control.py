"""What a training run is told while it goes on: from any thread, obeyed between two batches."""

import threading
from typing import Literal

Goal = Literal["end", "epoch", "batch", "here"]  # how far a run goes before it pauses
GOALS: tuple[Goal, ...] = ("end", "epoch", "batch", "here")


class Stopped(Exception):
    """The run was asked to stop."""


class Control:
    """The reins of one run. Unless told otherwise it goes to its end.

    Attributes:
        is_stopped: the run is to end as soon as it can.
    """

    def __init__(self) -> None:
        self.is_stopped = False
        self._goal: Goal = "end"
        self._learning_rate: float | None = None
        self._changed = threading.Condition()

    def stop(self) -> None:
        """End the run, also one that pauses."""
        with self._changed:
            self.is_stopped = True
            self._changed.notify_all()

    def go(self, goal: Goal) -> None:
        """Let the run go on, and pause after one batch or one epoch, at once ("here"), or not before its end."""
        with self._changed:
            self._goal = goal
            self._changed.notify_all()

    def set_learning_rate(self, rate: float) -> None:
        """Train with another learning rate from the next report on; a schedule goes on in proportion."""
        self._learning_rate = rate

    def check(self) -> None:
        """Return if the run may go on.

        Raises:
            Stopped: it may not.
        """
        if self.is_stopped:
            raise Stopped

    def pauses_after(self, what: Literal["epoch", "batch"]) -> bool:
        """Return whether the run has to pause, now that a batch or an epoch is done."""
        with self._changed:
            if self._goal == what:
                self._goal = "here"
            return self._goal == "here"

    def wait(self) -> None:
        """Return when the run may go on.

        Raises:
            Stopped: it may not.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._goal != "here" or self.is_stopped)
        self.check()

    def take_learning_rate(self) -> float | None:
        """Return the learning rate that was asked for since the last call, if any."""
        rate, self._learning_rate = self._learning_rate, None
        return rate
