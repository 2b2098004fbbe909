"""The smallest change that fools a network."""

import numpy as np
import pytest
import torch
from torch import nn

from mnist_demo.data.datasets import load_split
from mnist_demo.errors import ImageError, SettingsError
from mnist_demo.insight.adversary import HALVINGS, LARGEST, fool
from mnist_demo.networks.checkpoints import WEIGHTS, load_checkpoint

PRECISION = LARGEST / 2**HALVINGS


@pytest.fixture
def linear():
    """A network of weighted pixels, so that the smallest change is known: the lead divided by the sum of weights."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def test_that_of_a_linear_network_is_known(linear):
    image = np.full((28, 28), 128, np.uint8)  # far from black and white, where a change would be cut off
    weights = linear[1].weight.detach().numpy().astype(np.float64)
    with torch.inference_mode():
        logits = linear(torch.full((1, 1, 28, 28), 128 / 255))[0].double().numpy()
    digit = int(logits.argmax())
    others = [other for other in range(10) if other != digit]
    smallest = min((logits[digit] - logits[other]) / abs(weights[digit] - weights[other]).sum() for other in others)
    found = fool(linear, image, digit)
    # The step follows the likeliest other digit, which need not be the nearest one.
    assert smallest <= found.size + 1e-6
    runner_up = max(others, key=lambda other: logits[other])
    ours = (logits[digit] - logits[runner_up]) / abs(weights[digit] - weights[runner_up]).sum()
    assert found.size <= ours + PRECISION
    assert found.digit != digit
    assert abs(found.change).max() == pytest.approx(found.size, abs=1e-6)


@pytest.mark.parametrize("name", ["mlp-relu", "cnn"])
def test_a_trained_network_is_fooled_within_the_size(name):
    split = load_split(train=False)
    model = load_checkpoint(WEIGHTS / f"{name}.safetensors").model
    found = fool(model, split.images[0], int(split.labels[0]))
    assert 0 < found.size < 0.3
    assert abs(found.change).max() <= found.size + 1e-6
    assert found.picture.min() >= 0
    assert found.picture.max() <= 1
    with torch.inference_mode():
        assert int(model(torch.from_numpy(found.picture)[None, None]).argmax()) == found.digit != split.labels[0]


def test_a_mistake_needs_no_change(linear):
    with torch.inference_mode():
        digit = int(linear(torch.zeros(1, 1, 28, 28)).argmax())
    found = fool(linear, np.zeros((28, 28), np.uint8), (digit + 1) % 10)
    assert (found.size, found.digit, abs(found.change).max()) == (0, digit, 0)


def test_who_cannot_be_fooled_is_not(linear):
    nn.init.zeros_(linear[1].weight)
    nn.init.zeros_(linear[1].bias)
    linear[1].bias.data[3] = 1
    assert fool(linear, np.zeros((28, 28), np.uint8), 3) is None


def test_what_is_wrong_is_told(linear):
    with pytest.raises(ImageError, match=r"expected \(28, 28\) uint8"):
        fool(linear, np.zeros((1, 28, 28), np.uint8), 3)
    with pytest.raises(SettingsError, match="digit: expected a whole number from 0 to 9, found 10"):
        fool(linear, np.zeros((28, 28), np.uint8), 10)
