"""A worker process and what can be said to it."""

import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parent.parent  # where `python -m mnist_demo.worker` is found
PATIENCE = 5.0  # s that a worker has to stop by itself
MAX_LINE = 1 << 16  # bytes; an event is far shorter


class WorkerProcess:
    """A process of `mnist_demo.worker`: it loads what a run needs, and waits for settings.

    Args:
        data: directory of IDX files; None for the MNIST that comes along.

    Raises:
        OSError: no process can be started.
    """

    def __init__(self, data: Path | None) -> None:
        command = [sys.executable, "-m", "mnist_demo.worker", *(["--data", str(data.absolute())] if data else [])]
        # stderr goes to a file: nobody has to read it for the worker to go on.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._errors, cwd=PROJECT)
        except OSError:
            self._errors.close()
            raise
        self._killer: threading.Timer | None = None

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def send(self, settings: object) -> None:
        """Tell the worker what to train, and then what to do with that run; see mnist_demo.worker."""
        stdin = self._process.stdin
        if stdin is not None:
            with contextlib.suppress(BrokenPipeError, ValueError):  # a worker that is gone is noticed by its silence
                stdin.write(json.dumps(settings).encode() + b"\n")
                stdin.flush()

    def stop(self) -> None:
        """Ask the worker to end its run, and kill it if it does not."""
        self.send({"stop": True})
        if self._killer is None:
            self._killer = threading.Timer(PATIENCE, self.kill)
            self._killer.daemon = True
            self._killer.start()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def lines(self) -> Iterator[str]:
        """Yield the lines that the worker prints, until it closes its output."""
        output = self._process.stdout
        while output is not None and (line := output.readline(MAX_LINE)):
            yield line.decode()

    def close(self) -> str:
        """Wait for the worker to be gone, close its pipes, and return why it ended."""
        try:
            code = self._process.wait(PATIENCE)
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
