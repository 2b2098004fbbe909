"""Keeping to one core what the server computes for a visitor: others are served beside it, and a run trains."""

import threading

import torch

_thread = threading.local()


def keep_to_one_core() -> None:
    """Let PyTorch compute on one core in this thread; OpenMP counts for each thread by itself."""
    if not getattr(_thread, "is_kept", False):
        torch.set_num_threads(1)
        _thread.is_kept = True
