"""A spare worker with PyTorch and the data loaded, so that a run starts at once."""

from pathlib import Path

from mnist_demo.runs.worker_process import WorkerProcess


class SpareWorker:
    """Keeps one worker warm. Not thread-safe.

    Args:
        data: directory of IDX files; None for the bundled MNIST.

    Attributes:
        worker: the spare worker, if any.
    """

    def __init__(self, data: Path | None) -> None:
        self._data = data
        self.worker: WorkerProcess | None = None

    def warm_up(self) -> None:
        """Start the spare worker, if there is none.

        Raises:
            OSError: no process can be started.
        """
        self.worker = self._living() or WorkerProcess(self._data)

    def take(self) -> WorkerProcess:
        """Return the spare worker, or a new one if there is none.

        Raises:
            OSError: no process can be started.
        """
        worker, self.worker = self._living() or WorkerProcess(self._data), None
        return worker

    def close(self) -> None:
        """Kill the spare worker."""
        if self.worker is not None:
            self.worker.kill()
            self.worker.close()

    def _living(self) -> WorkerProcess | None:
        """Return the spare worker, None if there is none or it has died."""
        if self.worker is not None and not self.worker.is_alive():
            self.worker.close()
            self.worker = None
        return self.worker
