"""A worker that waits with PyTorch and the data loaded, so that a run starts at once."""

from pathlib import Path

from mnist_demo.runs.worker_process import WorkerProcess


class SpareWorker:
    """Keeps one worker warm. Its methods are not called by two threads at a time.

    Args:
        data: directory of IDX files; None for the MNIST that comes along.

    Attributes:
        worker: the one that waits, if any.
    """

    def __init__(self, data: Path | None) -> None:
        self._data = data
        self.worker: WorkerProcess | None = None

    def warm_up(self) -> None:
        """Start a worker, if none waits.

        Raises:
            OSError: no process can be started.
        """
        self.worker = self._living() or WorkerProcess(self._data)

    def take(self) -> WorkerProcess:
        """Return the worker that waits, or a new one if there is none.

        Raises:
            OSError: no process can be started.
        """
        worker, self.worker = self._living() or WorkerProcess(self._data), None
        return worker

    def close(self) -> None:
        """End the worker that waits."""
        if self.worker is not None:
            self.worker.kill()
            self.worker.close()

    def _living(self) -> WorkerProcess | None:
        """Return the worker that waits, unless there is none or something has killed it."""
        if self.worker is not None and not self.worker.is_alive():
            self.worker.close()
            self.worker = None
        return self.worker
