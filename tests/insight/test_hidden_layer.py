import numpy as np
import pytest
import torch
from torch import nn

from mnist_demo.errors import NotFoundError
from mnist_demo.insight.hidden_layer import hidden_outputs
from mnist_demo.networks.registry import MODELS, build_model


@pytest.mark.parametrize("name", MODELS)
def test_the_last_layer_makes_the_logits_of_them(name):
    model = build_model(name).eval()
    images = np.random.default_rng(0).integers(256, size=(70, 28, 28), dtype=np.uint8)
    outputs = hidden_outputs(model, images)
    last = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
    with torch.no_grad():
        logits = model(torch.from_numpy(images).unsqueeze(1) / 255)
        np.testing.assert_allclose(last(torch.from_numpy(outputs)), logits, rtol=1e-4, atol=1e-4)


def test_a_network_that_is_training_goes_on_training():
    model = build_model("fastnet").train()
    hidden_outputs(model, np.zeros((2, 28, 28), np.uint8))
    assert model.training


def test_a_network_without_such_a_layer():
    with pytest.raises(NotFoundError, match="no fully connected layer"):
        hidden_outputs(nn.Sequential(nn.Conv2d(1, 1, 3)), np.zeros((1, 28, 28), np.uint8))
