"""What layers make of a picture, against convolutions done by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from mnist_demo.data.datasets import load_split
from mnist_demo.errors import ImageError, NotFoundError, SettingsError
from mnist_demo.insight.layer_maps import explain_pixel, layer_maps
from mnist_demo.networks.checkpoints import WEIGHTS, load_checkpoint
from mnist_demo.networks.registry import MODELS


@pytest.fixture(scope="module")
def seven():
    return load_split(train=False).images[0]


def test_a_convolution_done_by_hand(seven):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True))
    convolution, relu = layer_maps(model, seven)
    ink, weights = seven / 255, model[0].weight.detach().numpy()
    expected = np.array(
        [
            [
                [(ink[row : row + 3, column : column + 3] * kernel[0]).sum() + bias for column in range(26)]
                for row in range(26)
            ]
            for kernel, bias in zip(weights, model[0].bias.detach().numpy(), strict=True)
        ]
    )
    assert (convolution.path, convolution.name) == ("0", "Conv 3x3, 1 → 2")
    np.testing.assert_allclose(convolution.maps, expected, atol=1e-5)
    np.testing.assert_allclose(relu.maps, expected.clip(0), atol=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_every_network_shows_its_layers_from_pixels_to_logits(seven, name):
    model = load_checkpoint(WEIGHTS / f"{name}.safetensors").model
    maps = layer_maps(model, seven)
    assert maps[-1].maps.shape == (10, 1, 1)
    assert maps[-1].maps.argmax() == 7
    assert all(np.isfinite(layer.maps).all() for layer in maps)


@pytest.mark.parametrize(("path", "place"), [("features.0", (3, 5, 20)), ("features.3", (31, 7, 0))])
def test_one_pixel_number_by_number(seven, path, place):
    model = load_checkpoint(WEIGHTS / "cnn.safetensors").model
    maps = {layer.path: layer.maps for layer in layer_maps(model, seven)}
    explained = explain_pixel(model, seven, path, *place)
    assert explained.output == pytest.approx(maps[path][place], abs=1e-5)
    total = (explained.inputs * explained.weights).sum() + explained.bias
    assert total == pytest.approx(explained.output, abs=1e-5)


def test_outside_of_the_picture_is_0(seven):
    model = load_checkpoint(WEIGHTS / "digitnet.safetensors").model
    path = next(name for name, module in model.named_modules() if isinstance(module, nn.Conv2d))
    explained = explain_pixel(model, np.full_like(seven, 255), path, 0, 0, 0)
    assert explained.inputs[0].tolist() == [[0, 0, 0], [0, 1, 1], [0, 1, 1]]


def test_what_is_wrong_is_told(seven):
    model = load_checkpoint(WEIGHTS / "cnn.safetensors").model
    with pytest.raises(NotFoundError, match=r"there is no convolution 'classifier\.1'"):
        explain_pixel(model, seven, "classifier.1", 0, 0, 0)
    with pytest.raises(SettingsError, match="row: expected a whole number from 0 to 23, found 24"):
        explain_pixel(model, seven, "features.0", 0, 24, 0)
    with pytest.raises(ImageError, match=r"expected \(28, 28\) uint8"):
        layer_maps(model, seven[np.newaxis])
