import copy
import math
import threading
import time
from dataclasses import astuple, replace

import numpy as np
import pytest
import torch

from mnist_demo.data.datasets import Split, load_split
from mnist_demo.errors import SettingsError
from mnist_demo.networks.calibration import fit_temperature, legibility
from mnist_demo.networks.evaluation import evaluate
from mnist_demo.networks.registry import build_model
from mnist_demo.training.control import Control
from mnist_demo.training.events import BatchReport, Ended, EpochEnded, EvaluationReport, LearningRateChanged, Started
from mnist_demo.training.loop import Training, train
from mnist_demo.training.optimisation import build_optimizer, build_schedule, change_learning_rate
from mnist_demo.training.recipes import configure


@pytest.fixture(scope="module")
def splits():
    """2,000 training and 500 test samples of MNIST."""
    train_split, test_split = load_split(train=True), load_split(train=False)
    return Split(train_split.images[:2000], train_split.labels[:2000]), Split(
        test_split.images[:500], test_split.labels[:500]
    )


def run(splits, config, **options):
    model = build_model(config.model, config.seed)
    return model, list(without_evaluation(train(model, *splits, config, **options)))


def without_evaluation(events):
    """Yield the events but for those that tell of an evaluation: how many there are depends on its time."""
    return (event for event in events if not isinstance(event, EvaluationReport))


@pytest.mark.parametrize("recipe", ["mlp-relu", "mlp-sigmoid", "cnn", "fast"])
def test_a_run_tells_what_it_does_from_the_untrained_network_to_the_end(splits, recipe):
    model, events = run(splits, configure(recipe, epochs=2), run="r1")
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    assert events[0] == Started("r1", recipe, "cpu", 2000, 500, sum(p.numel() for p in model.parameters()))
    assert events[1] is epochs[0]
    assert [event.epoch for event in epochs] == [0, 1, 2]
    assert epochs[0].train_loss is None
    assert epochs[0].seconds == 0
    assert epochs[0].test_loss == pytest.approx(math.log(10), abs=0.2)
    assert epochs[2].test_loss < epochs[0].test_loss
    assert 0 < epochs[1].seconds < epochs[2].seconds
    assert events[-1] == Ended(
        "finished", "The run has finished.", None, evaluate(model, splits[0]).accuracy, epochs[2].test_accuracy
    )


def test_a_network_learns(splits):
    _, events = run(splits, configure("mlp-relu", epochs=5))
    assert events[-1].test_accuracy > 0.8
    assert events[-1].train_accuracy > events[-1].test_accuracy


def test_reports_come_between_the_epochs_on_an_axis_of_examples_seen(splits, monkeypatch):
    monkeypatch.setattr("mnist_demo.training.loop.REPORT_INTERVAL", 0.0)
    _, events = run(splits, configure("mlp-relu", epochs=2, batch_size=300))
    reports = [event for event in events if isinstance(event, BatchReport)]
    assert [event.examples_seen for event in reports] == [
        *(300, 600, 900, 1200, 1500, 1800, 2000),
        *(2300, 2600, 2900, 3200, 3500, 3800, 4000),
    ]
    assert [event.epoch for event in reports] == [1] * 7 + [2] * 7
    assert all(event.examples_per_second > 0 for event in reports)


def test_the_loss_of_an_epoch_is_the_mean_over_its_examples(splits, monkeypatch):
    monkeypatch.setattr("mnist_demo.training.loop.REPORT_INTERVAL", 0.0)
    _, events = run(splits, configure("mlp-relu", epochs=1, batch_size=300))
    losses = [event.train_loss for event in events if isinstance(event, BatchReport)]
    (epoch,) = (event for event in events if isinstance(event, EpochEnded) and event.epoch == 1)
    assert epoch.train_loss == pytest.approx(np.average(losses, weights=[300] * 6 + [200]))


def test_an_evaluation_tells_what_the_first_images_say(splits, monkeypatch):
    monkeypatch.setattr("mnist_demo.training.loop.TEST_INTERVAL", 0.0)
    test_split = splits[1]
    model = build_model("mlp-relu", 0)
    events = list(train(model, *splits, configure("mlp-relu", epochs=1)))
    reports = [event for event in events if isinstance(event, EvaluationReport)]
    parts = {"test": [64, 128, 192, 256, 320, 384, 448], "train": list(range(64, 2000, 64))}
    assert [(event.split, event.epoch, event.examples) for event in reports] == [
        (split, epoch, examples)
        for split, epoch in (("test", 0), ("test", 1), ("train", 1), ("test", 1))
        for examples in parts[split]
    ]
    for report in reports[-7:]:
        first = Split(test_split.images[: report.examples], test_split.labels[: report.examples])
        assert (report.size, report.loss, report.accuracy) == (500, *astuple(evaluate(model, first)))


def test_a_run_computes_on_as_many_cores_as_it_says_and_leaves_them_as_they_were(splits):
    before = torch.get_num_threads()
    cores = {torch.get_num_threads() for _ in train(build_model("mlp-relu"), *splits, configure("mlp-relu", cores=1))}
    assert cores == {1}
    assert torch.get_num_threads() == before
    cores = {torch.get_num_threads() for _ in train(build_model("mlp-relu"), *splits, configure("mlp-relu", cores=0))}
    assert cores == {before}


def numbers(events):
    """All that must repeat: everything but times and speeds."""
    return [
        (event.epoch, event.train_loss, event.train_accuracy, event.test_loss, event.test_accuracy)
        for event in events
        if isinstance(event, EpochEnded)
    ]


@pytest.mark.parametrize("recipe", ["mlp-sigmoid", "cnn"])
def test_the_same_seed_gives_the_same_numbers_and_another_gives_others(splits, recipe):
    first, again, other = (numbers(run(splits, configure(recipe, epochs=1, seed=seed))[1]) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_a_large_batch_in_several_passes_takes_the_same_step(splits):
    config = configure("mlp-relu", epochs=1, batch_size=1000)
    in_parts, _ = run(splits, config)
    in_one, _ = run(splits, replace(config, pass_size=1000))
    for name, tensor in in_one.state_dict().items():
        torch.testing.assert_close(in_parts.state_dict()[name], tensor, atol=1e-5, rtol=1e-4)


def test_training_is_what_plain_pytorch_does(splits):
    config = configure("mlp-sigmoid", epochs=1, batch_size=100)
    ours, _ = run(splits, config)
    model = build_model(config.model, config.seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    order = torch.randperm(2000, generator=torch.Generator().manual_seed(config.seed))
    images = torch.from_numpy(splits[0].images)[order].unsqueeze(1) / 255
    labels = torch.from_numpy(splits[0].labels)[order].long()
    for start in range(0, 2000, 100):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images[start : start + 100]), labels[start : start + 100])
        loss.backward()
        optimizer.step()
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], tensor, atol=1e-5, rtol=1e-4)


def test_smoothed_labels_are_learned_as_pytorch_smooths_them_and_reported_as_they_are(splits):
    config = configure("mlp-relu", epochs=1, batch_size=2000, pass_size=2000)
    plain, (_, _, report, *_) = run(splits, config)
    smoothed, (_, _, other_report, *_) = run(splits, replace(config, label_smoothing=0.1))
    assert other_report.train_loss == report.train_loss
    model = build_model("mlp-relu", config.seed)
    optimizer = build_optimizer(model, config)
    images, labels = torch.from_numpy(splits[0].images).unsqueeze(1) / 255, torch.from_numpy(splits[0].labels).long()
    torch.nn.functional.cross_entropy(model(images), labels, label_smoothing=0.1).backward()
    optimizer.step()
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(smoothed.state_dict()[name], tensor, atol=1e-5, rtol=1e-4)
    assert any(not torch.equal(plain.state_dict()[name], tensor) for name, tensor in smoothed.state_dict().items())


@pytest.mark.parametrize("batch_size", [1, 3, 1999, 577])
def test_a_single_image_that_would_be_normalised_is_refused(splits, batch_size):
    train_split = Split(splits[0].images[:1999], splits[0].labels[:1999]) if batch_size == 3 else splits[0]
    config = configure("fast", batch_size=batch_size, pass_size=192)
    with pytest.raises(SettingsError, match="batch_size: this network needs at least 2 images per pass"):
        next(train(build_model("fastnet"), train_split, splits[1], config))


@pytest.mark.parametrize("batch_size", [8, 2000])
def test_a_run_stops_soon_when_asked_to(splits, batch_size):
    control = Control()
    model = build_model("cnn")
    passes = []
    model.register_forward_hook(lambda *_: passes.append(control.is_stopped))
    events = []
    for event in train(model, *splits, configure("cnn", epochs=50, batch_size=batch_size), control):
        events.append(event)
        if isinstance(event, BatchReport):
            control.stop()
    assert sum(passes) <= 1  # of 64 images, a few milliseconds: a test may just have begun
    assert events[-1] == Ended("stopped", "The run was stopped.", None, None, None)
    assert isinstance(events[-2], BatchReport)


def test_a_run_can_be_stopped_before_it_has_begun(splits):
    control = Control()
    control.stop()
    _, events = run(splits, configure("cnn"), control=control)
    assert [event.event for event in events] == ["started", "ended"]


@pytest.mark.parametrize("recipe", ["mlp-relu", "mlp-sigmoid"])
def test_a_run_that_was_cut_after_an_epoch_goes_on_as_if_nothing_had_been(splits, recipe):
    config = configure(recipe, epochs=3, schedule="one-cycle")
    _, whole = run(splits, config)
    first = Training(build_model(config.model, config.seed), *splits, config)
    for event in first.events():
        if isinstance(event, EpochEnded) and event.epoch == 1:
            state = copy.deepcopy(first.state())
            break
    second = Training(build_model(config.model, seed=99), *splits, config)
    second.restore(state)
    rest = list(second.events())
    assert numbers(rest) == numbers(whole)[2:]
    assert rest[0].examples_seen > 2000
    assert rest[-1] == whole[-1]


class TestSteering:
    """A run that is told to pause, to go a step, or to learn faster."""

    def steer(self, splits, goal, **changes):
        """Return the reins of a run that pauses at its first report, and its events."""
        control = Control()
        control.go(goal)
        events = train(build_model("mlp-relu", 0), *splits, configure("mlp-relu", **changes), control)
        return control, without_evaluation(events)

    def test_one_batch_at_a_time(self, splits):
        control, events = self.steer(splits, "batch", batch_size=100)
        assert [next(events).event for _ in range(2)] == ["started", "epoch"]
        seen = []
        for _ in range(3):
            control.go("batch")
            seen.append(next(events).examples_seen)
        assert seen == [100, 200, 300]

    def test_one_epoch_at_a_time(self, splits):
        control, events = self.steer(splits, "epoch", epochs=3)
        for event in events:
            if event.event == "epoch" and event.epoch == 1:
                control.go("epoch")  # whoever is quick asks for one more before the run goes on
            if event.event == "epoch" and event.epoch == 2:
                break
        threading.Timer(0.2, control.stop).start()
        assert next(events).event == "ended"  # nothing was learned in the meantime

    def test_a_pause_is_no_time_of_training(self, splits):
        control, events = self.steer(splits, "batch", epochs=1)
        began = time.perf_counter()
        for _ in range(3):
            next(events)
        threading.Timer(0.5, control.go, ["end"]).start()
        trained = next(event.seconds for event in events if isinstance(event, EpochEnded))
        assert trained + 0.5 < time.perf_counter() - began

    def test_a_new_learning_rate_holds_from_the_next_report_on(self, splits):
        control, events = self.steer(splits, "batch")
        for _ in range(3):
            next(events)
        control.set_learning_rate(0.5)
        control.go("end")
        assert next(events) == LearningRateChanged(64, 0.5)

    def test_a_schedule_goes_on_in_proportion_to_a_new_learning_rate(self):
        config = configure("mlp-relu", schedule="one-cycle", learning_rate=0.1)
        optimizers = [build_optimizer(build_model("mlp-relu"), config) for _ in range(2)]
        schedules = [build_schedule(optimizer, config, steps=10) for optimizer in optimizers]
        change_learning_rate(optimizers[1], 0.2)
        for _ in range(10):
            rates = [optimizer.param_groups[0]["lr"] for optimizer in optimizers]
            assert rates[1] == pytest.approx(2 * rates[0])
            for optimizer, schedule in zip(optimizers, schedules, strict=True):
                optimizer.step()
                schedule.step()


def test_a_loss_that_is_not_finite_ends_the_run_as_failed(splits, monkeypatch):
    monkeypatch.setattr("mnist_demo.training.loop.REPORT_INTERVAL", 0.0)
    model = build_model("mlp-relu")
    steps = 0

    def explode(module, _, logits):
        nonlocal steps
        steps += module.training
        return logits * (float("inf") if steps > 10 else 1)

    model.register_forward_hook(explode)
    events = list(without_evaluation(train(model, *splits, configure("mlp-relu"))))
    assert isinstance(events[-1], Ended)
    assert events[-1].reason == "failed"
    assert "learning rate is too high" in events[-1].message
    assert [event.event for event in events[:-1]] == ["started", "epoch", *["batch"] * 10]


def test_evaluating_is_counting(splits):
    model = build_model("cnn", 1)
    test = splits[1]
    with torch.no_grad():
        digits = model(torch.from_numpy(test.images).unsqueeze(1) / 255).argmax(1).numpy()
    assert evaluate(model, test).accuracy == pytest.approx((digits == test.labels).mean())


def test_an_empty_split_is_refused():
    empty = Split(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8))
    with pytest.raises(SettingsError, match="no images"):
        evaluate(build_model("cnn"), empty)


@pytest.fixture
def few_drawings(monkeypatch):
    monkeypatch.setattr("mnist_demo.training.training_set.DRAWINGS", 40)


class TestDigitNet:
    """The recipe with all that the tutorials' do without: held-out images, drawings, a schedule, calibration."""

    def config(self, **changes):
        return configure("digitnet", **{"epochs": 1, "validation_size": 1500, **changes})

    def test_it_learns_from_what_is_not_held_out_and_from_drawings(self, splits, few_drawings):
        _, events = run(splits, self.config())
        assert events[0].train_size == 2000 - 1500 + 40
        reports = [event for event in events if isinstance(event, BatchReport)]
        assert reports[-1].examples_seen == 540
        assert isinstance(events[-1], Ended)

    def test_the_held_out_images_set_temperature_and_threshold(self, splits, few_drawings):
        model, _ = run(splits, self.config(epochs=2, learning_rate=0.02, batch_size=32))
        held_out = torch.from_numpy(splits[0].images[500:]).unsqueeze(1) / 255
        labels = torch.from_numpy(splits[0].labels[500:]).long()
        with torch.inference_mode():
            logits = model.eval()(held_out)
        refused = (legibility(logits) < model.threshold).float().mean()
        assert refused.item() == pytest.approx(0.002, abs=0.001)
        assert model.temperature != 1
        assert fit_temperature(logits, labels) == pytest.approx(1, rel=0.01)  # nothing is left to mend

    def test_a_seed_gives_the_same_numbers_again(self, splits, few_drawings):
        first, again = (numbers(run(splits, self.config())[1]) for _ in range(2))
        assert first == again

    def test_it_goes_on_after_an_epoch_as_if_nothing_had_been(self, splits, few_drawings):
        config = self.config(epochs=2)
        _, whole = run(splits, config)
        first = Training(build_model(config.model, config.seed), *splits, config)
        state = next(copy.deepcopy(first.state()) for event in first.events() if numbers([event]) and event.epoch == 1)
        second = Training(build_model(config.model), *splits, config)
        second.restore(state)
        drawn = []
        begin = second._stopwatch.start
        second._stopwatch.start = lambda: drawn.append(second._training_set._made) or begin()
        assert numbers(second.events()) == numbers(whole)[2:]
        assert drawn[0] == 500 + 40  # no time of training is taken for the drawings that the first run had made

    def test_a_split_that_is_held_out_whole_is_refused(self, splits):
        with pytest.raises(SettingsError, match="expected more than the 2,000 held out, found 2,000 images"):
            run(splits, self.config(validation_size=2000))

    def test_the_learning_rate_rises_and_falls_to_nothing(self):
        config = self.config()
        model = build_model("mlp-relu")
        optimizer = build_optimizer(model, config)
        schedule = build_schedule(optimizer, config, steps=100)
        rates = []
        for _ in range(100):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        assert rates[0] == pytest.approx(0.01)
        assert max(rates) == pytest.approx(0.1, rel=0.01)
        assert 10 < np.argmax(rates) < 20
        assert rates[-1] < 1e-3


class TestSurroundings:
    """What the caller has set in PyTorch neither breaks a run nor changes its numbers."""

    @pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
    def test_a_mode_without_gradients(self, splits, mode):
        config = configure("mlp-relu", epochs=1)
        _, expected = run(splits, config)
        with mode():
            _, events = run(splits, config)
        assert accuracies(events) == accuracies(expected)

    def test_another_default_type(self, splits):
        config = configure("fast", epochs=1)
        _, expected = run(splits, config)
        torch.set_default_dtype(torch.float64)
        try:
            _, events = run(splits, config)
        finally:
            torch.set_default_dtype(torch.float32)
        assert accuracies(events) == accuracies(expected)

    def test_a_network_of_another_type_is_refused(self, splits):
        model = build_model("mlp-relu").double()
        expected = r"the network: expected weights of torch.float32, found layers.1.weight of torch.float64"
        with pytest.raises(SettingsError, match=expected):
            list(train(model, *splits, configure("mlp-relu")))
        with pytest.raises(SettingsError, match=expected):
            evaluate(model, splits[1])


def accuracies(events):
    return [event.test_accuracy for event in events if isinstance(event, EpochEnded)]
