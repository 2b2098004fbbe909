"""Waiting for what happens in another thread or process."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor


def wait_for(condition, seconds=120, interval=0.01):
    """Return as soon as `condition()` holds, which is asked every `interval` seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(interval)


def pause(trainer, run):
    """Let a run pause, and return when nothing has happened to it for three seconds."""
    trainer.go(run.id, "here")
    before = None
    while before != (before := run.events):
        time.sleep(3)


def finish(coroutine):
    """Return the result of a coroutine; in a thread, because the browser's driver has a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
