import itertools
import math
import time

import numpy as np
import pytest
import torch

from mnist_demo.calibration import fit_temperature, legibility
from mnist_demo.datasets import Split, load_split
from mnist_demo.errors import SettingsError
from mnist_demo.events import BatchReport, Ended, EpochEnded, Started
from mnist_demo.models import build_model
from mnist_demo.optimisation import build_optimizer, build_schedule
from mnist_demo.recipes import configure
from mnist_demo.training import evaluate, train


@pytest.fixture(scope="module")
def splits():
    """2,000 training and 500 test samples of MNIST."""
    train_split, test_split = load_split(train=True), load_split(train=False)
    return Split(train_split.images[:2000], train_split.labels[:2000]), Split(
        test_split.images[:500], test_split.labels[:500]
    )


def run(splits, config, **options):
    model = build_model(config.model, config.seed)
    return model, list(train(model, *splits, config, **options))


@pytest.mark.parametrize("recipe", ["mlp-relu", "mlp-sigmoid", "cnn"])
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
    monkeypatch.setattr("mnist_demo.training.REPORT_INTERVAL", 0.0)
    _, events = run(splits, configure("mlp-relu", epochs=2, batch_size=300))
    reports = [event for event in events if isinstance(event, BatchReport)]
    assert [event.examples_seen for event in reports] == [
        *(300, 600, 900, 1200, 1500, 1800, 2000),
        *(2300, 2600, 2900, 3200, 3500, 3800, 4000),
    ]
    assert [event.epoch for event in reports] == [1] * 7 + [2] * 7
    assert all(event.examples_per_second > 0 for event in reports)


def test_the_loss_of_an_epoch_is_the_mean_over_its_examples(splits, monkeypatch):
    monkeypatch.setattr("mnist_demo.training.REPORT_INTERVAL", 0.0)
    _, events = run(splits, configure("mlp-relu", epochs=1, batch_size=300))
    losses = [event.train_loss for event in events if isinstance(event, BatchReport)]
    (epoch,) = (event for event in events if isinstance(event, EpochEnded) and event.epoch == 1)
    assert epoch.train_loss == pytest.approx(np.average(losses, weights=[300] * 6 + [200]))


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


def test_a_large_batch_in_several_passes_takes_the_same_step(splits, monkeypatch):
    config = configure("mlp-relu", epochs=1, batch_size=1000)
    in_parts, _ = run(splits, config)
    monkeypatch.setattr("mnist_demo.training.MAX_FORWARD", 1000)
    in_one, _ = run(splits, config)
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


@pytest.mark.parametrize("batch_size", [8, 2000])
def test_a_run_stops_soon_when_asked_to(splits, batch_size):
    asked_at = None
    events = []

    def should_stop():
        return asked_at is not None

    for event in train(build_model("cnn"), *splits, configure("cnn", epochs=50, batch_size=batch_size), should_stop):
        events.append(event)
        if isinstance(event, BatchReport) and asked_at is None:
            asked_at = time.perf_counter()
    # The requirement is 0.2 s; a busy test machine gets more time, a whole epoch takes longer still.
    assert time.perf_counter() - asked_at < 1
    assert events[-1] == Ended("stopped", "The run was stopped.", None, None, None)
    assert isinstance(events[-2], BatchReport)


def test_a_run_can_be_stopped_before_it_has_begun(splits):
    _, events = run(splits, configure("cnn"), should_stop=lambda: True)
    assert [event.event for event in events] == ["started", "ended"]


def test_a_loss_that_is_not_finite_ends_the_run_as_failed(splits, monkeypatch):
    monkeypatch.setattr("mnist_demo.training.REPORT_INTERVAL", 0.0)
    model = build_model("mlp-relu")
    steps = 0

    def explode(module, _, logits):
        nonlocal steps
        steps += module.training
        return logits * (float("inf") if steps > 10 else 1)

    model.register_forward_hook(explode)
    events = list(train(model, *splits, configure("mlp-relu")))
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
    monkeypatch.setattr("mnist_demo.training.DRAWINGS", 40)


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

    def test_it_can_be_stopped_while_it_draws(self, splits):
        asked = itertools.count()
        _, events = run(splits, self.config(), should_stop=lambda: next(asked) > 20)  # 8 batches are evaluated first
        assert events[-1].reason == "stopped"
        assert next(asked) < 25  # not asked once for each of 16,000 drawings

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
