"""The samples on which units fire most."""

import numpy as np
import pytest
import torch
from torch import nn

from mnist_demo.data.datasets import load_split
from mnist_demo.insight import strongest
from mnist_demo.insight.layer_maps import layer_maps
from mnist_demo.insight.receptive_fields import receptive_fields
from mnist_demo.insight.strongest import COUNT, Strongest, list_units
from mnist_demo.networks.checkpoints import WEIGHTS, load_checkpoint
from mnist_demo.networks.registry import MODELS
from mnist_demo.reading.predictor import Predictor


@pytest.fixture(scope="module")
def images():
    return load_split(train=False).images[:130]


def find(model, images, *counts):
    """Return the table, from images that are added some at a time."""
    found = Strongest(model)
    for part in np.split(images, np.cumsum(counts)):
        found.add(part)
    return found.table


@pytest.mark.parametrize("name", MODELS)
def test_they_are_those_of_a_search_through_all(images, name, monkeypatch):
    monkeypatch.setattr(strongest, "PASS", 40)
    model = load_checkpoint(WEIGHTS / f"{name}.safetensors").model
    table = find(model, images, 7, 60)
    maps = [layer_maps(model, image) for image in images]
    units = list_units(model)
    assert list(units) == [layer.path for layer in maps[0]]
    for number, (path, layer) in enumerate(units.items()):
        outputs = np.stack([each[number].maps for each in maps])  # (N, C, H, W)
        assert outputs.shape[1::2] == (layer.channels, layer.width), path
        highest = outputs.max(axis=(2, 3))
        expected = -np.sort(-highest, axis=0)[:COUNT].T
        rows = table[layer.first : layer.first + layer.channels]
        np.testing.assert_allclose(rows["value"], expected, atol=1e-4, err_msg=path)
        for channel, row in enumerate(rows):
            fired = outputs[row["index"], channel, row["place"] // layer.width, row["place"] % layer.width]
            np.testing.assert_allclose(fired, row["value"], atol=1e-4, err_msg=path)
    assert sum(layer.channels for layer in units.values()) == len(table)


def test_a_unit_that_knows_a_picture_fires_on_it_and_a_channel_where_a_corner_is(images):
    model = nn.Sequential(nn.Conv2d(1, 1, 3), nn.Flatten(), nn.Linear(26 * 26, 1))
    with torch.no_grad():
        model[0].weight.zero_()
        model[0].bias.zero_()
        model[0].weight[0, 0, 0, 0] = 1  # the pixel above and to the left
        known = images[77, :26, :26].astype(np.float32).ravel() / 255
        model[2].weight.copy_(torch.from_numpy(known - known.mean()))
    pictures = np.zeros((20, 28, 28), np.uint8)
    pictures[11, 4, 19] = 200
    pictures[3, 8, 8] = 100
    (corner, _) = find(model, pictures, 5)
    assert corner["index"].tolist() == [11, 3, 0, 1, 2, 4, 5, 6, 7]  # of equally strong ones the first
    assert corner["place"][:2].tolist() == [4 * 26 + 19, 8 * 26 + 8]
    only = np.concatenate([np.zeros((60, 28, 28), np.uint8), images[77:78], np.full((5, 28, 28), 9, np.uint8)])
    (_, unit) = find(model, only)
    assert unit["index"][0] == 60


def test_fewer_samples_than_are_listed_and_a_network_that_has_diverged(images):
    model = load_checkpoint(WEIGHTS / "cnn.safetensors").model
    assert find(model, images[:4]).shape[1] == 4
    with torch.no_grad():
        model.features[0].weight.fill_(float("nan"))
    assert np.isfinite(find(model, images[:20])["value"]).all()


class TestReceptiveFields:
    def test_of_convolutions_and_pooling_by_hand(self):
        fields = receptive_fields(load_checkpoint(WEIGHTS / "cnn.safetensors").model)
        assert fields["features.0"].tolist() == [[row, row + 5] for row in range(24)]
        assert fields["features.1"].tolist() == [[2 * row, 2 * row + 6] for row in range(12)]
        assert fields["features.3"].tolist() == [[2 * row, 2 * row + 14] for row in range(8)]
        assert "classifier.1" not in fields

    @pytest.mark.parametrize("name", ["digitnet", "fastnet"])
    def test_what_lies_outside_changes_nothing_and_what_lies_inside_something(self, images, name):
        model = Predictor.load(name).copy_network()
        picture = np.full((28, 28), 120, np.uint8)
        before = {layer.path: layer.maps for layer in layer_maps(model, picture)}
        fields = receptive_fields(model)
        for path, rows in fields.items():
            row = len(rows) // 2
            first, after = rows[row]
            noise = np.random.default_rng(0).integers(256, size=(28, 28)).astype(np.uint8)
            outside = noise.copy()
            outside[first:after] = 120
            for changed, is_same in ((outside, True), (noise, False)):
                after_change = next(layer.maps for layer in layer_maps(model, changed) if layer.path == path)
                same = np.allclose(after_change[:, row], before[path][:, row], atol=1e-4)
                assert same == is_same, path
