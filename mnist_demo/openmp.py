"""OpenMP settings for PyTorch's threads; must be imported before PyTorch, which reads them once.

By default a waiting thread spins. If another process shares the cores, it then competes with the very thread that it
waits for: an epoch took a hundred times as long. So waiting threads go to sleep after some microseconds.
"""

import os

os.environ.setdefault("GOMP_SPINCOUNT", "5000")
