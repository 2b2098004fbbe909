"""Workers that stop, hang, die or talk nonsense: each fails its own run within a time, and the next run goes on."""

import os
import signal
import time

import pytest
from waiting import wait_for

from mnist_demo.runs.trainer import BackgroundTrainer
from mnist_demo.training.events import BatchReport, Ended, EpochEnded, to_json
from mnist_demo.training.recipes import configure

QUICK = configure("mlp-relu", epochs=1)
LONG = configure("mlp-relu", epochs=1000)
FINISHED = to_json(Ended("finished", "The run has finished.", None, 1.0, 1.0))
STOPPED = to_json(Ended("stopped", "The run was stopped.", None, None, None))
EPOCH = to_json(EpochEnded(1, 0.25, 0.9, 0.12, 0.96, 4.5))
BATCH = to_json(BatchReport(1, 640, 0.25, 31_000))


@pytest.fixture
def impatient(monkeypatch):
    """Little time for workers to answer, and to stop."""
    patience = {"START_PATIENCE": 1.5, "ANSWER_PATIENCE": 1.5, "SILENCE_PATIENCE": 1.5, "PATIENCE": 0.5}
    for name, seconds in patience.items():
        monkeypatch.setattr(f"mnist_demo.runs.worker_process.{name}", seconds)


def start(trainer, config=QUICK):
    return trainer.book.run(trainer.start(config))


def wait_for_end(run):
    wait_for(lambda: run.is_over)
    return run.message


def say(text):
    return f"printf '%s\\n' '{text}'"


def say_instead(event, before, after):
    """Print an event with something in it replaced, and hang."""
    return f"{say(event.replace(before, after))}; exec sleep 60"


SILENT = "The training process stopped responding and was killed."
BROKEN = {
    "is killed": ("echo; kill -9 $$", "was killed (SIGKILL)"),
    "is killed by a signal without a name": ("echo; kill -40 $$", "was killed (signal 40)"),
    "is stopped": ("echo; kill -STOP $$", SILENT),
    "hangs in mid-run": (f"echo; {say(EPOCH)}; exec sleep 60", SILENT),
    "hangs in the middle of a line": ("echo; printf '{'; exec sleep 60", SILENT),
    "closes its output and goes on": ("echo; exec >&-; exec sleep 60", "was killed (SIGKILL)"),
    "gives no accuracy": (say_instead(EPOCH, "0.96", "null"), "invalid output and was killed: test_accuracy: expected"),
    "gives a list for a number": (say_instead(BATCH, "640", "[640]"), "expected a valid integer, found [640]"),
    "gives no number for a loss": (say_instead(BATCH, "0.25", "NaN"), "expected a finite number, found nan"),
    "gives a number without end": (say_instead(BATCH, "640", "9" * 400), "examples_seen: expected less than"),
    "speaks a later version": (say_instead(BATCH, '"epoch"', '"x": 1, "epoch"'), "x: expected no such field"),
    "speaks another version": (say_instead(BATCH, "batch", "steps"), "expected an event, found"),
    "does not understand the settings": (
        "echo; echo 'TypeError: no such field' >&2; exit 1",
        "1: TypeError: no such field",
    ),
    "tells where it lies": ("echo; echo 'OSError: /srv/runs/a.state: gone' >&2; exit 1", "1: OSError: a.state: gone"),
}


@pytest.mark.parametrize(("script", "message"), BROKEN.values(), ids=BROKEN)
def test_a_run_fails_whose_worker(trainer_of, impatient, tmp_path, script, message):
    trainer = trainer_of(f"read settings; if mkdir {tmp_path}/first 2>/dev/null; then {script}; fi; {say(FINISHED)}")
    first, second = start(trainer), start(trainer)
    assert message in wait_for_end(first)
    assert first.state == "failed"
    wait_for_end(second)
    assert second.state == "finished"


def test_an_error_of_the_server_fails_one_run_and_not_the_next(trainer_of, monkeypatch, caplog):
    trainer = trainer_of(f"read settings; echo; {say(FINISHED)}")

    def fail(*_):
        raise KeyError("/srv/demo/runs/a.state")

    with monkeypatch.context() as patch:
        patch.setattr(trainer.book, "record", fail)
        first = start(trainer)
        wait_for_end(first)
    assert "run 1 failed with a server error" in caplog.text
    second = start(trainer)
    wait_for_end(second)
    assert (first.state, second.state) == ("failed", "finished")
    assert first.message == "The run failed with a server error: KeyError('a.state')"


@pytest.mark.usefixtures("impatient")
class TestBeginning:
    """A worker that something has happened to before it began is replaced, and its run does not notice."""

    SCRIPT = f"read settings; echo; {say(FINISHED)}"

    @pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL, 40])
    def test_by_a_signal(self, trainer_of, number):
        trainer = trainer_of(self.SCRIPT)
        trainer.warm_up()
        spare = trainer._spare.worker._process
        os.kill(spare.pid, number)
        run = start(trainer)
        assert wait_for_end(run) == "The run has finished."
        assert spare.poll() is not None

    def test_or_that_hangs_at_its_start(self, trainer_of, tmp_path):
        trainer = trainer_of(f"mkdir {tmp_path}/first 2>/dev/null && exec sleep 60; {self.SCRIPT}")
        trainer.warm_up()
        wait_for((tmp_path / "first").is_dir)
        assert wait_for_end(start(trainer)) == "The run has finished."

    @pytest.mark.parametrize("script", ["exec sleep 60", "kill -STOP $$", "kill -9 $$", "exec >&-; exec sleep 60"])
    def test_or_that_does_not_answer(self, trainer_of, tmp_path, script):
        trainer = trainer_of(
            f"read settings; mkdir {tmp_path}/first 2>/dev/null && {{ {script}; }}; echo; {say(FINISHED)}"
        )
        assert wait_for_end(start(trainer)) == "The run has finished."

    def test_but_where_none_answers_the_run_fails(self, trainer_of, caplog):
        trainer = trainer_of("read settings; exec sleep 60")
        assert wait_for_end(start(trainer)) == SILENT
        assert caplog.text.count("replacing a worker that did not respond") == 1

    def test_but_a_run_that_is_stopped_meanwhile_has_stopped(self, trainer_of, monkeypatch):
        monkeypatch.setattr("mnist_demo.runs.worker_process.START_PATIENCE", 60.0)
        trainer = trainer_of(self.SCRIPT)
        trainer.warm_up()
        os.kill(trainer._spare.worker._process.pid, signal.SIGSTOP)
        run = start(trainer)
        wait_for(lambda: trainer._current is not None)
        trainer.stop(run.id)
        assert wait_for_end(run) == "The run was stopped."
        assert run.state == "stopped"


def test_a_worker_that_does_not_read_its_orders_holds_up_nobody(trainer_of, monkeypatch):
    monkeypatch.setattr("mnist_demo.runs.worker_process.PATIENCE", 0.5)
    trainer = trainer_of("read settings; echo; exec sleep 60")
    run = start(trainer)
    wait_for(lambda: trainer._current is not None)
    began = time.monotonic()
    for _ in range(50_000):  # 16 bytes each, where a pipe holds 64 KiB
        if run.is_over:
            break
        with trainer.book.changed:
            trainer._current and trainer._current[1].send({"go": "here"})
    assert "was killed (SIGKILL)" in wait_for_end(run)
    assert time.monotonic() - began < 30  # not until it is silent for too long


def test_a_run_that_tells_nothing_but_that_it_lives_goes_on(trainer_of, impatient):
    trainer = trainer_of(
        "read settings; for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do echo; sleep 0.2; done; " + say(FINISHED)
    )
    run = start(trainer)
    assert wait_for_end(run) == "The run has finished."
    assert run.events == 1


def test_a_real_worker_lives_while_its_run_pauses_and_fails_it_when_it_is_stopped(small_mnist, monkeypatch):
    trainer = BackgroundTrainer(small_mnist)
    try:
        first, second = start(trainer, LONG), start(trainer)
        wait_for(lambda: first.epoch is not None)
        trainer.go(first.id, "here")
        monkeypatch.setattr("mnist_demo.runs.worker_process.SILENCE_PATIENCE", 4.0)
        time.sleep(5)  # longer than it may be silent
        assert first.state == "running"
        os.kill(trainer._current[1]._process.pid, signal.SIGSTOP)
        assert wait_for_end(first) == SILENT
        wait_for_end(second)
        assert second.state == "finished"
    finally:
        trainer.close()
