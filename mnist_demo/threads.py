"""How many cores PyTorch computes on; for how its threads wait for one another see openmp.py."""

import contextlib
import os
import sys
import threading
from collections.abc import Iterator

import torch

# PyTorch's default number of cores. Read before anything changes it: torch.set_num_threads() in one thread also sets
# the default for all threads that compute for the first time afterwards.
CORES = torch.get_num_threads()

LOWEST = 19  # priority on Linux


@contextlib.contextmanager
def computing_on(cores: int) -> Iterator[None]:
    """Let PyTorch compute on `cores` cores in this thread, and restore the previous number afterwards; 0 keeps it."""
    before = torch.get_num_threads()
    torch.set_num_threads(cores or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def keep_to_one_core() -> None:
    """Limit PyTorch to one core in this thread, so that it competes less with other requests and with training."""
    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)


def keep_in_background() -> None:
    """Limit PyTorch to one core in this thread, and let all other threads have that one, too, when they need it."""
    keep_to_one_core()
    # On Linux each thread has a priority of its own; elsewhere the number may be that of another process.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST)
