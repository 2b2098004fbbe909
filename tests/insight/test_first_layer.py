import numpy as np
import pytest
import torch
from torch import nn

from mnist_demo.errors import SettingsError
from mnist_demo.insight.first_layer import first_layer_pictures
from mnist_demo.networks.registry import build_model


@pytest.mark.parametrize(
    ("name", "shape"),
    [("mlp-relu", (50, 28, 28)), ("mlp-sigmoid", (100, 28, 28)), ("cnn", (32, 5, 5)), ("digitnet", (16, 3, 3))],
)
def test_every_network_shows_its_first_layer(name, shape):
    pictures = first_layer_pictures(build_model(name))
    assert pictures.shape == shape
    assert pictures.dtype == np.uint8


def test_the_weights_of_each_unit_are_scaled_by_their_largest_magnitude():
    convolution = nn.Conv2d(1, 3, 2)
    weights = [[[0.5, 0], [-0.25, 0.25]], [[-8, 4], [0, 0]], [[0, 0], [0, 0]]]
    convolution.weight.data = torch.tensor(weights).unsqueeze(1)
    assert first_layer_pictures(nn.Sequential(nn.Sequential(convolution))).tolist() == [
        [[255, 128], [64, 192]],
        [[1, 192], [128, 128]],
        [[128, 128], [128, 128]],
    ]


def test_a_unit_of_a_linear_layer_is_a_picture_row_by_row():
    linear = nn.Linear(784, 1)
    linear.weight.data = torch.zeros(1, 784)
    linear.weight.data[0, 28 + 3] = 1
    (picture,) = first_layer_pictures(linear)
    assert np.argwhere(picture == 255).tolist() == [[1, 3]]


def test_a_wide_layer_shows_128_units():
    assert first_layer_pictures(build_model("mlp-relu", sizes=(512,))).shape == (128, 28, 28)


def test_a_network_that_looks_at_no_pixels_is_refused():
    with pytest.raises(SettingsError, match="Sequential has no layer whose inputs are the pixels"):
        first_layer_pictures(nn.Sequential(nn.Linear(10, 10), nn.Conv2d(3, 8, 3)))
