import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from mnist_demo.background import MAX_QUEUED, BackgroundTrainer
from mnist_demo.checkpoints import load_checkpoint
from mnist_demo.errors import SettingsError
from mnist_demo.events import Ended, to_json
from mnist_demo.recipes import configure

QUICK = configure("mlp-relu", epochs=1)
LONG = configure("mlp-relu", epochs=1000)


@pytest.fixture(scope="module")
def trainer(small_mnist):
    trainer = BackgroundTrainer(small_mnist)
    trainer.warm_up()
    yield trainer
    trainer.close()


@pytest.fixture
def trainer_of(monkeypatch, tmp_path):
    """A function that makes a trainer whose workers run a shell script in place of Python."""
    made = []

    def make(script):
        program = tmp_path / "worker.sh"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr("mnist_demo.worker_process.sys.executable", str(program))
        made.append(BackgroundTrainer())
        return made[-1]

    yield make
    for trainer in made:
        trainer.close()


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def wait_for_event(run, kind):
    wait_for(lambda: any(event["event"] == kind for event in run.events))


def wait_for_end(run):
    wait_for(lambda: run.is_over)
    return run.events[-1]


def test_a_run_goes_from_the_queue_to_its_end(trainer):
    run = trainer.run(trainer.start(QUICK))
    ended = wait_for_end(run)
    assert run.state == "finished"
    assert [event["event"] for event in run.events if event["event"] != "batch"] == [
        *("started", "epoch", "epoch", "ended")
    ]
    assert run.events[0]["run"] == run.id
    assert run.test_accuracy == ended["test_accuracy"]
    assert load_checkpoint(run.weights, "mlp-relu")


def test_runs_wait_in_order_and_know_their_place(trainer):
    first, second, third = (trainer.run(trainer.start(config)) for config in (LONG, QUICK, QUICK))
    wait_for_event(first, "batch")
    assert [trainer.place(run.id) for run in (first, second, third)] == [None, 1, 2]
    assert (second.state, third.state) == ("queued", "queued")
    trainer.stop(first.id)
    wait_for_end(third)
    assert [run.state for run in (first, second, third)] == ["stopped", "finished", "finished"]
    assert trainer.place(third.id) is None


def test_a_stopped_run_keeps_what_it_has_learned(trainer):
    run = trainer.run(trainer.start(LONG))
    wait_for_event(run, "batch")
    trainer.stop(run.id)
    ended = wait_for_end(run)
    assert (ended["reason"], ended["test_accuracy"]) == ("stopped", None)
    assert load_checkpoint(run.weights)


def test_a_queued_run_can_be_stopped(trainer):
    first, second = (trainer.run(trainer.start(config)) for config in (LONG, QUICK))
    trainer.stop(second.id)
    assert second.state == "stopped"
    assert second.weights is None
    trainer.stop(first.id)
    wait_for_end(first)
    assert [event["event"] for event in second.events] == ["ended"]


def test_stopping_twice_or_after_the_end_does_nothing(trainer):
    run = trainer.run(trainer.start(LONG))
    for _ in range(3):
        trainer.stop(run.id)
    wait_for_end(run)
    trainer.stop(run.id)
    assert [event["event"] for event in run.events].count("ended") == 1


def test_a_killed_worker_ends_its_own_run_and_the_next_goes_on(trainer):
    first, second = (trainer.run(trainer.start(config)) for config in (LONG, QUICK))
    wait_for_event(first, "batch")
    os.kill(trainer._current[1]._process.pid, signal.SIGKILL)
    ended = wait_for_end(first)
    assert first.state == "failed"
    assert "was killed (SIGKILL)" in ended["message"]
    wait_for_end(second)
    assert second.state == "finished"


def test_a_spare_worker_that_died_while_it_waited_is_replaced(trainer):
    trainer.warm_up()
    trainer._spare._process.kill()
    trainer._spare._process.wait()
    run = trainer.run(trainer.start(QUICK))
    wait_for_end(run)
    assert run.state == "finished"


def test_a_spare_worker_waits_for_the_next_run(trainer):
    wait_for(lambda: trainer._spare is not None)
    spare = trainer._spare
    run = trainer.run(trainer.start(LONG))
    wait_for_event(run, "started")
    assert trainer._current[1] is spare
    trainer.stop(run.id)
    wait_for_end(run)


def test_while_a_long_run_goes_on_the_next_worker_gets_warm(trainer, monkeypatch):
    monkeypatch.setattr("mnist_demo.background.SPARE_DELAY", 0.0)
    run = trainer.run(trainer.start(LONG))
    wait_for(lambda: trainer._current is not None and trainer._spare is not None)
    trainer.stop(run.id)
    wait_for_end(run)


def test_cuda_is_refused_at_once_where_there_is_none(trainer, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SettingsError, match="no CUDA device here"):
        trainer.start(configure("mlp-relu", device="cuda"))


def test_a_process_that_cannot_be_started_fails_its_run_and_the_next_goes_on(trainer_of, monkeypatch):
    trainer = trainer_of("read settings; exit 3")
    popen = subprocess.Popen

    def fail(*_, **__):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr("mnist_demo.worker_process.subprocess.Popen", fail)
    first = trainer.run(trainer.start(QUICK))
    assert "could not be started: [Errno 12] Cannot allocate memory" in wait_for_end(first)["message"]
    monkeypatch.setattr("mnist_demo.worker_process.subprocess.Popen", popen)
    assert "status 3" in wait_for_end(trainer.run(trainer.start(QUICK)))["message"]


def test_a_worker_that_hangs_after_its_end_does_not_hold_up_the_next(trainer_of, monkeypatch):
    monkeypatch.setattr("mnist_demo.worker_process.PATIENCE", 0.2)
    ended = to_json(Ended("finished", "The run has finished.", None, 1.0, 1.0))
    trainer = trainer_of(f"read settings; echo '{ended}'; exec sleep 60")
    runs = [trainer.run(trainer.start(QUICK)) for _ in range(2)]
    assert [wait_for_end(run)["reason"] for run in runs] == ["finished", "finished"]


def test_an_unknown_run_is_told(trainer):
    with pytest.raises(SettingsError, match="no run 'x'"):
        trainer.run("x")
    with pytest.raises(SettingsError, match="no run 'x'"):
        trainer.stop("x")
    assert trainer.place("x") is None


@pytest.mark.parametrize("garbage", ["Segmentation fault", '{"event": "party"}', "\\\\377\\\\376"])
def test_a_worker_that_prints_garbage_is_ended(trainer_of, garbage):
    trainer = trainer_of(f"read settings; printf '{garbage}\\n'; exec sleep 60")
    run = trainer.run(trainer.start(QUICK))
    assert "reported nonsense" in wait_for_end(run)["message"]
    assert run.state == "failed"


def test_a_worker_that_prints_without_end_is_ended(trainer_of):
    trainer = trainer_of("read settings; exec cat /dev/zero")
    assert "reported nonsense" in wait_for_end(trainer.run(trainer.start(QUICK)))["message"]


def test_a_worker_that_gives_up_says_why(trainer_of):
    trainer = trainer_of("read settings; echo 'MemoryError: no room' >&2; exit 3")
    run = trainer.run(trainer.start(QUICK))
    assert wait_for_end(run)["message"] == "The training process ended with status 3: MemoryError: no room"


def test_a_worker_that_does_not_stop_is_killed(trainer_of, monkeypatch):
    monkeypatch.setattr("mnist_demo.worker_process.PATIENCE", 0.2)
    trainer = trainer_of("read settings; exec sleep 60")
    run = trainer.run(trainer.start(QUICK))
    wait_for(lambda: trainer._current is not None)
    trainer.stop(run.id)
    assert wait_for_end(run)["reason"] == "stopped"


def test_a_full_queue_refuses_politely(trainer_of):
    trainer = trainer_of("read settings; exec sleep 60")
    trainer.start(QUICK)
    wait_for(lambda: trainer._current is not None)
    for _ in range(MAX_QUEUED):
        trainer.start(QUICK)
    with pytest.raises(SettingsError, match="20 runs wait already"):
        trainer.start(QUICK)


def test_closing_ends_every_worker_and_leaves_nothing_behind(trainer_of):
    def descriptors():
        return len(list(Path("/proc/self/fd").iterdir()))

    before = descriptors()
    trainer = trainer_of("read settings; exec sleep 60")
    folder = trainer._folder.name
    trainer.warm_up()
    first = trainer.run(trainer.start(QUICK))
    trainer.start(QUICK)
    wait_for(lambda: trainer._current is not None and trainer._spare is not None)
    processes = [trainer._current[1]._process, trainer._spare._process]
    trainer.close()
    assert all(process.returncode is not None for process in processes)
    assert first.state == "failed"
    assert not Path(folder).exists()
    assert descriptors() == before
