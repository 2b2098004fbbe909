import pytest
import torch

from mnist_demo.errors import SettingsError
from mnist_demo.networks.describe import count_parameters
from mnist_demo.networks.registry import MODELS, build_model


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("mlp-relu", 784 * 50 + 50 + 50 * 10 + 10),
        ("mlp-sigmoid", 784 * 100 + 100 + 100 * 50 + 50 + 50 * 10 + 10),
        ("digitnet", 9 * (16 + 16 * 16 + 16 * 48 + 48 * 48 + 48 * 128 + 128 * 128) + 2 * (32 + 96 + 256) + 512 + 2570),
        ("cnn", 32 * 25 + 32 + 32 * 32 * 25 + 32 + 64 * 32 * 9 + 64 + 64 * 64 + 64 + 64 * 10 + 10),
    ],
)
def test_a_network_has_the_layers_that_its_name_stands_for(name, parameters):
    model = build_model(name)
    assert count_parameters(model) == parameters
    assert model(torch.rand(3, 1, 28, 28)).shape == (3, 10)


@pytest.mark.parametrize("name", MODELS)
def test_a_seed_decides_the_first_weights(name):
    first, same, other = (build_model(name, seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[key], same[key]) for key in first)
    assert not all(torch.equal(first[key], other[key]) for key in first)


def test_building_with_a_seed_leaves_the_global_generator_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    build_model("mlp-relu", 1)
    assert torch.equal(torch.rand(1), expected)


def test_an_unknown_network_is_refused_with_the_list_of_what_there_is():
    with pytest.raises(SettingsError, match="'lenet', only mlp-relu, mlp-sigmoid, cnn, fastnet, digitnet"):
        build_model("lenet")
