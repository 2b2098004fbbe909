"""Waiting for what happens in another thread or process."""

import time


def wait_for(condition, seconds=120):
    """Return as soon as `condition()` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
