"""Detects when a run has exceeded the time limit, or has paused for too long while others wait."""

import time

from mnist_demo.runs.rights import Limits
from mnist_demo.runs.run import Run

MINUTE = 60.0  # s


class Overtime:
    """Tracks the time of a run that has just begun. To be polled, so that changed limits take effect.

    All pauses of the run add up: otherwise a run that resumes for a moment could pause for ever.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._began = self._asked = time.monotonic()
        self._trained_before = run.seconds  # before an interruption
        self._held_up = 0.0  # s paused while others waited

    def reason(self, limits: Limits, others_wait: bool) -> str | None:
        """Return why the run must be stopped, None if it may continue.

        Args:
            limits: the current limits.
            others_wait: whether other runs are queued; assumed to hold since the last call.
        """
        now = time.monotonic()
        if self._run.is_paused and others_wait:
            self._held_up += now - self._asked
        self._asked = now
        if not self._run.is_limited:
            return None
        if self._trained_before + now - self._began >= limits.seconds:
            return f"The run was stopped: the instructor's limit is {limits.seconds:,} s."
        if self._held_up >= limits.pause * MINUTE:
            return f"The run was stopped: it was paused for {limits.pause:,} min while others waited."
        return None
