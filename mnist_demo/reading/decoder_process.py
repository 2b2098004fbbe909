"""A process of `mnist_demo.reading.decoder`, started again whenever a file was too much for it."""

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
SECONDS = 6.0  # for one file; the process ends itself after 5, but not if somebody has stopped it
START_SECONDS = 60.0  # on a machine that is busy with other things, too
MAX_LINE = 1 << 16  # bytes
ENDED = {-getattr(signal, name, 0) for name in ("SIGALRM", "SIGKILL")}  # statuses of a process that was ended
# Threads take memory, and what one file took is given back before the next one comes.
LEAN = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "1000000",
}
SECRETS = "MNIST_DEMO_"  # how variables begin that a decoder need not know
ERRORS = {kind.__name__: kind for kind in (ImageError, ImageFormatError, ImageTooLargeError)}


class DecoderProcess:
    """Opens picture files, one at a time: it is for one thread, only `give_up` may be called from another.

    Args:
        memory: bytes that the process may grow by.
    """

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()  # so that none is started while this closes
        self._is_closed = False

    @property
    def pid(self) -> int | None:
        """Of the process, None if there is none."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process, if it does not run.

        Raises:
            BusyError: it does not start, or this is closed.
        """
        if self._process is not None and self._process.poll() is None:
            return
        self._end()
        command = [sys.executable, "-m", "mnist_demo.reading.decoder", str(self._memory)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}
        environment |= LEAN
        with self._lock:
            if self._is_closed:
                raise BusyError("the server is closing")
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,  # libraries write there about every damaged file
                    cwd=PROJECT,
                    env=environment,
                )
            except OSError as error:
                raise BusyError("no process can be started to open pictures") from error
        if self._ask(b"", START_SECONDS) is None:
            self._end()
            raise BusyError("the process that opens pictures does not start")

    def open(self, content: bytes, max_pixels: int) -> PictureFile:
        """Open a picture file as `open_picture` does.

        Raises:
            ImageError, ImageFormatError, ImageTooLargeError: as `open_picture`; or it crashed the decoder, or took
                more than some seconds.
            BusyError: there is no decoder.
        """
        self.start()
        job = json.dumps({"size": len(content), "max_pixels": max_pixels}).encode() + b"\n"
        answer = self._ask(job + content, SECONDS)
        if answer is None:
            code = self._end()
            if self._is_closed:
                raise BusyError("the server is closing")
            if code in ENDED:
                raise ImageTooLargeError("the picture: too large: opening it takes too much time or memory")
            raise ImageError("the picture: cannot be read: the file is damaged")
        header, grey = answer
        if "error" in header:
            raise ERRORS[header["error"]](header["message"])
        return PictureFile(grey, header["scale"])

    def give_up(self) -> None:
        """End the process, also while a file is opened, and start no other."""
        with self._lock:
            self._is_closed = True
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """End the process and wait for its end, once nobody opens a file any more."""
        self.give_up()
        self._end()

    def _ask(self, message: bytes, seconds: float) -> tuple[dict[str, Any], Grey] | None:
        """Return what the process answers, and the picture that follows; None if it ended, or was ended in time."""
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
        except (OSError, ValueError):  # a broken pipe, half an answer, or none
            return None
        finally:
            killer.cancel()

    def _end(self) -> int:
        """Leave nothing of the process, and return its status."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        return process.wait()
