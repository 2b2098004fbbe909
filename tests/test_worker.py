import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from mnist_demo.checkpoints import load_checkpoint
from mnist_demo.events import from_json
from mnist_demo.recipes import configure

PROJECT = Path(__file__).parent.parent


@pytest.fixture
def start_worker(small_mnist):
    """A function that starts `python -m mnist_demo.worker` on a small part of MNIST."""
    started = []

    def start(data=small_mnist):
        command = [sys.executable, "-m", "mnist_demo.worker", "--data", str(data)]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=PROJECT, text=True))
        return started[-1]

    yield start
    for process in started:
        with process:  # closes its pipes and waits for its end
            process.kill()


def settings(tmp_path, **changes):
    config = configure("mlp-relu", **changes)
    return json.dumps({"run": "r7", "config": asdict(config), "weights": str(tmp_path / "w.safetensors")}) + "\n"


def test_a_worker_trains_what_stdin_says_and_prints_nothing_but_events(start_worker, tmp_path):
    worker = start_worker()
    worker.stdin.write(settings(tmp_path, epochs=2))
    worker.stdin.flush()
    events = [from_json(line) for line in worker.stdout]
    assert worker.wait() == 0
    assert events[0].run == "r7"
    assert [event.epoch for event in events if event.event == "epoch"] == [0, 1, 2]
    assert events[-1].reason == "finished"
    checkpoint = load_checkpoint(events[-1].weights)
    assert checkpoint.metadata["test_accuracy"] == f"{events[-1].test_accuracy:.4f}"


def test_a_further_line_stops_the_run_and_keeps_what_was_learned(start_worker, tmp_path):
    worker = start_worker()
    worker.stdin.write(settings(tmp_path, epochs=1000))
    worker.stdin.flush()
    while from_json(worker.stdout.readline()).event != "batch":
        pass
    worker.stdin.write("stop\n")
    worker.stdin.flush()
    events = [from_json(line) for line in worker.stdout]
    assert events[-1].reason == "stopped"
    assert load_checkpoint(events[-1].weights).name == "mlp-relu"


def test_a_worker_does_not_outlive_the_program_that_started_it(start_worker, tmp_path):
    waiting, training = start_worker(), start_worker()
    training.stdin.write(settings(tmp_path, epochs=1000))
    training.stdin.flush()
    training.stdout.readline()
    for worker in (waiting, training):
        worker.stdin.close()
        assert worker.wait(timeout=60) == 0


def test_bad_data_is_told_on_stderr(start_worker, tmp_path):
    worker = start_worker(data=tmp_path)
    assert worker.wait(timeout=60) == 1
    assert "found no training data" in worker.stderr.read()
