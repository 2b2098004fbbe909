"""How PyTorch's threads wait for one another; imported before PyTorch, which reads it once.

By default a thread that waits spins. Where somebody else uses a core too, it then spins in the way of the thread that
it waits for: an epoch took a hundred times as long. So it goes to sleep after some microseconds.
"""

import os

os.environ.setdefault("GOMP_SPINCOUNT", "5000")
