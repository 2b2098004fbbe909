"""Training beside the page: a queue of runs, each in a worker process."""

import contextlib
import secrets
import tempfile
import threading
import time
from collections import deque
from dataclasses import asdict
from pathlib import Path

from mnist_demo.devices import choose_device
from mnist_demo.errors import SettingsError
from mnist_demo.events import Ended, from_json
from mnist_demo.recipes import TrainConfig
from mnist_demo.runs import Run
from mnist_demo.worker_process import WorkerProcess

MAX_QUEUED = 20  # runs that may wait
SPARE_DELAY = 5.0  # s that a run has the processor for itself before the next spare worker is started


class BackgroundTrainer:
    """Runs one training at a time, in the order of starting, each in its own worker process.

    A spare worker waits with PyTorch and the data loaded, so that a run starts at once. A worker that dies ends
    its own run and nothing else. All methods may be called from any thread.

    Args:
        data: directory of IDX files; None for the MNIST that comes along.
    """

    def __init__(self, data: Path | None = None) -> None:
        self._data = data
        self._folder = tempfile.TemporaryDirectory(prefix="mnist_demo-runs-")
        self._runs: dict[str, Run] = {}
        self._queue: deque[Run] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._spare: WorkerProcess | None = None
        self._current: tuple[Run, WorkerProcess] | None = None
        self._thread = threading.Thread(target=self._work, name="background-trainer", daemon=True)
        self._thread.start()

    def warm_up(self) -> None:
        """Start the spare worker, if none waits."""
        with self._changed:
            if not self._closed and (self._spare is None or not self._spare.is_alive()):
                if self._spare is not None:
                    self._spare.close()
                self._spare = WorkerProcess(self._data)

    def start(self, config: TrainConfig) -> str:
        """Queue a run and return its id.

        Raises:
            SettingsError: the device is not there, or too many runs wait already.
        """
        choose_device(config.device)
        with self._changed:
            if len(self._queue) >= MAX_QUEUED:
                raise SettingsError(f"{MAX_QUEUED} runs wait already: try again when one has ended")
            run = Run(secrets.token_hex(4), len(self._runs) + 1, config)
            self._runs[run.id] = run
            self._queue.append(run)
            self._changed.notify_all()
            if self._current is not None:
                self._try_warm_up()  # to have a worker ready when the turn of this run comes
        return run.id

    def stop(self, run_id: str) -> None:
        """End a run: a queued one at once, the running one within a fraction of a second.

        Raises:
            SettingsError: there is no such run.
        """
        run = self.run(run_id)
        with self._changed:
            if run in self._queue:
                self._queue.remove(run)
                run.add(Ended("stopped", "The run was stopped before it began.", None, None, None))
            elif not run.is_over:
                run.stopping = True
                if self._current is not None:
                    self._current[1].stop()

    def run(self, run_id: str) -> Run:
        """Return a run by its id.

        Raises:
            SettingsError: there is no such run.
        """
        try:
            return self._runs[run_id]
        except KeyError:
            raise SettingsError(f"there is no run {run_id!r}") from None

    def runs(self) -> list[Run]:
        """Return all runs, the oldest first."""
        return list(self._runs.values())

    def place(self, run_id: str) -> int | None:
        """Return how many runs come first before a queued run begins, or None for one that does not wait."""
        with self._changed:
            for before, run in enumerate(self._queue):
                if run.id == run_id:
                    return before + (self._current is not None)
        return None

    def close(self) -> None:
        """End all workers and forget the runs' weights; closing again does nothing."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._queue.clear()
            for worker in (self._spare, self._current[1] if self._current else None):
                if worker is not None:
                    worker.kill()
            self._changed.notify_all()
        self._thread.join()
        if self._spare is not None:
            self._spare.close()
        self._folder.cleanup()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._closed)
                if self._closed:
                    return
                run = self._queue.popleft()
                run.state = "running"
            try:
                self._follow(run, self._take_worker(run))
            except OSError as error:  # no process can be started, for lack of memory or descriptors
                run.add(_failed(f"The training process could not be started: {error}"))
            finally:
                with self._changed:
                    self._current = None
            self._try_warm_up()

    def _take_worker(self, run: Run) -> WorkerProcess:
        with self._changed:
            worker, self._spare = self._spare, None
            if worker is None or not worker.is_alive():
                worker = WorkerProcess(self._data)
            self._current = run, worker
            if self._queue:
                self._try_warm_up()
            return worker

    def _try_warm_up(self) -> None:
        with contextlib.suppress(OSError):  # without a spare, a run only starts later
            self.warm_up()

    def _follow(self, run: Run, worker: WorkerProcess) -> None:
        """Record what a worker reports until it has ended its run or is gone."""
        weights = Path(self._folder.name) / f"{run.id}.safetensors"
        began = time.monotonic()
        try:
            worker.send({"run": run.id, "config": asdict(run.config), "weights": str(weights)})
            if run.stopping:
                worker.stop()
            for line in worker.lines():
                run.add(from_json(line))
                if run.is_over:
                    break
                if time.monotonic() - began > SPARE_DELAY:
                    self._try_warm_up()
        except ValueError as error:
            worker.kill()
            run.add(_failed(f"The training process reported nonsense and was ended: {error}"))
        finally:
            why = worker.close()
        if not run.is_over:
            run.add(Ended("stopped", "The run was stopped.", None, None, None) if run.stopping else _failed(why))


def _failed(message: str) -> Ended:
    return Ended("failed", message, None, None, None)
