import math

import pytest
import torch

from mnist_demo.errors import CheckpointError, SettingsError
from mnist_demo.networks.checkpoints import load_checkpoint, save_checkpoint
from mnist_demo.networks.registry import MODELS, SPECS, build_model, check_sizes
from mnist_demo.training.recipes import configure

PERCEPTRON = "sizes: expected 1 to 4 numbers of hidden units, each from 4 to 512, found"
CONVOLUTIONS = "sizes: expected 3 numbers of channels, each from 4 to 128, found"

SIZED = [spec.name for spec in SPECS.values() if spec.sizes]


def shapes(model):
    return {name: tensor.shape for name, tensor in model.state_dict().items()}


@pytest.mark.parametrize("name", SIZED)
def test_the_sizes_that_are_offered_first_are_the_networks_own(name):
    assert shapes(MODELS[name](sizes=SPECS[name].sizes.default)) == shapes(MODELS[name]())
    assert check_sizes(name, SPECS[name].sizes.default) == check_sizes(name, ()) == ()


@pytest.mark.parametrize("name", SIZED)
def test_the_smallest_and_the_largest_networks_that_can_be_chosen_work(name):
    bounds = SPECS[name].sizes
    for sizes in ((bounds.smallest,) * bounds.fewest, (bounds.largest,) * bounds.most):
        model = build_model(name, sizes=check_sizes(name, sizes))
        assert model(torch.rand(2, 1, 28, 28)).shape == (2, 10)


def test_sizes_are_those_of_the_layers_from_the_picture_on():
    weights = [shape for name, shape in shapes(build_model("mlp-relu", sizes=(20, 30))).items() if "weight" in name]
    assert weights == [(20, 784), (30, 20), (10, 30)]


def test_a_page_or_a_file_knows_no_integers_and_no_tuples():
    assert check_sizes("mlp-relu", [20.0, 30]) == (20, 30)


@pytest.mark.parametrize(
    ("name", "sizes", "message"),
    [
        ("mlp-relu", (3,), f"{PERCEPTRON} 3"),
        ("mlp-relu", (513,), f"{PERCEPTRON} 513"),
        ("mlp-relu", (20.5,), f"{PERCEPTRON} 20.5"),
        ("mlp-relu", (-20,), f"{PERCEPTRON} -20"),
        ("mlp-relu", (math.nan,), f"{PERCEPTRON} nan"),
        ("mlp-relu", (math.inf,), f"{PERCEPTRON} inf"),
        ("mlp-relu", (10**400,), PERCEPTRON),
        ("mlp-relu", (True,), f"{PERCEPTRON} "),
        ("mlp-sigmoid", (20,) * 5, f"{PERCEPTRON} 5"),
        ("cnn", (8, 8), f"{CONVOLUTIONS} 2"),
        ("cnn", (8, 8, 129), f"{CONVOLUTIONS} 129"),
        ("cnn", 8, f"{CONVOLUTIONS} 8"),
        ("cnn", "8, 8, 8", f"{CONVOLUTIONS} '8, 8, 8'"),
        ("cnn", ["8", "8", "8"], f"{CONVOLUTIONS} ['8', '8', '8']"),
        (
            "digitnet",
            (8,),
            "sizes: those of digitnet are fixed, only mlp-relu, mlp-sigmoid, cnn have configurable sizes",
        ),
    ],
)
def test_sizes_that_cannot_be_had_are_refused_with_what_can(name, sizes, message):
    with pytest.raises(SettingsError) as refusal:
        check_sizes(name, sizes)
    assert str(refusal.value).startswith(message)


def test_a_network_of_other_sizes_comes_back_from_its_file(tmp_path):
    config = configure("cnn", sizes=(8, 12, 16))
    model = build_model("cnn", seed=1, sizes=config.sizes)
    save_checkpoint(tmp_path / "net.safetensors", model, config.metadata(None))
    loaded = load_checkpoint(tmp_path / "net.safetensors", "cnn").model.state_dict()
    assert all(torch.equal(tensor, loaded[name]) for name, tensor in model.state_dict().items())


def test_a_file_whose_sizes_nobody_can_have_is_refused(tmp_path):
    path = tmp_path / "net.safetensors"
    save_checkpoint(path, build_model("cnn", sizes=(8, 12, 16)), configure("cnn", sizes=(8, 12, 16)).metadata(None))
    path.write_bytes(path.read_bytes().replace(b'"8 12 16"', b'"8 12 xx"'))
    with pytest.raises(CheckpointError, match="invalid layer sizes"):
        load_checkpoint(path)
