"""All runs of a server: their records in memory, their events and files on disk, and the queue."""

import contextlib
import json
import logging
import threading
import time
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PureWindowsPath
from typing import Any

from mnist_demo.errors import NotFoundError, RunsError, StateError
from mnist_demo.files import without_folders
from mnist_demo.runs.run import Run
from mnist_demo.runs.run_list import RunList
from mnist_demo.runs.store import RunStore
from mnist_demo.training.config import TrainConfig
from mnist_demo.training.events import Ended, Event

log = logging.getLogger(__name__)

CUT = "The server was shut down during the run."
MAX_KEPT = 2_000  # runs: a class of thirty that starts sixty each; at 0.2 to 5 MB each, that fits on any disk
MAX_WITH_EPOCHS = 100  # of them, the newest ones, that keep the weights of their epochs: 5 GB at most
FORGOTTEN = 2  # runs evicted for each new one, so that an overlong history shrinks without a long pause
BREATH = 0.002  # s between removals in bulk, so that other requests are served
UNDO_SECONDS = 10.0  # in which a removal can be undone


@dataclass(frozen=True)
class _SetAside:
    """A removed run that can still be restored, its place in the queue if it was queued, and the removal timer."""

    run: Run
    place: int | None
    timer: threading.Timer


class RunBook(RunList):
    """Keeps the record of every run. All methods are thread-safe.

    Args:
        folder: where runs are stored.

    Raises:
        RunsError: the folder cannot be used.

    Attributes:
        store: the runs' events and files.
        queue: queued runs, the next one first.
        changed: lock for reading and writing the book; notified when the queue grows.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(threading.Condition())
        self.store = RunStore(folder)
        self.queue: list[Run] = []
        self._taken: Run | None = None  # the one most recently taken off the queue
        # By the ids of runs that are stopping: whether the limits apply, and the address of the request.
        self._to_resume: dict[str, tuple[bool, str | None]] = {}
        self._set_aside: dict[str, _SetAside] = {}  # by the runs' ids
        for run in self.store.load():
            self._put(run)
        self._open()
        self.store.sweep_up()

    def close(self) -> None:
        """Finish pending removals, and release the folder."""
        for run_id in list(self._set_aside):
            self._remove_for_good(run_id)
        self.store.close()

    def _open(self) -> None:
        """Restore the queue after a restart, and fail the run that was training."""
        places = {run_id: place for place, run_id in enumerate(self.store.waiting())}
        for run in self.runs():
            if run.state == "running" and run.id in places:
                run.state = "queued"  # to resume from its latest epoch
            if run.state == "queued":
                self.queue.append(run)
            elif run.state == "running":
                self.fail(run, CUT)
        self.queue.sort(key=lambda run: places.get(run.id, -1))  # a run without a place had just begun

    def events(self, run: Run) -> list[dict[str, Any]]:
        """Return all events of a run so far, as JSON objects."""
        return [json.loads(event) for event in self.store.events(run.id)]

    def live(self) -> list[Run]:
        """Return the running and queued runs."""
        with self.changed:
            training = [] if self._taken is None or self._taken.is_over else [self._taken]
            return training + self.queue

    def place(self, run: Run) -> int | None:
        """Return how many runs are ahead of a queued run, or None for one that is not queued."""
        with self.changed:
            if run.state != "queued" or run not in self.queue:
                return None
            return self.queue.index(run) + (self._taken is not None and not self._taken.is_over)

    def add(
        self,
        config: TrainConfig,
        name: str,
        nickname: str,
        token: str | None,
        is_limited: bool,
        address: str | None = None,
    ) -> Run:
        """Add a new run and queue it; if there are too many, the oldest completed ones are evicted."""
        with self.changed:
            self._make_room()
            number = self.store.last_number() + 1
            run = Run(self.store.new_id(), number, config, name, nickname, token)
            run.is_limited, run.address = is_limited, address
            self.store.add(run, place=len(self.queue))
            self._enqueue(run)
            return run

    def _make_room(self) -> None:
        over = [run for run in self.runs() if run.is_over]
        if len(over) > MAX_WITH_EPOCHS:
            self.store.epochs(over[-MAX_WITH_EPOCHS - 1].id).remove()
        if len(self) >= MAX_KEPT:
            for run in islice((run for run in self.runs() if run.is_over), FORGOTTEN):
                self.remove(run)

    def record(self, run: Run, event: Event) -> None:
        """Record an event of a run, without local paths, because visitors can read it."""
        if isinstance(event, Ended):
            message = without_folders(event.message, self.store.folder)
            weights = PureWindowsPath(event.weights).name if event.weights else None  # understands both / and \\
            event = replace(event, message=message, weights=weights)
        with self.changed:
            self.store.append(run, event)
            self._touch(run)
            if run.is_over and run.id in self._to_resume:
                is_limited, address = self._to_resume.pop(run.id)
                if self.can_resume(run):
                    self.resume(run, is_limited, address)

    def fail(self, run: Run, message: str) -> None:
        """Mark a run as failed, unless it is over; if that cannot be stored, only in memory."""
        ended = Ended("failed", without_folders(message, self.store.folder), None, None, None)
        with self.changed:
            if run.is_over:
                return
            try:
                self.record(run, ended)
            except Exception as error:  # whatever it is, the run has ended
                log.warning("the end of run %d cannot be stored: %s", run.number, error)
                run.observe(ended)
                self._touch(run)

    def take_next(self) -> Run:
        """Take the first run off the queue, which must not be empty, and mark it as running."""
        with self.changed:
            run = self.queue.pop(0)
            run.state = "running"
            self._taken = run
            self._touch(run)
            self._note_queue(begun=run)
            return run

    def pause(self, run: Run, is_paused: bool) -> None:
        """Note that a run is paused or resumed."""
        with self.changed:
            run.is_paused = is_paused
            self._touch(run)

    def withdraw(self, run: Run) -> None:
        """Stop a queued run; one that has never begun is removed, as there is nothing to keep."""
        with self.changed:
            if run.epoch is None:
                self.remove(run)
                return
            # It was interrupted and queued to resume; the weights from before are kept.
            weights = self.store.weights(run.id)
            kept = weights.name if weights.exists() else None
            self.record(run, Ended("stopped", "The run was stopped before it resumed.", kept, None, None))
            self.queue.remove(run)
            self._note_queue(begun=run)

    def move(self, run: Run, place: int) -> None:
        """Move a queued run to another place, 0 being the next to begin.

        Raises:
            StateError: it is not queued.
        """
        with self.changed:
            if run not in self.queue:
                raise StateError(f"run {run.number} is not queued")
            self.queue.remove(run)
            self.queue.insert(place, run)
            self._note_queue()

    def remove(self, run: Run) -> None:
        """Remove a run that is not running, permanently.

        Raises:
            NotFoundError: somebody else has removed it.
            StateError: it is running.
        """
        with self.changed:
            self._require_idle(run)
            self.store.remove(run)
            if run in self.queue:
                self.queue.remove(run)
                run.state, run.message = "stopped", "The run was removed before it began."  # if still referenced
            self._drop(run)
            self._note_queue()

    def set_aside(self, run: Run) -> None:
        """Remove a run that is not running, on the instructor's request; it can be restored for UNDO_SECONDS.

        Raises:
            NotFoundError: somebody else has removed it.
            StateError: it is running.
        """
        with self.changed:
            self._require_idle(run)
            place = self.queue.index(run) if run in self.queue else None
            if place is not None:
                self.queue.remove(run)
            timer = threading.Timer(UNDO_SECONDS, self._remove_for_good, [run.id])
            timer.daemon = True
            self._set_aside[run.id] = _SetAside(run, place, timer)
            self._drop(run, by_instructor=True)
            self._note_queue()
            timer.start()

    def restore(self, run_id: object) -> Run:
        """Undo `set_aside`; a queued run returns to its place in the queue.

        Raises:
            NotFoundError: there is no such run, or it is too late.
        """
        with self.changed:
            aside = self._set_aside.pop(run_id, None) if isinstance(run_id, str) else None
            if aside is None:
                raise NotFoundError(f"there is no run {run_id!r:.50} to restore: {UNDO_SECONDS:.0f} s have passed")
            aside.timer.cancel()
            self._put_back(aside.run)
            if aside.place is not None:
                self.queue.insert(aside.place, aside.run)
                self._note_queue()
                self.changed.notify_all()
            return aside.run

    def _require_idle(self, run: Run) -> None:
        self.run(run.id)
        if run.state == "running":
            raise StateError(f"run {run.number} is running: stop it first")

    def _remove_for_good(self, run_id: str) -> None:
        with self.changed:
            aside = self._set_aside.pop(run_id, None)
            if aside is None:  # it has just been restored
                return
            aside.timer.cancel()
            try:
                self.store.remove(aside.run)
            except RunsError as error:  # it will be back when the server restarts
                log.warning("run %d cannot be removed from the history: %s", aside.run.number, error)

    def clear(self) -> int:
        """Remove all completed runs permanently, and return how many; other requests are served meanwhile."""
        over = [run for run in self.runs() if run.is_over]
        for run in over:
            with self.changed:
                if self.find(run.id) is run:  # it was not resumed in the meantime
                    self.remove(run)
            time.sleep(BREATH)
        return len(over)

    def can_resume(self, run: Run) -> bool:
        """Return whether a run was interrupted after an epoch, and can resume from there."""
        return run.state in ("stopped", "failed") and self.store.has_state(run.id)

    def resume(self, run: Run, is_limited: bool = True, address: str | None = None) -> None:
        """Queue an interrupted run again, to resume after its latest epoch; one that is stopping, once it has stopped.

        Args:
            run: which one.
            is_limited: the request does not come from the instructor.
            address: where the request comes from.

        Raises:
            StateError: it cannot be resumed.
        """
        with self.changed:
            if run.state == "running" and run.stopping and self.store.has_state(run.id):
                self._to_resume[run.id] = is_limited, address
                return
            if not self.can_resume(run):
                raise StateError(f"run {run.number} has nothing to resume from")
            self.store.rewind(run)
            again = Run(run.id, run.number, run.config, run.name, run.nickname, run.token, run.created, is_limited)
            again.address = address
            self.store.replay(again)
            again.state, again.resumed = "queued", self.version
            self._enqueue(again)

    def _enqueue(self, run: Run) -> None:
        self._put(run)
        self.queue.append(run)
        self._note_queue()
        self.changed.notify_all()

    def _note_queue(self, begun: Run | None = None) -> None:
        """Store the order and the rights of the queued runs, and mark them as changed."""
        with contextlib.suppress(RunsError):  # even on a full disk, runs can train
            self.store.note_queue(self.queue, begun)
        self._touch(*self.queue)

    def _touch(self, *runs: Run) -> None:
        for run in runs:
            run.resumable = self.can_resume(run)
        super()._touch(*runs)
