"""Training beside the page: a queue of runs, each in a worker process."""

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

SPARE_DELAY = 30.0  # s that a run has the processor for itself: loading PyTorch beside it takes as much as an epoch
WATCH_INTERVAL = 1.0  # s between two looks whether the run that trains has come to a limit


class BackgroundTrainer:
    """Runs one training at a time, in the order of the queue, each in its own worker process.

    A spare worker waits with PyTorch and the data loaded, so that a run starts at once. A worker that dies ends
    its own run and nothing else. A run leaves one core to the server, unless its settings say how many it takes: where
    both want the same core, all threads of the run wait. All methods may be called from any thread.

    Args:
        data: directory of IDX files; None for the MNIST that comes along.
        folder: where runs are kept; None forgets them at the end.
        rights: who may start what; None lets everybody start what they like.

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

    def warm_up(self) -> None:
        """Start the spare worker, if none waits."""
        with self._changed:
            if not self._closed:
                self._spare.warm_up()

    def start(self, config: TrainConfig, name: str = "", nickname: str = "", visitor: Visitor | None = None) -> str:
        """Queue a run and return its id.

        Args:
            config: its settings.
            name: what to call it.
            nickname: who starts it.
            visitor: whose run it is; without a token it is everybody's.

        Raises:
            SettingsError: the device is not there.
            RightsError: the visitor may not start such a one.
            LimitError: too many runs wait already, or the visitor starts too many.
        """
        visitor = visitor or Visitor()
        choose_device(config.device)
        config = replace(config, cores=config.cores or self._cores)
        with self._changed:
            self.rights.require_start(config, visitor, self.book.queue)
            is_limited = not self.rights.is_instructor(visitor)
            run = self.book.add(config, name, nickname, visitor.token, is_limited, visitor.network)
            if self._current is not None:
                self._try_warm_up()  # to have a worker ready when the turn of this run comes
        return run.id

    def stop(self, run_id: str, why: str = STOPPED) -> None:
        """End a run: the running one within a fraction of a second, a queued one at once.

        One that has not begun leaves nothing behind: it is removed.

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
        """Let the running run pause ("here"), go on to its "end", or go on and pause after one "batch" or "epoch".

        Raises:
            StateError: the run does not train.
        """
        with self._changed:
            run, worker = self._require_running(run_id)
            worker.send({"go": goal})
            self.book.pause(run, goal != "end")

    def set_learning_rate(self, run_id: str, rate: object) -> None:
        """Change the learning rate of the running run.

        Raises:
            StateError: the run does not train.
            SettingsError: the rate is out of its range.
        """
        checked = check_learning_rate(rate)
        with self._changed:
            self._require_running(run_id)[1].send({"learning_rate": checked})

    def set_limits(self, limits: Limits) -> None:
        """Let visitors do less, or more, from now on; also with the run that trains."""
        with self._changed:
            self.book.store.set("limits", limits.to_json())
            self.rights.limits = limits
            self.book.note_room()

    def close(self) -> None:
        """End all workers; closing again does nothing."""
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
                log.warning("the limits for visitors cannot be read, and are not in force: %s", error)

    def _require_running(self, run_id: str) -> tuple[Run, WorkerProcess]:
        run = self.book.run(run_id)
        if self._current is None or self._current[0] is not run or run.is_over:
            raise StateError(f"run {run.number} does not train")
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
            except OSError as error:  # no process can be started, for lack of memory or descriptors
                self.book.fail(run, f"The training process could not be started: {error}")
            except RunsError as error:  # the disk is full
                self.book.fail(run, str(error))
            except Exception as error:  # whatever goes wrong with one run, the next one has its turn
                log.exception("run %d was ended by an error of the server", run.number)
                self.book.fail(run, f"An error of the server ended the run: {error!r:.200}")
            finally:
                with self._changed:
                    self._current = None

    def _hand_over(self, run: Run) -> WorkerProcess:
        with self._changed:
            worker = self._spare.take()
            # Before anybody can steer the run: the first line that a worker reads are its settings.
            settings = {"run": run.id, "config": asdict(run.config), "folder": str(self.book.store.folder)}
            worker.begin({**settings, "resume_after": run.epoch})
            if run.is_paused:  # meanwhile, with a worker that did not answer
                worker.send({"go": "here"})
            self._current = run, worker
            if self._closed:
                worker.kill()
            elif self.book.queue:
                self._try_warm_up()
            return worker

    def _try_warm_up(self) -> None:
        with contextlib.suppress(OSError):  # without a spare, a run only starts later
            self.warm_up()

    def _follow(self, run: Run, worker: WorkerProcess) -> None:
        """Record what a worker reports until it has ended its run or is gone."""
        threading.Thread(target=self._watch, args=[run, Overtime(run)], daemon=True).start()
        began = time.monotonic()
        try:
            if run.stopping:
                worker.stop()
            if not worker.answers() and not (run.stopping or self._closed):  # it does so before it looks at the run
                worker.kill()
                log.warning("a worker is replaced that did not begin: %s", worker.close())
                worker = self._hand_over(run)
            for line in worker.lines():
                event = from_json(line)
                if isinstance(event, Ended) and event.reason == "stopped" and run.stopping:
                    event = replace(event, message=event.message.replace(STOPPED, run.stopping))
                self.book.record(run, event)
                if run.is_over:
                    worker.kill()  # it has said all, and would unload PyTorch for seconds while others wait
                    break
                if time.monotonic() - began > SPARE_DELAY:
                    self._try_warm_up()
        except ValueError as error:
            worker.kill()
            self.book.fail(run, f"The training process reported nonsense and was ended: {error}")
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
        """Stop a run when it has come to a limit."""
        with self._changed:
            while not (run.is_over or run.stopping or self._closed):
                if why := overtime.reason(self.rights.limits, others_wait=bool(self.book.queue)):
                    self.stop(run.id, why)
                self._changed.wait(WATCH_INTERVAL)
