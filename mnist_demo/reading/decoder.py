"""Opens picture files in a separate process, because they are untrusted.

    python -m mnist_demo.reading.decoder MEMORY

It writes a line when it is ready. Each job on stdin is a line of JSON, {"size", "max_pixels"}, followed by a file of
`size` bytes; each answer on stdout is a line of JSON, {"shape", "scale"}, followed by the grey levels, or {"error",
"message"}. It exits when stdin is closed. A file that crashes the decoder, or exceeds MEMORY bytes or SECONDS, takes
down only this process.
"""

import json
import os
import signal
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

from mnist_demo.errors import ImageError
from mnist_demo.reading.pictures import open_picture

SECONDS = 5  # for one file; a file within the limits takes about one at most
NICENESS = 5  # lower priority than the server, higher than a training run


def main() -> None:
    """Open one picture after another."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # keep library output out of the answers
    if hasattr(os, "nice"):  # not on Windows
        os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is meant for the server, which then closes stdin
    _warm_up()
    _limit_memory(int(sys.argv[1]))
    answers.write(b"{}\n")
    answers.flush()
    while line := sys.stdin.buffer.readline():
        job = json.loads(line)
        content = sys.stdin.buffer.read(job["size"])
        _limit_time(SECONDS)
        header, pixels = _open(content, job["max_pixels"])
        _limit_time(0)
        answers.write(json.dumps(header).encode() + b"\n" + pixels)
        answers.flush()


def _open(content: bytes, max_pixels: int) -> tuple[dict[str, object], bytes]:
    try:
        picture = open_picture(content, max_pixels)
    except ImageError as error:
        return {"error": type(error).__name__, "message": str(error)}, b""
    return {"shape": picture.grey.shape, "scale": picture.scale}, picture.grey.tobytes()


def _warm_up() -> None:
    """Trigger all lazy loading before the memory limit is set."""
    Image.init()
    for kind in ("PNG", "JPEG"):
        content = BytesIO()
        Image.new("RGB", (8, 8)).save(content, kind)
        open_picture(content.getvalue())
    if "AVIF" in Image.OPEN:
        from PIL import AvifImagePlugin

        AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # the other cores are the server's


def _limit_time(seconds: int) -> None:
    """Have the system kill this process after `seconds`, even if the server is gone; 0 for no limit."""
    if hasattr(signal, "alarm"):  # not on Windows
        signal.alarm(seconds)


def _limit_memory(growth: int) -> None:
    """Limit this process to `growth` more bytes than now; only on Linux, elsewhere the size limits have to do."""
    try:
        import resource

        status = Path("/proc/self/status").read_text(encoding="ascii")
    except (ImportError, OSError):  # not Linux
        return
    now = 1024 * int(status.partition("VmData:")[2].split()[0])
    resource.setrlimit(resource.RLIMIT_DATA, (now + growth, now + growth))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
