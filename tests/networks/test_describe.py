import pytest
import torch

from mnist_demo.networks.describe import Layer, count_parameters, describe_layers
from mnist_demo.networks.registry import MODELS, build_model


def test_a_perceptron_is_its_linear_layers_and_what_stands_between():
    assert describe_layers(build_model("mlp-relu")) == [
        Layer("Flatten", (784,), 0, 0),
        Layer("Linear 784 → 50", (50,), 784 * 50 + 50, 784 * 50),
        Layer("ReLU", (50,), 0, 0),
        Layer("Linear 50 → 10", (10,), 50 * 10 + 10, 50 * 10),
    ]


def test_shapes_shrink_on_the_way_through_a_convolutional_network():
    assert describe_layers(build_model("cnn", sizes=(4, 8, 16)))[:5] == [
        Layer("Conv 5x5, 1 → 4", (4, 24, 24), 25 * 4 + 4, 25 * 4 * 24 * 24),
        Layer("Max pool 2x2", (4, 12, 12), 0, 0),
        Layer("ReLU", (4, 12, 12), 0, 0),
        Layer("Conv 5x5, 4 → 8", (8, 8, 8), 25 * 4 * 8 + 8, 25 * 4 * 8 * 8 * 8),
        Layer("Max pool 2x2", (8, 4, 4), 0, 0),
    ]


def test_a_residual_block_stands_behind_its_parts():
    layers = describe_layers(build_model("digitnet"))
    names = [layer.name for layer in layers]
    at = names.index("Residual")
    assert names[at - 3 : at] == ["Conv 3x3, 48 → 48", "Batch norm", "ReLU"]
    assert layers[at] == Layer("Residual", (48, 14, 14), 0, 0)


@pytest.mark.parametrize("name", MODELS)
def test_no_parameter_is_forgotten_or_counted_twice(name):
    model = build_model(name)
    layers = describe_layers(model)
    assert sum(layer.parameters for layer in layers) == count_parameters(model)
    assert layers[-1].output == (10,)


@pytest.mark.parametrize("training", [True, False])
def test_the_network_stays_as_it_was(training):
    model = build_model("digitnet", seed=0).train(training)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    assert describe_layers(model) == describe_layers(model)  # a hook that stayed would describe into the first list
    assert all(module.training == training for module in model.modules())
    assert not any(module._forward_hooks for module in model.modules())
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
