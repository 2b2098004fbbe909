"""Background training: a queue of runs, each in a worker process."""

import contextlib
import json
import logging
import tempfile
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path

from mnist_demo.errors import MnistDemoError, RunsError, StateError
from mnist_demo.networks.devices import choose_device
from mnist_demo.runs.book import CUT, RunBook
from mnist_demo.runs.overtime import Overtime
from mnist_demo.runs.rights import Limits, Rights, Visitor
from mnist_demo.runs.run import Run
from mnist_demo.runs.spare_worker import SpareWorker
from mnist_demo.runs.worker_process import WorkerProcess
from mnist_demo.threads import CORES
from mnist_demo.training.config import MAX_CORES, TrainConfig, check_learning_rate
from mnist_demo.training.control import Goal
from mnist_demo.training.events import STOPPED, Ended, from_json

log = logging.getLogger(__name__)

SPARE_DELAY = 30.0  # s before a spare worker is started beside a run: loading PyTorch costs as much as an epoch
WATCH_INTERVAL = 1.0  # s between checks of the running run against the limits


class BackgroundTrainer:
    """Trains one run at a time, in the order of the queue, each in its own worker process.

    A spare worker has PyTorch and the data loaded, so that a run starts at once. A worker that dies fails only its own
    run. A run leaves one core to the server, unless its settings say how many to use: if both compete for a core, all
    threads of the run wait. All methods are thread-safe.

    Args:
        data: directory of IDX files; None for the bundled MNIST.
        folder: where runs are stored; None discards them at exit.
        rights: who may start what; None for the default limits and no instructor.

    Raises:
        RunsError: the folder cannot be used.

    Attributes:
        book: the record of every run.
        rights: who may start what.
    """

    def __init__(self, data: Path | None = None, folder: Path | None = None, rights: Rights | None = None) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="mnist_demo-runs-") if folder is None else None
        self.book = RunBook(Path(self._temporary.name) if self._temporary else folder or Path())
        self.rights = rights or Rights()
        self._restore_limits()
        self._changed = self.book.changed
        self._cores = min(MAX_CORES, max(1, CORES - 1))
        self._closed = False
        self._spare = SpareWorker(data)
        self._current: tuple[Run, WorkerProcess] | None = None
        self._thread = threading.Thread(target=self._work, name="background-trainer", daemon=True)
        self._thread.start()

    @property
    def is_working(self) -> bool:
        """Whether runs are taken off the queue."""
        return self._thread.is_alive() and not self._closed

    def warm_up(self) -> None:
        """Start the spare worker, if there is none."""
        with self._changed:
            if not self._closed:
                self._spare.warm_up()

    def start(self, config: TrainConfig, name: str = "", nickname: str = "", visitor: Visitor | None = None) -> str:
        """Queue a run and return its id.

        Args:
            config: its settings.
            name: its name.
            nickname: of its owner.
            visitor: its owner; without a token the run belongs to everyone.

        Raises:
            SettingsError: the device is not available.
            RightsError: the instructor does not allow these settings.
            LimitError: too many runs are queued, or the visitor has started too many.
        """
        visitor = visitor or Visitor()
        choose_device(config.device)
        config = replace(config, cores=config.cores or self._cores)
        with self._changed:
            self.rights.require_start(config, visitor, self.book.queue)
            is_limited = not self.rights.is_instructor(visitor)
            run = self.book.add(config, name, nickname, visitor.token, is_limited, visitor.network)
            if self._current is not None:
                self._try_warm_up()  # to have a worker ready for this run
        return run.id

    def stop(self, run_id: str, why: str = STOPPED) -> None:
        """Stop a run: the running one within a fraction of a second, a queued one at once.

        A run that has not begun is removed.

        Raises:
            NotFoundError: there is no such run.
        """
        with self._changed:
            run = self.book.run(run_id)
            if run in self.book.queue:
                self.book.withdraw(run)
            elif run.state == "running":
                run.stopping = run.stopping or why
                if self._current is not None:
                    self._current[1].stop()

    def go(self, run_id: str, goal: Goal) -> None:
        """Pause the running run ("here"), resume it ("end"), or step by one "batch" or "epoch".

        Raises:
            StateError: the run is not running.
        """
        with self._changed:
            run, worker = self._require_running(run_id)
            worker.send({"go": goal})
            self.book.pause(run, goal != "end")

    def set_learning_rate(self, run_id: str, rate: object) -> None:
        """Change the learning rate of the running run.

        Raises:
            StateError: the run is not running.
            SettingsError: the rate is out of range.
        """
        checked = check_learning_rate(rate)
        with self._changed:
            self._require_running(run_id)[1].send({"learning_rate": checked})

    def set_limits(self, limits: Limits) -> None:
        """Change the limits for visitors; they apply to the running run as well."""
        with self._changed:
            self.book.store.set("limits", limits.to_json())
            self.rights.limits = limits
            self.book.note_room()

    def close(self) -> None:
        """Kill all workers; closing again does nothing."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            if self._current is not None:
                self._current[1].kill()
            self._changed.notify_all()
        self._thread.join()
        self._spare.close()
        self.book.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def _restore_limits(self) -> None:
        if stored := self.book.store.setting("limits"):
            try:
                self.rights.limits = Limits.from_dict(json.loads(stored))
            except (ValueError, RecursionError, MnistDemoError) as error:
                log.warning("the limits for visitors cannot be read, using the defaults: %s", error)

    def _require_running(self, run_id: str) -> tuple[Run, WorkerProcess]:
        run = self.book.run(run_id)
        if self._current is None or self._current[0] is not run or run.is_over:
            raise StateError(f"run {run.number} is not running")
        return self._current

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self.book.queue or self._closed)
                if self._closed:
                    return
                run = self.book.take_next()
            try:
                self._follow(run, self._hand_over(run))
                self._try_warm_up()
            except OSError as error:  # out of memory or file descriptors
                self.book.fail(run, f"The training process could not be started: {error}")
            except RunsError as error:  # the disk is full
                self.book.fail(run, str(error))
            except Exception as error:  # whatever goes wrong with one run, the next one must start
                log.exception("run %d failed with a server error", run.number)
                self.book.fail(run, f"The run failed with a server error: {error!r:.200}")
            finally:
                with self._changed:
                    self._current = None

    def _hand_over(self, run: Run) -> WorkerProcess:
        with self._changed:
            worker = self._spare.take()
            # Before anybody can control the run: the first line that a worker reads is its settings.
            settings = {"run": run.id, "config": asdict(run.config), "folder": str(self.book.store.folder)}
            worker.begin({**settings, "resume_after": run.epoch})
            if run.is_paused:  # it was paused while a previous worker did not respond
                worker.send({"go": "here"})
            self._current = run, worker
            if self._closed:
                worker.kill()
            elif self.book.queue:
                self._try_warm_up()
            return worker

    def _try_warm_up(self) -> None:
        with contextlib.suppress(OSError):  # without a spare worker, a run only starts later
            self.warm_up()

    def _follow(self, run: Run, worker: WorkerProcess) -> None:
        """Record a worker's events until its run has ended or it has exited."""
        threading.Thread(target=self._watch, args=[run, Overtime(run)], daemon=True).start()
        began = time.monotonic()
        try:
            if run.stopping:
                worker.stop()
            if not worker.answers() and not (run.stopping or self._closed):  # it does so before it starts the run
                worker.kill()
                log.warning("replacing a worker that did not respond: %s", worker.close())
                worker = self._hand_over(run)
            for line in worker.lines():
                event = from_json(line)
                if isinstance(event, Ended) and event.reason == "stopped" and run.stopping:
                    event = replace(event, message=event.message.replace(STOPPED, run.stopping))
                self.book.record(run, event)
                if run.is_over:
                    worker.kill()  # it is done, and unloading PyTorch would take seconds while others wait
                    break
                if time.monotonic() - began > SPARE_DELAY:
                    self._try_warm_up()
        except ValueError as error:
            worker.kill()
            self.book.fail(run, f"The training process sent invalid output and was killed: {error}")
        finally:
            why = worker.close()
        if worker.errors and not self._closed:
            log.warning("run %d: the training process wrote: %s", run.number, worker.errors)
        if not run.is_over:
            if run.stopping:
                self.book.record(run, Ended("stopped", run.stopping, None, None, None))
            else:
                self.book.fail(run, CUT if self._closed else why)
        self.book.store.clear_away(run)

    def _watch(self, run: Run, overtime: Overtime) -> None:
        """Stop a run when it exceeds a limit."""
        with self._changed:
            while not (run.is_over or run.stopping or self._closed):
                if why := overtime.reason(self.rights.limits, others_wait=bool(self.book.queue)):
                    self.stop(run.id, why)
                self._changed.wait(WATCH_INTERVAL)
