"""Starts, controls and monitors a worker process.

A worker may stop, hang or die at any moment, and its pipes may be full: nothing here waits for it without a timeout. As
a heartbeat it sends a line at least every second, empty if there is nothing to report.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent  # where `python -m mnist_demo.runs.worker` is found
START_PATIENCE = 120.0  # s to load PyTorch and the data: 3 on a laptop, 60 from a slow cold disk
ANSWER_PATIENCE = 5.0  # s for a loaded worker to acknowledge its settings, which takes milliseconds
SILENCE_PATIENCE = 30.0  # s without a line from a worker that should send one every second
PATIENCE = 5.0  # s for a worker to stop by itself
TICK = 0.2  # s between checks of the timeout
MAX_LINE = 1 << 16  # bytes; an event is far shorter
MAX_ERRORS = 1 << 14  # bytes to keep from the end of stderr


class WorkerProcess:
    """A process of `mnist_demo.runs.worker`: it loads what a run needs, and waits for settings.

    Args:
        data: directory of IDX files; None for the bundled MNIST.

    Raises:
        OSError: no process can be started.

    Attributes:
        errors: what it has written to stderr, available after `close`.
    """

    def __init__(self, data: Path | None) -> None:
        command = [sys.executable, "-m", "mnist_demo.runs.worker", *(["--data", str(data.absolute())] if data else [])]
        # stderr goes to a file, so that the worker cannot block on a full pipe.
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._stderr, cwd=PROJECT)
        except OSError:
            self._stderr.close()
            raise
        if hasattr(os, "set_blocking"):  # not on Windows before Python 3.12
            os.set_blocking(self._process.stdin.fileno(), False)  # type: ignore[union-attr]
        self.errors = ""
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._seconds_left = START_PATIENCE
        self._is_stopping = self._is_too_late = False
        self._closed = threading.Event()
        self._answer = b""
        self._why = ""

    def is_alive(self) -> bool:
        """Whether the process is still running."""
        return self._process.poll() is None

    def begin(self, settings: object) -> None:
        """Send the worker its settings, see worker.py. From now on it is killed if it is silent for too long."""
        self.send(settings)
        self._allow(max(ANSWER_PATIENCE, self._started + START_PATIENCE - time.monotonic()))
        threading.Thread(target=self._watch, name="worker-watch", daemon=True).start()

    def answers(self) -> bool:
        """Wait until the worker has acknowledged its settings; False if it exited without doing so."""
        self._answer = self._read_line()
        return bool(self._answer)

    def send(self, order: object) -> None:
        """Send the worker an order for its run."""
        line = json.dumps(order).encode() + b"\n"
        with contextlib.suppress(BrokenPipeError, ValueError):  # a dead worker is detected by its silence
            try:
                with self._lock:  # close() releases the descriptor
                    os.write(self._process.stdin.fileno(), line)  # type: ignore[union-attr]
            except BlockingIOError:  # the pipe is full because it has stopped reading
                self.kill()

    def stop(self) -> None:
        """Ask the worker to stop its run, and kill it if it does not."""
        self.send({"stop": True})
        self._allow(PATIENCE, is_stopping=True)

    def kill(self) -> None:
        """Kill the process at once."""
        self._process.kill()

    def lines(self) -> Iterator[str]:
        """Yield the worker's lines, except for heartbeats, until it exits."""
        line = self._answer or self._read_line()
        while line:
            if line.strip():
                yield line.decode()
            line = self._read_line()

    def close(self) -> str:
        """Wait for the worker to exit, close its pipes, and return why it ended. May be called again."""
        if self._closed.is_set():
            return self._why
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self._process.wait()
        self._closed.set()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with self._lock, contextlib.suppress(BrokenPipeError):
                    pipe.close()
        with self._stderr as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - MAX_ERRORS))
            self.errors = file.read().decode(errors="replace").strip()
        self._why = self._explain(code)
        return self._why

    def _explain(self, code: int) -> str:
        if self._is_too_late and not self._is_stopping:
            return "The training process stopped responding and was killed."
        if code < 0:
            return f"The training process was killed ({_name_signal(-code)}), perhaps because memory ran out."
        *_, reason = self.errors.splitlines() or ["it gave no reason"]
        return f"The training process ended with status {code}: {reason}"

    def _read_line(self) -> bytes:
        line: bytes = self._process.stdout.readline(MAX_LINE)  # type: ignore[union-attr]
        self._allow(SILENCE_PATIENCE)
        is_whole = line.endswith(b"\n") or len(line) == MAX_LINE
        return line if is_whole else b""  # it was killed while writing

    def _allow(self, seconds: float, is_stopping: bool = False) -> None:
        """Set the timeout from now on; further output does not extend the timeout of a stop."""
        with self._lock:
            if not self._is_stopping:
                self._seconds_left, self._is_stopping = seconds, is_stopping

    def _watch(self) -> None:
        """Kill the worker on timeout; ticks are counted, so that time in which this program is suspended is not."""
        while not self._closed.wait(TICK):
            with self._lock:
                self._seconds_left -= TICK
                self._is_too_late = self._seconds_left <= 0
            if self._is_too_late:
                self.kill()
                return


def _name_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # real-time signals have no names
        return f"signal {number}"
