"""Fixtures that more than one test file uses."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "2"  # before torch is loaded, here and in every worker

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_demo import Split, load_split, write_idx
from mnist_demo.runs.trainer import BackgroundTrainer

TRAIN_NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
TEST_NAMES = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock in place of `time.monotonic`: its one entry, in seconds, which the test moves on."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


@pytest.fixture
def open_book(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A function that opens the same book again, as the next server does; the one before is closed."""
    from mnist_demo.runs.book import RunBook  # which loads PyTorch

    opened: list[Any] = []

    def open_(folder: Path = tmp_path / "runs") -> RunBook:
        close()
        opened.append(RunBook(folder))
        return opened[-1]

    def close() -> None:
        for book in opened:
            book.store.close()

    yield open_
    close()


@pytest.fixture
def tiny_split() -> Split:
    """20 pictures of noise, no two alike, labelled 0 to 9 twice over."""
    images = np.random.default_rng(0).integers(256, size=(20, 28, 28), dtype=np.uint8)
    return Split(images, np.arange(20, dtype=np.uint8) % 10)


@pytest.fixture
def write_dataset() -> Callable[..., Path]:
    """The function `write_dataset(folder, images, labels, names=TRAIN_NAMES) -> folder`.

    It makes the folder and writes one split there; a name that ends in `.gz` gets a compressed file.
    Nothing is checked, so that tests can write data sets that are wrong.
    """

    def write(folder: Path, images: NDArray[Any], labels: NDArray[Any], names: tuple[str, str] = TRAIN_NAMES) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in zip(names, (images, labels), strict=True):
            write_idx(folder / name, array)
        return folder

    return write


@pytest.fixture(scope="session")
def small_mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the first 2,000 training and 500 test samples of MNIST."""
    folder = tmp_path_factory.mktemp("small_mnist")
    for train, names, size in ((True, TRAIN_NAMES, 2000), (False, TEST_NAMES, 500)):
        split = load_split(train=train)
        write_idx(folder / names[0], split.images[:size])
        write_idx(folder / names[1], split.labels[:size])
    return folder


@pytest.fixture
def trainer_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., BackgroundTrainer]]:
    """The function `trainer_of(script, **options)`: a trainer whose workers run a shell script in place of Python."""
    made: list[BackgroundTrainer] = []

    def make(script: str, **options: Any) -> BackgroundTrainer:
        program = tmp_path / "worker.sh"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr("mnist_demo.runs.worker_process.sys.executable", str(program))
        made.append(BackgroundTrainer(**options))
        return made[-1]

    yield make
    for trainer in made:
        trainer.close()


@pytest.fixture(scope="session")
def demo() -> Iterator[Any]:
    """The whole demo, running on real MNIST; `demo.local_url` is its address."""
    from mnist_demo.ui.demo import build_demo  # takes seconds, for which most tests need not wait

    demo = build_demo()
    demo.launch(prevent_thread_lock=True, quiet=True)
    yield demo
    demo.close()
