"""Training beside the page: a queue of runs, each in a worker process. The only module that knows processes."""

import contextlib
import json
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from mnist_demo.errors import SettingsError
from mnist_demo.events import Ended, from_json
from mnist_demo.recipes import TrainConfig
from mnist_demo.runs import Run

PROJECT = Path(__file__).parent.parent  # where `python -m mnist_demo.worker` is found
MAX_QUEUED = 20  # runs that may wait
STOP_PATIENCE = 5.0  # s that a worker has to stop by itself
MAX_LINE = 1 << 16  # bytes; an event is far shorter


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
        self._spare: _Worker | None = None
        self._current: tuple[Run, _Worker] | None = None
        self._thread = threading.Thread(target=self._work, name="background-trainer", daemon=True)
        self._thread.start()

    def warm_up(self) -> None:
        """Start the spare worker, if none waits."""
        with self._changed:
            if not self._closed and (self._spare is None or not self._spare.is_alive()):
                if self._spare is not None:
                    self._spare.close()
                self._spare = _Worker(self._data)

    def start(self, config: TrainConfig) -> str:
        """Queue a run and return its id.

        Raises:
            SettingsError: too many runs wait already.
        """
        with self._changed:
            if len(self._queue) >= MAX_QUEUED:
                raise SettingsError(f"{MAX_QUEUED} runs wait already: try again when one has ended")
            run = Run(secrets.token_hex(4), len(self._runs) + 1, config)
            self._runs[run.id] = run
            self._queue.append(run)
            self._changed.notify_all()
            if self._current is not None:
                self.warm_up()  # to have a worker ready when the turn of this run comes
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
                worker, self._spare = self._spare, None
                if worker is None or not worker.is_alive():
                    worker = _Worker(self._data)
                self._current = run, worker
                run.state = "running"
                if self._queue:
                    self.warm_up()
            self._follow(run, worker)
            with self._changed:
                self._current = None
            self.warm_up()

    def _follow(self, run: Run, worker: "_Worker") -> None:
        """Record what a worker reports until it is gone."""
        weights = Path(self._folder.name) / f"{run.id}.safetensors"
        try:
            worker.send({"run": run.id, "config": asdict(run.config), "weights": str(weights)})
            if run.stopping:
                worker.stop()
            for line in worker.lines():
                run.add(from_json(line))
        except ValueError as error:
            worker.kill()
            run.add(_failed(f"The training process reported nonsense and was ended: {error}"))
        finally:
            why = worker.close()
        if not run.is_over:
            run.add(Ended("stopped", "The run was stopped.", None, None, None) if run.stopping else _failed(why))


def _failed(message: str) -> Ended:
    return Ended("failed", message, None, None, None)


class _Worker:
    """A process of `mnist_demo.worker`."""

    def __init__(self, data: Path | None) -> None:
        command = [sys.executable, "-m", "mnist_demo.worker", *(["--data", str(data.absolute())] if data else [])]
        # stderr goes to a file: nobody has to read it for the worker to go on.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, cwd=PROJECT
        )
        self._killer: threading.Timer | None = None

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, settings: object) -> None:
        """Tell the worker what to train."""
        self._write(json.dumps(settings))

    def stop(self) -> None:
        """Ask the worker to end its run, and kill it if it does not."""
        self._write("stop")
        if self._killer is None:
            self._killer = threading.Timer(STOP_PATIENCE, self.kill)
            self._killer.daemon = True
            self._killer.start()

    def kill(self) -> None:
        self._process.kill()

    def lines(self) -> Iterator[str]:
        """Yield the lines that the worker prints, until it closes its output."""
        output = self._process.stdout
        while output is not None and (line := output.readline(MAX_LINE)):
            yield line.decode()

    def close(self) -> str:
        """Wait for the worker to be gone, close its pipes, and return why it ended."""
        try:
            code = self._process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self._process.wait()
        if self._killer is not None:
            self._killer.cancel()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        with self._errors as file:
            file.seek(0)
            errors = file.read().decode(errors="replace").strip().splitlines()
        if code < 0:
            name = signal.Signals(-code).name
            return f"The training process was killed ({name}), perhaps because memory ran out."
        return f"The training process ended with status {code}: {errors[-1] if errors else 'it gave no reason'}"

    def _write(self, line: str) -> None:
        stdin = self._process.stdin
        if stdin is not None:
            with contextlib.suppress(BrokenPipeError, ValueError):  # a worker that is gone is noticed by its silence
                stdin.write(line.encode() + b"\n")
                stdin.flush()
