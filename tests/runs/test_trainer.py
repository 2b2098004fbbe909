import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from waiting import pause, wait_for

from mnist_demo.errors import LimitError, RightsError, RunsError, SettingsError
from mnist_demo.networks.checkpoints import load_checkpoint
from mnist_demo.runs.rights import MAX_QUEUED, Limits, Rights, Visitor
from mnist_demo.runs.trainer import BackgroundTrainer
from mnist_demo.training.events import Ended, to_json
from mnist_demo.training.recipes import configure

PROJECT = Path(__file__).parent.parent.parent
QUICK = configure("mlp-relu", epochs=1)
LONG = configure("mlp-relu", epochs=1000)
FINISHED = to_json(Ended("finished", "The run has finished.", None, 1.0, 1.0))
STOPPED = to_json(Ended("stopped", "The run was stopped.", None, None, None))


@pytest.fixture(scope="module")
def trainer(small_mnist):
    trainer = BackgroundTrainer(small_mnist)
    trainer.warm_up()
    yield trainer
    trainer.close()


def start(trainer, config, **options):
    return trainer.book.run(trainer.start(config, **options))


def events_of(trainer, run, *kinds):
    return [event for event in trainer.book.events(run) if event["event"] in kinds]


def weights_of(trainer, run):
    assert run.weights is not None
    return trainer.book.store.weights(run.id)


def wait_for_event(trainer, run, kind):
    wait_for(lambda: events_of(trainer, run, kind))


def wait_for_end(trainer, run):
    wait_for(lambda: run.is_over)
    return trainer.book.events(run)[-1]


@pytest.mark.parametrize(("cores", "taken"), [(1, 1), (2, 1), (8, 7), (128, 64)])
def test_a_run_leaves_a_core_to_the_server_unless_it_says_how_many_it_takes(trainer_of, monkeypatch, cores, taken):
    monkeypatch.setattr("mnist_demo.runs.trainer.CORES", cores)
    trainer = trainer_of("exec sleep 30")
    assert start(trainer, configure("fast")).config.cores == taken
    assert start(trainer, configure("fast", cores=2)).config.cores == 2
    assert start(trainer, configure("mlp-relu")).config.cores == 1


def test_a_run_goes_from_the_queue_to_its_end(trainer):
    run = start(trainer, QUICK)
    ended = wait_for_end(trainer, run)
    assert run.state == "finished"
    events = trainer.book.events(run)
    kinds = [event["event"] for event in events if event["event"] not in ("batch", "evaluation")]
    assert kinds == ["started", "epoch", "epoch", "ended"]
    assert events[0]["run"] == run.id
    assert run.events == len(events)
    assert run.test_accuracy == ended["test_accuracy"]
    assert run.weights == f"{run.id}.safetensors"
    assert load_checkpoint(weights_of(trainer, run), "mlp-relu")


def test_runs_wait_in_order_and_know_their_place(trainer):
    first, second, third = (start(trainer, config) for config in (LONG, QUICK, QUICK))
    wait_for_event(trainer, first, "batch")
    assert [trainer.book.place(run) for run in (first, second, third)] == [None, 1, 2]
    assert (second.state, third.state) == ("queued", "queued")
    trainer.stop(first.id)
    wait_for_end(trainer, third)
    assert [run.state for run in (first, second, third)] == ["stopped", "finished", "finished"]
    assert trainer.book.place(third) is None


def test_a_stopped_run_keeps_what_it_has_learned(trainer):
    run = start(trainer, LONG)
    wait_for_event(trainer, run, "batch")
    trainer.stop(run.id)
    ended = wait_for_end(trainer, run)
    assert (ended["reason"], ended["test_accuracy"]) == ("stopped", None)
    assert load_checkpoint(weights_of(trainer, run))


def test_a_queued_run_that_is_stopped_leaves_nothing_behind(trainer):
    first, second = (start(trainer, config) for config in (LONG, QUICK))
    wait_for(lambda: first.state == "running")
    trainer.stop(second.id)
    assert trainer.book.find(second.id) is None
    assert second not in trainer.book.queue
    trainer.stop(first.id)
    wait_for_end(trainer, first)
    assert trainer.book.events(second) == []


def test_stopping_twice_or_after_the_end_does_nothing(trainer):
    run = start(trainer, LONG)
    wait_for_event(trainer, run, "started")
    for _ in range(3):
        trainer.stop(run.id)
    wait_for_end(trainer, run)
    trainer.stop(run.id)
    assert len(events_of(trainer, run, "ended")) == 1


def test_a_killed_worker_ends_its_own_run_and_the_next_goes_on(trainer):
    first, second = (start(trainer, config) for config in (LONG, QUICK))
    wait_for_event(trainer, first, "batch")
    os.kill(trainer._current[1]._process.pid, signal.SIGKILL)
    ended = wait_for_end(trainer, first)
    assert first.state == "failed"
    assert "was killed (SIGKILL)" in ended["message"]
    wait_for_end(trainer, second)
    assert second.state == "finished"


def test_a_spare_worker_that_died_while_it_waited_is_replaced(trainer):
    trainer.warm_up()
    trainer._spare.worker._process.kill()
    trainer._spare.worker._process.wait()
    run = start(trainer, QUICK)
    wait_for_end(trainer, run)
    assert run.state == "finished"


def test_a_spare_worker_waits_for_the_next_run(trainer):
    wait_for(lambda: trainer._spare.worker is not None)
    spare = trainer._spare.worker
    run = start(trainer, LONG)
    wait_for_event(trainer, run, "started")
    assert trainer._current[1] is spare
    trainer.stop(run.id)
    wait_for_end(trainer, run)


def test_while_a_long_run_goes_on_the_next_worker_gets_warm(trainer, monkeypatch):
    monkeypatch.setattr("mnist_demo.runs.trainer.SPARE_DELAY", 0.0)
    run = start(trainer, LONG)
    wait_for(lambda: run.state == "running" and trainer._spare.worker is not None)
    trainer.stop(run.id)
    wait_for_end(trainer, run)


def test_cuda_is_refused_at_once_where_there_is_none(trainer, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SettingsError, match="no CUDA device here"):
        trainer.start(configure("mlp-relu", device="cuda"))


def test_a_process_that_cannot_be_started_fails_its_run_and_the_next_goes_on(trainer_of, monkeypatch):
    trainer = trainer_of("read settings; exit 3")
    popen = subprocess.Popen

    def fail(*_, **__):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr("mnist_demo.runs.worker_process.subprocess.Popen", fail)
    first = start(trainer, QUICK)
    assert "could not be started: [Errno 12] Cannot allocate memory" in wait_for_end(trainer, first)["message"]
    monkeypatch.setattr("mnist_demo.runs.worker_process.subprocess.Popen", popen)
    assert "status 3" in wait_for_end(trainer, start(trainer, QUICK))["message"]


def test_a_worker_that_hangs_after_its_end_does_not_hold_up_the_next(trainer_of, monkeypatch):
    monkeypatch.setattr("mnist_demo.runs.worker_process.PATIENCE", 600)
    trainer = trainer_of(f"read settings; echo '{FINISHED}'; exec sleep 600")
    runs = [start(trainer, QUICK) for _ in range(2)]
    assert [wait_for_end(trainer, run)["reason"] for run in runs] == ["finished", "finished"]


def test_an_unknown_run_is_told(trainer):
    for act in (
        lambda: trainer.book.run("x"),
        lambda: trainer.stop("x"),
        lambda: trainer.go("x", "here"),
        lambda: trainer.set_learning_rate("x", 0.1),
    ):
        with pytest.raises(SettingsError, match="no run 'x'"):
            act()


@pytest.mark.parametrize("garbage", ["Segmentation fault", '{"event": "party"}', "\\\\377\\\\376"])
def test_a_worker_that_prints_garbage_is_ended(trainer_of, garbage):
    trainer = trainer_of(f"read settings; printf '{garbage}\\n'; exec sleep 60")
    run = start(trainer, QUICK)
    assert "sent invalid output" in wait_for_end(trainer, run)["message"]
    assert run.state == "failed"


def test_a_worker_that_prints_without_end_is_ended(trainer_of):
    trainer = trainer_of("read settings; exec cat /dev/zero")
    assert "sent invalid output" in wait_for_end(trainer, start(trainer, QUICK))["message"]


def test_a_worker_that_gives_up_says_why(trainer_of):
    trainer = trainer_of("read settings; echo 'MemoryError: no room' >&2; exit 3")
    run = start(trainer, QUICK)
    assert wait_for_end(trainer, run)["message"] == "The training process ended with status 3: MemoryError: no room"


def test_a_worker_that_does_not_stop_is_killed(trainer_of, monkeypatch):
    monkeypatch.setattr("mnist_demo.runs.worker_process.PATIENCE", 0.2)
    trainer = trainer_of("read settings; exec sleep 60")
    run = start(trainer, QUICK)
    wait_for(lambda: trainer._current is not None)
    trainer.stop(run.id)
    assert wait_for_end(trainer, run)["reason"] == "stopped"


def test_a_full_queue_refuses_politely(trainer_of):
    trainer = trainer_of("read settings; exec sleep 60")
    trainer.start(QUICK)
    wait_for(lambda: trainer._current is not None)
    for _ in range(MAX_QUEUED):
        trainer.start(QUICK)
    with pytest.raises(LimitError, match="20 runs are queued already"):
        trainer.start(QUICK)


def test_closing_ends_every_worker_and_leaves_nothing_behind(trainer_of):
    def descriptors():
        return len(list(Path("/proc/self/fd").iterdir()))

    before = descriptors()
    trainer = trainer_of("read settings; exec sleep 60")
    folder = trainer.book.store.folder
    trainer.warm_up()
    first = start(trainer, QUICK)
    trainer.start(QUICK)
    wait_for(lambda: trainer._current is not None and trainer._spare.worker is not None)
    processes = [trainer._current[1]._process, trainer._spare.worker._process]
    trainer.close()
    assert all(process.returncode is not None for process in processes)
    assert first.state == "failed"
    assert not folder.exists()
    assert descriptors() <= before  # others may close theirs in the meantime


def test_a_trainer_can_be_closed_twice(trainer_of):
    trainer = trainer_of("read settings; exec sleep 60")
    trainer.close()
    trainer.close()


@pytest.fixture(scope="module")
def paused(trainer):
    """A run that pauses somewhere in its first epochs of 20 batches, 100 images each."""
    run = start(trainer, configure("mlp-relu", epochs=1000, batch_size=100))
    wait_for_event(trainer, run, "batch")
    pause(trainer, run)
    yield run
    trainer.stop(run.id)
    wait_for_end(trainer, run)


def step(trainer, run, goal):
    """Let a run go on by a batch or an epoch, and return the event at its end."""
    before = len(events_of(trainer, run, goal))
    trainer.go(run.id, goal)
    wait_for(lambda: len(events_of(trainer, run, goal)) > before)
    return events_of(trainer, run, goal)[before]


class TestSteering:
    """A run that is told what to do while it trains."""

    def test_it_takes_one_batch_at_a_time(self, trainer, paused):
        first = events_of(trainer, paused, "batch")[-1]["examples_seen"]
        seen = [step(trainer, paused, "batch")["examples_seen"] for _ in range(3)]
        assert seen == [first + 100, first + 200, first + 300]
        time.sleep(0.5)
        assert events_of(trainer, paused, "batch")[-1]["examples_seen"] == seen[-1]
        assert paused.is_paused

    def test_it_takes_one_epoch_at_a_time(self, trainer, paused):
        first = paused.epoch
        assert [step(trainer, paused, "epoch")["epoch"] for _ in range(2)] == [first + 1, first + 2]
        time.sleep(0.5)
        assert paused.epoch == first + 2
        assert paused.is_paused

    def test_it_goes_on_with_another_learning_rate_and_that_is_recorded(self, trainer, paused):
        assert not paused.changed_rate
        trainer.set_learning_rate(paused.id, 0.01)
        trainer.go(paused.id, "end")
        assert not paused.is_paused
        wait_for(lambda: paused.changed_rate)
        (change,) = events_of(trainer, paused, "learning_rate")
        assert change["learning_rate"] == 0.01
        wait_for(lambda: events_of(trainer, paused, "batch")[-1]["examples_seen"] > change["examples_seen"] + 2000)
        pause(trainer, paused)
        assert paused.is_paused

    @pytest.mark.parametrize("rate", [0, -1, 11, float("nan"), "fast", None, 10**400])
    def test_a_learning_rate_that_is_none_is_refused(self, trainer, paused, rate):
        with pytest.raises(SettingsError, match="learning_rate: expected"):
            trainer.set_learning_rate(paused.id, rate)

    def test_a_run_that_does_not_train_is_not_steered(self, trainer, paused):
        waiting = start(trainer, QUICK)
        over = next(run for run in trainer.book.runs() if run.is_over)
        for run in (waiting, over):
            with pytest.raises(SettingsError, match=f"run {run.number} is not running"):
                trainer.go(run.id, "here")
            with pytest.raises(SettingsError, match=f"run {run.number} is not running"):
                trainer.set_learning_rate(run.id, 0.1)
        trainer.stop(waiting.id)

    def test_it_can_be_stopped_and_keeps_what_it_has_learned(self, trainer, paused):
        live = trainer.book.store.live_weights(paused.id)
        assert load_checkpoint(live, "mlp-relu")  # for whoever watches while it trains
        trainer.stop(paused.id)
        assert wait_for_end(trainer, paused)["reason"] == "stopped"
        assert not paused.is_paused
        assert load_checkpoint(weights_of(trainer, paused), "mlp-relu")
        wait_for(lambda: not live.exists())


def test_a_run_can_be_paused_the_moment_it_begins(trainer_of, monkeypatch):
    # A worker that takes its first line for settings, whatever it is, and 0.2 s in which another line could come first.
    monkeypatch.setattr("mnist_demo.runs.trainer.asdict", lambda config: time.sleep(0.2) or {}, raising=False)
    trainer = trainer_of(f"read settings; case $settings in *config*) echo '{FINISHED}';; esac")
    run = start(trainer, QUICK)

    def is_paused():
        try:
            trainer.go(run.id, "here")
        except SettingsError:
            return run.is_over
        return True

    wait_for(is_paused)
    assert wait_for_end(trainer, run)["reason"] == "finished"


class TestLimits:
    """What the instructor allows."""

    @pytest.fixture
    def limited(self, trainer_of):
        """A trainer whose visitors have a second for a run; its workers do nothing until they are stopped."""
        trainer = trainer_of(f"read settings; read stop; echo '{STOPPED}'", rights=Rights("the key"))
        trainer.set_limits(Limits(runs=1, epochs=10, seconds=1))
        return trainer

    def test_a_visitors_run_is_stopped_when_its_time_is_over(self, limited):
        run = start(limited, QUICK)
        assert wait_for_end(limited, run)["message"] == "The run was stopped: the instructor's limit is 1 s."
        assert run.state == "stopped"

    def test_the_instructors_run_is_not(self, limited):
        run = start(limited, LONG, visitor=Visitor(key="the key"))
        wait_for(lambda: limited._current is not None)
        time.sleep(1.5)
        assert run.state == "running"

    def test_those_that_are_set_later_reach_a_run_that_trains(self, limited):
        limited.set_limits(Limits())
        run = start(limited, QUICK)
        wait_for(lambda: limited._current is not None)
        limited.set_limits(Limits(seconds=1))
        assert wait_for_end(limited, run)["message"] == "The run was stopped: the instructor's limit is 1 s."

    @pytest.mark.parametrize("goal", ["here", "batch", "epoch"])
    def test_a_run_that_pauses_while_others_wait_ends(self, trainer_of, monkeypatch, goal):
        monkeypatch.setattr("mnist_demo.runs.trainer.WATCH_INTERVAL", 0.01)
        monkeypatch.setattr("mnist_demo.runs.overtime.MINUTE", 0.1)
        trainer = trainer_of(f"read settings; read go; read stop; echo '{STOPPED}'")
        trainer.set_limits(Limits(pause=1))
        first = start(trainer, QUICK)
        wait_for(lambda: trainer._current is not None)
        trainer.go(first.id, goal)
        second = start(trainer, QUICK)
        message = wait_for_end(trainer, first)["message"]
        assert message == "The run was stopped: it was paused for 1 min while others waited."
        wait_for(lambda: second.state == "running")

    def test_the_time_before_a_run_was_cut_counts(self, limited):
        limited.set_limits(Limits(seconds=3600))
        with limited.book.changed:  # it begins afterwards
            run = start(limited, QUICK)
            run.seconds = 3600
        assert wait_for_end(limited, run)["message"] == "The run was stopped: the instructor's limit is 3,600 s."

    def test_a_run_that_was_stopped_before_tells_that(self, limited):
        limited.set_limits(Limits())
        run = start(limited, QUICK)
        wait_for(lambda: limited._current is not None)
        limited.stop(run.id)
        limited.stop(run.id, "The run was stopped: the instructor's limit is 1 s.")
        assert wait_for_end(limited, run)["message"] == "The run was stopped."

    def test_more_runs_or_epochs_are_refused(self, limited):
        with pytest.raises(RightsError, match="epochs: the instructor's limit is 10, found 1,000"):
            limited.start(LONG)
        start(limited, QUICK, visitor=Visitor(key="the key"))
        wait_for(lambda: limited._current is not None)
        limited.start(QUICK, visitor=Visitor("ada"))
        with pytest.raises(LimitError, match="1 of your runs are queued already"):
            limited.start(QUICK, visitor=Visitor("ada"))
        limited.start(QUICK, visitor=Visitor("bob"))

    def test_they_survive_a_new_start(self, trainer_of, tmp_path):
        trainer = trainer_of("exit", folder=tmp_path / "runs")
        trainer.set_limits(Limits(2, 10, 60, 5))
        trainer.close()
        assert trainer_of("exit", folder=tmp_path / "runs").rights.limits == Limits(2, 10, 60, 5)


class TestFolder:
    """Runs that outlive their server."""

    def test_without_one_runs_are_forgotten(self, trainer_of):
        trainer = trainer_of("exit")
        folder = trainer.book.store.folder
        assert folder.is_dir()
        trainer.close()
        assert not folder.exists()

    def test_a_second_trainer_on_it_is_refused(self, trainer_of, tmp_path):
        trainer_of("exit", folder=tmp_path / "runs")
        with pytest.raises(RunsError, match="runs: in use by another server"):
            BackgroundTrainer(folder=tmp_path / "runs")

    def test_runs_that_waited_begin_by_themselves(self, trainer_of, tmp_path):
        trainer = trainer_of("read settings; exec sleep 60", folder=tmp_path / "runs")
        first, second = start(trainer, QUICK), start(trainer, QUICK, name="Patience", nickname="Zoë")
        wait_for(lambda: trainer._current is not None)
        trainer.close()
        trainer = trainer_of(f"read settings; echo '{FINISHED}'", folder=tmp_path / "runs")
        wait_for(lambda: trainer.book.run(second.id).state == "finished")
        assert (trainer.book.run(second.id).name, trainer.book.run(second.id).nickname) == ("Patience", "Zoë")
        assert trainer.book.run(first.id).message == "The server was shut down during the run."

    def test_a_removed_run_is_gone_with_its_files(self, trainer):
        run = start(trainer, LONG)
        wait_for(lambda: run.epoch)
        trainer.stop(run.id)
        wait_for_end(trainer, run)
        folder = trainer.book.store.folder
        assert {run.id + suffix for suffix in (".safetensors", ".state")} <= {path.name for path in folder.iterdir()}
        trainer.book.remove(run)
        wait_for(lambda: trainer._current is None)  # the worker leaves nothing behind either
        assert not list(folder.glob(f"*{run.id}*"))
        assert trainer.book.find(run.id) is None

    def test_what_cannot_be_written_down_fails_its_run_and_the_next_goes_on(self, trainer_of, monkeypatch):
        trainer = trainer_of(f"read settings; echo '{FINISHED}'")

        def fail(*_):
            raise RunsError("the history of runs cannot be read or written: database or disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(trainer.book.store, "append", fail)
            first = start(trainer, QUICK)
            wait_for(lambda: first.is_over)
        assert "disk is full" in first.message
        assert wait_for_end(trainer, start(trainer, QUICK))["reason"] == "finished"


SERVER = """
import sys, time
from pathlib import Path
from mnist_demo.runs.trainer import BackgroundTrainer
from mnist_demo.training.recipes import configure

trainer = BackgroundTrainer(Path(sys.argv[1]), Path(sys.argv[2]))
trainer.start(configure("mlp-relu", epochs=1), "Short")
long = trainer.book.run(trainer.start(configure("mlp-relu", epochs=40), "Long"))
for epoch in range(3):
    while long.epoch is None or long.epoch < epoch:
        time.sleep(0.01)
    trainer.go(long.id, "epoch")  # not to its end, however late this process hears of it
print("now", flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def survivor(small_mnist, tmp_path_factory):
    """The trainer of a server that was started on the folder of one that was killed in mid-run."""
    folder = tmp_path_factory.mktemp("runs")
    command = [sys.executable, "-c", SERVER, str(small_mnist), str(folder)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout.readline() == "now\n"
        server.kill()
    trainer = BackgroundTrainer(small_mnist, folder)
    yield trainer
    trainer.close()


@pytest.fixture(scope="module")
def found(survivor):
    """The runs as that server found them."""
    return survivor.book.runs()


class TestKilledServer:
    """What a server that was killed in mid-run leaves to the next one."""

    def test_what_had_finished_is_there_with_its_weights(self, survivor, found):
        short, _ = found
        assert (short.name, short.state, short.epoch) == ("Short", "finished", 1)
        weights = load_checkpoint(weights_of(survivor, short), "mlp-relu")
        assert weights.metadata["test_accuracy"] == f"{short.test_accuracy:.4f}"

    def test_what_was_cut_says_so(self, found):
        _, long = found
        assert (long.name, long.state, long.message) == ("Long", "failed", "The server was shut down during the run.")
        assert 2 <= long.epoch < 40

    def test_it_goes_on_to_its_end_as_if_nothing_had_been(self, survivor, found):
        _, cut = found
        survivor.book.resume(cut)
        long, whole = survivor.book.run(cut.id), start(survivor, configure("mlp-relu", epochs=40))
        wait_for_end(survivor, whole)
        assert long.state == "finished"
        kinds = [event["event"] for event in survivor.book.events(long)]
        assert (kinds.count("started"), kinds.count("ended"), kinds[-1]) == (1, 1, "ended")
        resumed, never_cut = (events_of(survivor, run, "epoch") for run in (long, whole))
        assert [event["epoch"] for event in resumed] == list(range(41))
        assert [event["test_loss"] for event in resumed] == [event["test_loss"] for event in never_cut]
        seen = [event["examples_seen"] for event in events_of(survivor, long, "batch")]
        assert seen == sorted(set(seen))
        seconds = [event["seconds"] for event in resumed]
        assert seconds == sorted(set(seconds))
        assert load_checkpoint(weights_of(survivor, long)).metadata["test_accuracy"] == f"{long.test_accuracy:.4f}"
