from dataclasses import astuple, replace

import pytest

from mnist_demo.errors import SettingsError
from mnist_demo.training.recipes import RECIPES, configure


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("mlp-relu", ("mlp-relu", "mlp-relu", "adam", 1e-3, 0.9, 64, 3)),
        ("mlp-sigmoid", ("mlp-sigmoid", "mlp-sigmoid", "sgd", 0.2, 0.9, 50, 25)),
        ("cnn", ("cnn", "cnn", "adam", 1e-3, 0.9, 8, 2)),
    ],
)
def test_a_recipe_holds_its_tutorials_settings(name, settings):
    assert astuple(RECIPES[name])[:7] == settings


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("epochs", 0, "epochs: expected a whole number from 1 to 1,000, found 0"),
        ("epochs", 1.5, "epochs: expected a whole number from 1 to 1,000, found 1.5"),
        ("epochs", True, "epochs: .* found True"),
        ("batch_size", 0, "batch_size: expected a whole number from 1 to 10,000, found 0"),
        ("batch_size", 70_000, "batch_size: expected a whole number from 1 to 10,000, found 70,000"),
        ("learning_rate", 0, "learning_rate: expected above 0 and at most 10, found 0"),
        ("learning_rate", 1e9, r"learning_rate: expected above 0 and at most 10, found 1e\+09"),
        ("learning_rate", float("nan"), "learning_rate: expected a number, found nan"),
        ("learning_rate", 10**400, "learning_rate: expected a number, found 1000"),
        ("learning_rate", "fast", "learning_rate: expected a number, found 'fast'"),
        ("momentum", 1, "momentum: expected 0 to less than 1, found 1"),
        ("seed", -1, "seed: expected a whole number from 0 to 4,294,967,295, found -1"),
        ("seed", "abc", "seed: expected a whole number from 0 to 4,294,967,295, found 'abc'"),
        ("seed", float("inf"), "seed: .* found inf"),
        ("device", "tpu", "device: expected one of auto, cpu, cuda, mps or cuda:N, found 'tpu'"),
        ("model", "best", "model: expected one of mlp-relu, mlp-sigmoid, cnn, fastnet, digitnet, found 'best'"),
        ("schedule", "cosine", "schedule: expected one of constant, one-cycle, found 'cosine'"),
        ("augmentation", True, "augmentation: expected one of none, drawing, found True"),
        ("weight_decay", 2, "weight_decay: expected 0 to 1, found 2"),
        ("validation_size", -1, "validation_size: expected a whole number from 0 to 30,000, found -1"),
        ("optimizer", ["adam"], "optimizer: expected one of adam, sgd"),
    ],
)
def test_a_setting_out_of_range_is_refused_with_what_is_allowed(setting, value, message):
    with pytest.raises(SettingsError, match=message):
        replace(RECIPES["mlp-relu"], **{setting: value})


def test_an_unknown_recipe_is_refused_with_the_list_of_what_there_is():
    with pytest.raises(
        SettingsError, match="recipe: expected one of mlp-relu, mlp-sigmoid, cnn, fast, digitnet, found 'slow'"
    ):
        configure("slow")


def test_what_is_left_out_stays_as_the_recipe_says():
    config = configure("cnn", epochs=7, batch_size=None)
    assert (config.epochs, config.batch_size) == (7, 8)


def test_a_whole_number_may_arrive_as_a_float_as_web_pages_send_it():
    config = configure("cnn", epochs=3.0)
    assert config.epochs == 3
    assert isinstance(config.epochs, int)


def test_an_unknown_recipe_is_refused_with_those_that_there_are():
    expected = "recipe: expected one of mlp-relu, mlp-sigmoid, cnn, fast, digitnet, found 'best'"
    with pytest.raises(SettingsError, match=expected):
        configure("best")
