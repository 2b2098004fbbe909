"""Time from the start of the process until the first page is answered: our app, and a bare Gradio app.

    python benchmarks/startup.py [--repeats 3]

The bare app imports gradio and torch and shows one text field. They are started in turn, each on a free port.
"""

import argparse
import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parent.parent
COMMANDS = {
    "ours": ("app.py", "--port"),
    "bare": ("benchmarks/comparison_apps.py", "bare"),
}  # a free port follows
GOAL = 1.5  # ours / bare, at most
PATIENCE = 60.0  # s
PAUSE = 0.02  # s between two tries


def main() -> None:
    parser = argparse.ArgumentParser(description="Time how long the app and a bare Gradio app take to start.")
    parser.add_argument("--repeats", type=int, default=3, help="starts of each; the table shows medians")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the app is ended then, too
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(arguments.repeats):
        for name, command in COMMANDS.items():
            began = time.perf_counter()
            with serving(command):
                seconds[name].append(time.perf_counter() - began)
    print("| app | median | all |")
    print("|---|---|---|")
    for name, values in seconds.items():
        print(f"| {name} | {statistics.median(values):.2f} s | {', '.join(f'{value:.2f}' for value in values)} |")
    ratio = statistics.median(seconds["ours"]) / statistics.median(seconds["bare"])
    print(f"\nours / bare: {ratio:.2f} (goal: at most {GOAL:g})")


@contextlib.contextmanager
def serving(command: tuple[str, ...]) -> Iterator[str]:
    """Start a program as `running` does, and yield its address."""
    with running(command) as (url, _):
        yield url


@contextlib.contextmanager
def running(command: tuple[str, ...], **environment: str) -> Iterator[tuple[str, int]]:
    """Start a Python program that serves a page, yield its address and process id, end it with all its children.

    Args:
        command: the script, as seen from the project's folder, and its arguments; a free port is appended.
        environment: variables for it, beside those of this process.

    Raises:
        RuntimeError: it ended, or it did not answer within a minute.
    """
    port = find_free_port()
    script, *arguments = command
    with tempfile.TemporaryDirectory() as folder:  # for the runs: those of whoever measures stay as they are
        process = subprocess.Popen(
            [sys.executable, str(PROJECT / script), *arguments, str(port)],
            cwd=folder,
            env={**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", **environment},
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # a process group of its own, for a clean end
        )
        try:
            url = f"http://127.0.0.1:{port}/"
            wait_for_page(url, process)
            yield url, process.pid
        finally:
            end(process)


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_page(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return as soon as `url` is answered with 200."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with status {process.returncode}")
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),  # not there yet
            urllib.request.urlopen(url, timeout=PATIENCE) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(PAUSE)
    raise RuntimeError(f"{process.args!r} did not answer within {PATIENCE:g} s")


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, then make sure that nothing is left of its group."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


if __name__ == "__main__":
    main()
