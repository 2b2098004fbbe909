"""The last hidden layer of networks."""

import numpy as np
import pytest
import torch

from mnist_demo.data.batches import to_input
from mnist_demo.data.datasets import load_split
from mnist_demo.errors import ImageError
from mnist_demo.insight.last_hidden import find_last_linear, last_hidden
from mnist_demo.networks.checkpoints import WEIGHTS, load_checkpoint
from mnist_demo.networks.registry import MODELS


@pytest.fixture(scope="module")
def images():
    return load_split(train=False).images[:300]


@pytest.mark.parametrize("name", MODELS)
def test_the_scores_are_weighted_sums_of_it(images, name):
    model = load_checkpoint(WEIGHTS / f"{name}.safetensors").model
    with torch.inference_mode():
        logits = model.eval()(to_input(torch.from_numpy(images))).numpy()
    model.train()
    features = last_hidden(model, images)
    assert model.training
    layer = find_last_linear(model)
    scores = features @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()
    temperature = float(model.temperature) if name == "digitnet" else 1
    np.testing.assert_allclose(scores / temperature, logits, atol=1e-3)


def test_of_a_perceptron_by_hand(images):
    model = load_checkpoint(WEIGHTS / "mlp-relu.safetensors").model
    weights, bias = (tensor.detach().numpy() for tensor in model.layers[1].parameters())
    expected = (images.reshape(300, 784) / 255 @ weights.T + bias).clip(0)
    np.testing.assert_allclose(last_hidden(model, images), expected, atol=1e-4)


def test_what_is_no_picture_is_told(images):
    model = load_checkpoint(WEIGHTS / "mlp-relu.safetensors").model
    for wrong in (images[0], images.astype(np.float32), images[:0]):
        with pytest.raises(ImageError, match=r"expected \(N, 28, 28\) uint8, found"):
            last_hidden(model, wrong)
