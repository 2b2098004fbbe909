"""How accurate networks stay on damaged pictures: a toy network on pictures made by hand, where the answer is known."""

import numpy as np
import pytest
import torch
from torch import nn

from mnist_demo import Predictor, Split, evaluate, load_split
from mnist_demo.errors import SettingsError
from mnist_demo.insight.corruptions import CORRUPTIONS
from mnist_demo.insight.damage import DAMAGES
from mnist_demo.insight.robustness import list_strengths, measure_robustness


@pytest.fixture
def bars():
    """An upright bar left of the middle, labelled 0, and one right of it, labelled 1."""
    images = np.zeros((2, 28, 28), np.uint8)
    images[0, 6:22, 10] = images[1, 6:22, 17] = 255
    return Split(images, np.array([0, 1], np.uint8))


@pytest.fixture
def sides():
    """A network that says on which side there is more ink: 0 is left, 1 is right."""
    linear = nn.Linear(784, 10, bias=False)
    weights = torch.zeros(10, 28, 28)
    weights[0, :, :14] = weights[1, :, 14:] = 1
    linear.weight.data = weights.reshape(10, 784)
    return nn.Sequential(nn.Flatten(), linear)


def test_a_shift_moves_one_of_two_bars_to_the_wrong_side(bars, sides):
    shift = measure_robustness(bars, {"sides": sides}).curves["shift"]
    assert shift.strengths == [-10, -8, -6, -4, -2, 0, 2, 4, 6, 8, 10]
    assert shift.accuracies == {"sides": [0.5, 0.5, 0.5, 0.5, 1, 1, 1, 0.5, 0.5, 0.5, 0.5]}


def test_half_a_turn_less_than_a_quarter_keeps_the_sides_and_inverted_edges_do(bars, sides):
    found = measure_robustness(bars, {"sides": sides})
    assert dict(zip(found.curves["rotate"].strengths, found.curves["rotate"].accuracies["sides"], strict=True))[54] == 1
    assert found.corruptions["stripe"] == {"sides": 1}


def test_everything_is_measured_and_each_time_the_same(tiny_split, sides):
    steps = []
    found = measure_robustness(tiny_split, {"sides": sides}, steps.append)
    assert found.curves.keys() == DAMAGES.keys()
    assert found.corruptions.keys() == CORRUPTIONS.keys()
    assert all(len(curve.strengths) == len(curve.accuracies["sides"]) == 11 for curve in found.curves.values())
    assert len(steps) == 1 + 10 * len(DAMAGES) + len(CORRUPTIONS)
    assert steps[:2] == ["as it is", "rotate: -90 degrees"]
    assert measure_robustness(tiny_split, {"sides": sides}) == found


def test_without_strength_it_is_what_evaluate_says_to_the_last_digit():
    split = load_split(train=False)
    split = Split(split.images[:300], split.labels[:300])
    networks = {name: Predictor.load(name).copy_network() for name in ("mlp-relu", "cnn")}
    found = measure_robustness(split, networks)
    for name, network in networks.items():
        assert found.clean[name] == evaluate(network, split).accuracy
        for kind, curve in found.curves.items():
            assert curve.accuracies[name][curve.strengths.index(DAMAGES[kind].none)] == found.clean[name]
            assert min(curve.accuracies[name]) < found.clean[name]


@pytest.mark.parametrize("name", DAMAGES)
def test_the_strengths_reach_from_end_to_end(name):
    kind = DAMAGES[name]
    strengths = list_strengths(kind)
    assert (len(strengths), strengths[0], strengths[-1]) == (11, kind.low, kind.high)
    assert kind.none in strengths
    assert (np.diff(strengths) > 0).all()


def test_an_empty_split_is_told(bars, sides):
    with pytest.raises(SettingsError, match="the split has no images"):
        measure_robustness(Split(bars.images[:0], bars.labels[:0]), {"sides": sides})
