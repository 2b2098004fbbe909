"""Whether the server stays as it is: memory, descriptors, processes and temporary files over many runs and drawings.

    python benchmarks/memory.py [--runs 200] [--predictions 20000]

Runs and drawings go through the same functions as those of visitors: BackgroundTrainer.start with real worker
processes, and the plain routes of a real server. Measured after a tenth of them, when all caches are warm, and at the
end.
"""

import argparse
import asyncio
import gc
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.growing_drawings import make_drawings
from benchmarks.room import Ours
from mnist_demo import load_split, write_idx
from mnist_demo.training.recipes import configure
from mnist_demo.ui.demo import Demo, build_demo

GOAL = 50.0  # MB that the server may grow by
IMAGES = 1_000  # of the training split: the runs are short
NAMES = {True: "train", False: "t10k"}


@dataclass(frozen=True)
class State:
    """What must not grow.

    Attributes:
        megabytes: of memory that the server has for itself.
        descriptors: that it has open.
        children: processes that it has started, also those that are gone and were not waited for.
        temporary: entries of the folder for temporary files.
    """

    megabytes: float
    descriptors: int
    children: int
    temporary: int


def measure(folder: Path) -> State:
    gc.collect()
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    anonymous = int(status.partition("RssAnon:")[2].split()[0])
    descriptors = sum(1 for _ in Path("/proc/self/fd").iterdir())
    children = [task.read_text(encoding="utf-8").split() for task in Path("/proc/self/task").glob("*/children")]
    temporary = sum(1 for _ in folder.rglob("*"))
    return State(anonymous / 1024, descriptors, sum(map(len, children)), temporary)


def main() -> None:
    parser = argparse.ArgumentParser(description="Watch whether the server grows.")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--predictions", type=int, default=20_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tempfile.tempdir = os.environ["TMPDIR"] = str(folder / "temporary")
        Path(tempfile.tempdir).mkdir()
        demo = build_demo(write_small_data(folder / "data"), "cpu", folder / "runs")
        demo.launch(prevent_thread_lock=True, quiet=True)
        temporary = Path(tempfile.tempdir)
        print("| after | memory | descriptors | child processes | temporary files |")
        print("|---|---|---|---|---|")
        states, done = [], 0.0
        for share in (0.1, 0.5, 1.0):
            train(demo, round((share - done) * arguments.runs))
            asyncio.run(predict(demo, round((share - done) * arguments.predictions)))
            done = share
            time.sleep(10)  # until the next spare worker is there, and the last one gone
            states.append(measure(temporary))
            print_row(f"{share:.0%}", states[-1])
        demo.close()
    print(f"\ngrown by {states[-1].megabytes - states[0].megabytes:.1f} MB (goal: less than {GOAL:g} MB)")


def write_small_data(folder: Path) -> Path:
    folder.mkdir()
    for train_split, name in NAMES.items():
        split = load_split(train=train_split)
        write_idx(folder / f"{name}-images-idx3-ubyte", split.images[:IMAGES])
        write_idx(folder / f"{name}-labels-idx1-ubyte", split.labels[:IMAGES])
    return folder


def train(demo: Demo, count: int) -> None:
    """Let so many runs end, ask for what each network does, and draw with it."""
    for _ in range(count):
        run_id = demo.trainer.start(configure("mlp-relu", epochs=1))
        while not demo.trainer.book.run(run_id).is_over:
            time.sleep(0.02)
        asyncio.run(look_at(demo, run_id))


async def look_at(demo: Demo, run_id: str) -> None:
    visitor = Ours(demo.local_url, run_id)
    await visitor.poll()
    for address in ("analysis", "metrics.csv", "weights"):
        await visitor.watching.request("GET", f"/runs/{run_id}/{address}")
    drawing = make_drawings()[0][0][-1].message
    await visitor.drawing.request("POST", f"/read?model=run:{run_id}", drawing)


async def predict(demo: Demo, count: int) -> None:
    visitor = Ours(demo.local_url, "")
    stages = [stage for growing, _ in make_drawings() for stage in growing]
    for number in range(count):
        await visitor.read(stages[number % len(stages)])


def print_row(when: str, state: State) -> None:
    cells = f"{state.megabytes:.1f} MB | {state.descriptors} | {state.children} | {state.temporary}"
    print(f"| {when} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
