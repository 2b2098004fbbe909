"""How many cores PyTorch computes on; how its threads wait for one another stands in openmp.py."""

import contextlib
from collections.abc import Iterator

import torch

# Cores that PyTorch takes by itself. Read before anybody changes it: torch.set_num_threads() in one thread also decides
# for all threads that compute for the first time afterwards.
CORES = torch.get_num_threads()


@contextlib.contextmanager
def computing_on(cores: int) -> Iterator[None]:
    """Let PyTorch compute on so many cores in this thread, then on as many as before; 0 changes nothing."""
    before = torch.get_num_threads()
    torch.set_num_threads(cores or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def keep_to_one_core() -> None:
    """Let PyTorch compute on one core in this thread: others are served beside it, and a run trains."""
    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)
