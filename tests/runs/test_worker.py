import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from mnist_demo.data.datasets import load_split
from mnist_demo.networks.checkpoints import load_checkpoint
from mnist_demo.runs.worker import run
from mnist_demo.training.control import Control
from mnist_demo.training.events import EpochEnded, from_json
from mnist_demo.training.recipes import configure

PROJECT = Path(__file__).parent.parent.parent


@pytest.fixture
def start_worker(small_mnist):
    """A function that starts `python -m mnist_demo.runs.worker` on a small part of MNIST."""
    started = []

    def start(data=small_mnist):
        command = [sys.executable, "-m", "mnist_demo.runs.worker", "--data", str(data)]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=PROJECT, text=True))
        return started[-1]

    yield start
    for process in started:
        with process:  # closes its pipes and waits for its end
            process.kill()


def settings(folder, resume_after=None, **changes):
    config = configure("mlp-relu", **changes)
    return {"run": "r7", "config": asdict(config), "folder": str(folder), "resume_after": resume_after}


def tell(worker, *orders):
    for order in orders:
        worker.stdin.write(json.dumps(order) + "\n")
    worker.stdin.flush()


def events_of(worker):
    """Yield the events as they come; empty lines only say that the worker lives."""
    return (from_json(line) for line in worker.stdout if line != "\n")


def wait_for_event(worker, kind):
    return next(event for event in events_of(worker) if event.event == kind)


def test_a_worker_trains_what_stdin_says_and_prints_nothing_but_events(start_worker, tmp_path):
    worker = start_worker()
    tell(worker, settings(tmp_path, epochs=2))
    events = list(events_of(worker))
    assert worker.wait() == 0
    assert events[0].run == "r7"
    assert [event.epoch for event in events if event.event == "epoch"] == [0, 1, 2]
    assert events[-1].reason == "finished"
    assert events[-1].weights == "r7.safetensors"
    checkpoint = load_checkpoint(tmp_path / "r7.safetensors")
    assert checkpoint.metadata["test_accuracy"] == f"{events[-1].test_accuracy:.4f}"
    accuracies = [f"{event.test_accuracy:.4f}" for event in events if event.event == "epoch"]
    kept = [load_checkpoint(tmp_path / "r7.epochs" / f"{epoch}.safetensors") for epoch in range(3)]
    assert [epoch.metadata["test_accuracy"] for epoch in kept] == accuracies


@pytest.mark.parametrize("line", ['{"stop": true}', "stop", '{"go": "away"}'])
def test_a_further_line_that_is_no_other_order_stops_the_run_and_keeps_what_was_learned(start_worker, tmp_path, line):
    worker = start_worker()
    tell(worker, settings(tmp_path, epochs=1000))
    wait_for_event(worker, "batch")
    worker.stdin.write(f"{line}\n")
    worker.stdin.flush()
    events = list(events_of(worker))
    assert events[-1].reason == "stopped"
    assert load_checkpoint(tmp_path / events[-1].weights).name == "mlp-relu"


def test_further_lines_steer_the_run(start_worker, tmp_path):
    worker = start_worker()
    tell(worker, settings(tmp_path, epochs=1000), {"go": "here"}, {"learning_rate": 0.5})
    wait_for_event(worker, "epoch")
    for kind in ("learning_rate", "batch"):  # perhaps it was still on its way to the first batch
        tell(worker, {"go": "batch"})
        event = wait_for_event(worker, kind)
    for _ in range(3):
        tell(worker, {"go": "batch"})
        event, before = next(events_of(worker)), event
        assert (event.event, event.examples_seen - before.examples_seen) == ("batch", 64)
    tell(worker, {"go": "end"})
    assert wait_for_event(worker, "epoch").epoch == 1  # without a further order


def test_a_worker_does_not_outlive_the_program_that_started_it(start_worker, tmp_path):
    waiting, training = start_worker(), start_worker()
    tell(training, settings(tmp_path, epochs=1000), {"go": "here"})
    training.stdout.readline()
    for worker in (waiting, training):
        worker.stdin.close()
        assert worker.wait(timeout=300) == 0


def test_a_worker_shows_that_it_lives_also_while_its_run_pauses(start_worker, tmp_path):
    worker = start_worker()
    tell(worker, settings(tmp_path, epochs=1000), {"go": "here"})
    assert worker.stdout.readline() == "\n"  # before it looks at the run
    wait_for_event(worker, "epoch")
    assert [worker.stdout.readline() for _ in range(3)] == ["\n"] * 3


def test_bad_data_is_told_on_stderr(start_worker, tmp_path):
    worker = start_worker(data=tmp_path)
    assert worker.wait(timeout=300) == 1
    assert "found no training data" in worker.stderr.read()


@pytest.fixture(scope="module")
def splits(small_mnist):
    return load_split(small_mnist, train=True), load_split(small_mnist, train=False)


@pytest.fixture(scope="module")
def whole(splits, tmp_path_factory):
    """The events of a run of three epochs that was never cut."""
    return list(run(settings(tmp_path_factory.mktemp("whole"), epochs=3), *splits, Control()))


def losses(events):
    return {event.epoch: event.test_loss for event in events if isinstance(event, EpochEnded)}


class TestFiles:
    """What a run leaves in its folder, and goes on from."""

    def cut(self, splits, folder, epoch, **changes):
        """Let a run go on until an epoch has ended, and then no further."""
        for event in run(settings(folder, **changes), *splits, Control()):
            if isinstance(event, EpochEnded) and event.epoch == epoch:
                return

    def test_while_it_trains_its_newest_weights_are_there(self, splits, tmp_path):
        self.cut(splits, tmp_path, epoch=0, epochs=3)
        first = load_checkpoint(tmp_path / "r7.live.safetensors", "mlp-relu").metadata["test_accuracy"]
        self.cut(splits, tmp_path, epoch=2, epochs=3)
        assert load_checkpoint(tmp_path / "r7.live.safetensors").metadata["test_accuracy"] > first

    @pytest.mark.parametrize(
        ("cut_after", "known"),
        [
            (1, 1),
            (2, 2),
            (2, 1),  # the state was written, and nobody heard of the epoch any more
            (1, 0),
            (3, 1),  # nor of the one before it
            (3, 3),  # it was cut while it was measured for the last time
        ],
    )
    def test_a_run_goes_on_from_the_newest_epoch_that_is_known(self, splits, whole, tmp_path, cut_after, known):
        self.cut(splits, tmp_path, cut_after, epochs=3)
        rest = list(run(settings(tmp_path, resume_after=known, epochs=3), *splits, Control()))
        assert "started" not in [event.event for event in rest]
        assert losses(rest) == {epoch: loss for epoch, loss in losses(whole).items() if epoch > known}
        assert (rest[-1].reason, rest[-1].test_accuracy) == ("finished", whole[-1].test_accuracy)
        metadata = load_checkpoint(tmp_path / "r7.safetensors").metadata
        assert metadata["test_accuracy"] == f"{whole[-1].test_accuracy:.4f}"

    def test_a_run_whose_newest_state_was_lost_tells_nothing_twice(self, splits, whole, tmp_path):
        self.cut(splits, tmp_path, 1, epochs=3)
        rest = list(run(settings(tmp_path, resume_after=2, epochs=3), *splits, Control()))
        assert losses(rest) == {3: losses(whole)[3]}
        assert {event.epoch for event in rest if event.event == "batch"} == {3}
        assert rest[-1].test_accuracy == whole[-1].test_accuracy

    @pytest.mark.parametrize("content", [None, b"", b"nonsense", b"half of it"])
    def test_a_run_whose_state_is_missing_or_damaged_does_not_begin_anew(self, splits, tmp_path, content):
        self.cut(splits, tmp_path, 1, epochs=3)
        state = tmp_path / "r7.state"
        whole = state.read_bytes()
        state.unlink()
        if content is not None:
            state.write_bytes(whole[: len(whole) // 2] if content == b"half of it" else content)
        (ended,) = run(settings(tmp_path, resume_after=1, epochs=3), *splits, Control())
        assert (ended.event, ended.reason, ended.weights) == ("ended", "failed", None)
        assert ended.message == "Cannot resume: the saved state of this run is missing or damaged."

    def test_it_keeps_the_weights_that_it_had(self, splits, tmp_path):
        (tmp_path / "r7.safetensors").write_bytes(b"")
        (ended,) = run(settings(tmp_path, resume_after=1, epochs=3), *splits, Control())
        assert ended.weights == "r7.safetensors"

    def test_a_folder_that_is_gone_does_not_end_the_training(self, splits, tmp_path, capsys):
        events = list(run(settings(tmp_path / "gone", epochs=2), *splits, Control()))
        assert [event.epoch for event in events if event.event == "epoch"] == [0, 1, 2]
        ended = events[-1]
        assert (ended.reason, ended.weights) == ("finished", None)
        expected = "The run has finished. Its weights could not be saved: r7.safetensors: cannot be written: "
        assert ended.message.startswith(expected)
        assert capsys.readouterr().err.count("The run continues, but cannot be followed or resumed: ") == 1

    def test_a_run_that_is_cut_again_still_tells_of_all_its_epochs(self, splits, whole, tmp_path):
        self.cut(splits, tmp_path, 2, epochs=3)
        self.cut(splits, tmp_path, 3, epochs=3, resume_after=0)
        rest = list(run(settings(tmp_path, resume_after=0, epochs=3), *splits, Control()))
        assert losses(rest) == {epoch: loss for epoch, loss in losses(whole).items() if epoch}
