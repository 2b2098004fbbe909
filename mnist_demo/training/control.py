"""Thread-safe pause, stop and step control of a training run; requests take effect between batches."""

import threading
from typing import Literal

Goal = Literal["end", "epoch", "batch", "here"]  # how far a run goes before it pauses
GOALS: tuple[Goal, ...] = ("end", "epoch", "batch", "here")


class Stopped(Exception):
    """The run was asked to stop."""


class Control:
    """Thread-safe pause, stop and step control of one run. By default it runs to the end.

    Attributes:
        is_stopped: the run was asked to end as soon as possible.
    """

    def __init__(self) -> None:
        self.is_stopped = False
        self._goal: Goal = "end"
        self._learning_rate: float | None = None
        self._changed = threading.Condition()

    def stop(self) -> None:
        """Stop the run, even if it is paused."""
        with self._changed:
            self.is_stopped = True
            self._changed.notify_all()

    def go(self, goal: Goal) -> None:
        """Resume the run, to pause after one batch or one epoch, immediately ("here"), or not at all ("end")."""
        with self._changed:
            self._goal = goal
            self._changed.notify_all()

    def set_learning_rate(self, rate: float) -> None:
        """Change the learning rate from the next report on; a schedule is scaled in proportion."""
        self._learning_rate = rate

    def check(self) -> None:
        """Check that the run was not stopped.

        Raises:
            Stopped: it was.
        """
        if self.is_stopped:
            raise Stopped

    def pauses_after(self, what: Literal["epoch", "batch"]) -> bool:
        """Return whether the run must pause after the batch or epoch that has just finished."""
        with self._changed:
            if self._goal == what:
                self._goal = "here"
            return self._goal == "here"

    def wait(self) -> None:
        """Block while the run is paused.

        Raises:
            Stopped: the run was stopped.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._goal != "here" or self.is_stopped)
        self.check()

    def take_learning_rate(self) -> float | None:
        """Return the learning rate requested since the last call, if any."""
        rate, self._learning_rate = self._learning_rate, None
        return rate
