"""When a run that trains has taken, or has held up others, for longer than the limits allow."""

import time

from mnist_demo.runs.rights import Limits
from mnist_demo.runs.run import Run

MINUTE = 60.0  # s


class Overtime:
    """Watches a run from now on, when it begins. Asked again and again, it notices limits that are set meanwhile.

    All pauses of the run count together: otherwise one that goes on for a moment could pause for ever.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._began = self._asked = time.monotonic()
        self._trained_before = run.seconds  # and was cut
        self._held_up = 0.0  # s that it has paused while others waited

    def reason(self, limits: Limits, others_wait: bool) -> str | None:
        """Return why the run must end, if it must.

        Args:
            limits: as they are now.
            others_wait: they do now, and are taken to have done so since this was asked before.
        """
        now = time.monotonic()
        if self._run.is_paused and others_wait:
            self._held_up += now - self._asked
        self._asked = now
        if not self._run.is_limited:
            return None
        if self._trained_before + now - self._began >= limits.seconds:
            return f"The run was stopped: the instructor allows {limits.seconds:,} s."
        if self._held_up >= limits.pause * MINUTE:
            return f"The run was stopped: it had paused for {limits.pause:,} min while others waited."
        return None
