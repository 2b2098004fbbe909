"""Manages a `mnist_demo.reading.decoder` process, and restarts it whenever a file takes it down."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np

from mnist_demo.errors import BusyError, ImageError, ImageFormatError, ImageTooLargeError
from mnist_demo.reading.pictures import MAX_WORKING_SIDE, Grey, PictureFile

PROJECT = Path(__file__).parent.parent.parent  # where `python -m mnist_demo.reading.decoder` is found
SECONDS = 6.0  # for one file; the process exits by itself after 5, but not if it is suspended
START_SECONDS = 60.0  # enough even on a busy machine
MAX_LINE = 1 << 16  # bytes
ENDED = {-getattr(signal, name, 0) for name in ("SIGALRM", "SIGKILL")}  # statuses after exceeding a limit
# Fewer threads take less memory, and freed memory is returned to the system before the next file.
LEAN = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "1000000",
}
SECRETS = "MNIST_DEMO_"  # prefix of environment variables that are not passed to the decoder
ERRORS = {kind.__name__: kind for kind in (ImageError, ImageFormatError, ImageTooLargeError)}


class DecoderProcess:
    """Opens picture files, one at a time. Not thread-safe: only `give_up` may be called from another thread.

    Args:
        memory: bytes by which the process may grow.
    """

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()  # so that no process is started during shutdown
        self._is_closed = False

    @property
    def pid(self) -> int | None:
        """The id of the process, None if there is none."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process if it is not running.

        Raises:
            BusyError: it does not start, or `give_up` was called.
        """
        if self._process is not None and self._process.poll() is None:
            return
        self._end()
        command = [sys.executable, "-m", "mnist_demo.reading.decoder", str(self._memory)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}
        environment |= LEAN
        with self._lock:
            if self._is_closed:
                raise BusyError("the server is shutting down")
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,  # libraries log every damaged file there
                    cwd=PROJECT,
                    env=environment,
                )
            except OSError as error:
                raise BusyError("the process that opens pictures cannot be started") from error
        if self._ask(b"", START_SECONDS) is None:
            self._end()
            raise BusyError("the process that opens pictures did not start")

    def open(self, content: bytes, max_pixels: int) -> PictureFile:
        """Open a picture file as `open_picture` does.

        Raises:
            ImageError, ImageFormatError, ImageTooLargeError: as `open_picture`; or the file crashed the decoder, or
                exceeded its limits.
            BusyError: the decoder cannot be started.
        """
        self.start()
        job = json.dumps({"size": len(content), "max_pixels": max_pixels}).encode() + b"\n"
        answer = self._ask(job + content, SECONDS)
        if answer is None:
            code = self._end()
            if self._is_closed:
                raise BusyError("the server is shutting down")
            if code in ENDED:
                raise ImageTooLargeError("the picture: too large: opening it takes too much time or memory")
            raise ImageError("the picture: cannot be read: the file is damaged")
        header, grey = answer
        if "error" in header:
            raise ERRORS[header["error"]](header["message"])
        return PictureFile(grey, header["scale"])

    def give_up(self) -> None:
        """Kill the process, even while it is opening a file, and do not start another."""
        with self._lock:
            self._is_closed = True
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """Kill the process and wait for it to exit; no file may be open by then."""
        self.give_up()
        self._end()

    def _ask(self, message: bytes, seconds: float) -> tuple[dict[str, Any], Grey] | None:
        """Return the process's answer and the picture that follows; None if it exited or was killed on timeout."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return None
        killer = threading.Timer(seconds, process.kill)
        killer.daemon = True
        killer.start()
        try:
            process.stdin.write(message)
            process.stdin.flush()
            header = json.loads(process.stdout.readline(MAX_LINE))
            height, width = (min(side, MAX_WORKING_SIDE) for side in header.get("shape", (0, 0)))
            pixels = process.stdout.read(height * width)
            return header, np.frombuffer(pixels, np.uint8).reshape(height, width)
        except (OSError, ValueError):  # a broken pipe, or a truncated or missing answer
            return None
        finally:
            killer.cancel()

    def _end(self) -> int:
        """Kill and reap the process, and return its exit status."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        return process.wait()
