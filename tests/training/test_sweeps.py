import pytest

from mnist_demo.errors import SettingsError
from mnist_demo.training.sweeps import Result, Summary, Sweep, parse_values, summarize


class TestValues:
    @pytest.mark.parametrize(
        ("setting", "text", "values"),
        [
            ("learning_rate", "1e-4:1e-1:4", (0.0001, 0.001, 0.01, 0.1)),
            ("learning_rate", "0.1:1:3", (0.1, 0.316, 1.0)),
            ("momentum", "0:0.9:4", (0.0, 0.3, 0.6, 0.9)),
            ("batch_size", "8:128:5", (8, 16, 32, 64, 128)),
            ("epochs", "1:5:3", (1, 3, 5)),
            ("width", "4:6:9", (4, 5, 6)),  # whole numbers, each once
            ("epochs", "3", (3,)),
            ("learning_rate", "0.1, 0.01", (0.1, 0.01)),
        ],
    )
    def test_of_a_range_or_a_list(self, setting, text, values):
        assert parse_values(setting, text) == values

    @pytest.mark.parametrize(
        ("setting", "text", "message"),
        [
            ("learning_rate", "1e-4:1e-1", "learning_rate: expected LOW:HIGH:COUNT, or values between commas, found"),
            ("learning_rate", "0:1:3", "learning_rate: expected a lower end above 0, found 0"),
            ("momentum", "0.9:0:3", "momentum: expected the lower end first, found 0.9 to 0"),
            ("epochs", "1:5:1", "epochs: the number of values: expected a whole number from 2 to 200, found 1"),
            ("epochs", "1,two", "epochs: expected a number, found 'two'"),
            ("epochs", "1,", "epochs: expected a number, found ''"),
            ("momentum", "nan", "momentum: expected a number, found nan"),
            ("colour", "1", "setting: expected one of learning_rate, momentum"),
        ],
    )
    def test_what_is_neither_is_told(self, setting, text, message):
        with pytest.raises(SettingsError) as told:
            parse_values(setting, text)
        assert str(told.value).startswith(message)


class TestSweep:
    def test_every_value_has_every_seed_and_nothing_else_differs(self):
        sweep = Sweep("mlp-relu", "learning_rate", (0.01, 0.1), seeds=2, changes={"epochs": 1, "seed": 7})
        trials = list(sweep.trials())
        runs = [(trial.value, trial.config.learning_rate, trial.config.seed) for trial in trials]
        assert runs == [(0.01, 0.01, 7), (0.1, 0.1, 7), (0.01, 0.01, 8), (0.1, 0.1, 8)]
        assert {(trial.config.epochs, trial.config.batch_size) for trial in trials} == {(1, 64)}

    def test_a_width_is_that_of_every_layer_that_can_be_chosen(self):
        trials = Sweep("mlp-sigmoid", "width", (16, 32)).trials()
        assert [trial.config.sizes for trial in trials] == [(16, 16), (32, 32)]

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            (("mlp", "epochs", (1, 2)), "recipe: expected one of"),
            (("mlp-relu", "seed", (1, 2)), "setting: expected one of"),
            (("mlp-relu", "epochs", (1, 0)), "epochs: expected a whole number from 1 to 1,000, found 0"),
            (("mlp-relu", "epochs", (1, 1)), "epochs: expected each value once"),
            (("mlp-relu", "epochs", ()), "epochs: expected at least one value"),
            (("mlp-relu", "epochs", tuple(range(1, 102)), 2), "the sweep: expected at most 200 runs, found 202"),
            (("mlp-relu", "epochs", (1, 2), 0), "seeds: expected a whole number from 1 to 200, found 0"),
            (("fast", "width", (8, 16)), "width: the layers of fast cannot be chosen"),
            (("mlp-relu", "width", (8, 1_000)), "sizes: expected"),
        ],
    )
    def test_what_cannot_be_run_is_told_before_anything_is(self, settings, message):
        with pytest.raises(SettingsError, match=message):
            Sweep(*settings)


def test_runs_are_summed_up_by_value_without_those_that_failed():
    results = [Result(0.1, 0, 0.9, 0.9), Result(0.01, 0, 0.8, 0.85), Result(0.1, 1, 0.7, 0.9), Result(1, 0, None, None)]
    results.append(Result(0.1, 2, None, None))
    low, middle, high = summarize(results)
    assert low == Summary(0.01, 1, 0, 0.8, 0.8, 0.8)
    assert (middle.value, middle.finished, middle.failed) == (0.1, 2, 1)
    assert (middle.mean, middle.low, middle.high) == pytest.approx((0.8, 0.7, 0.9))
    assert high == Summary(1, 0, 1, None, None, None)
