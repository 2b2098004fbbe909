"""A look inside networks over HTTP."""

import base64

import numpy as np
import pytest
import torch
from waiting import wait_for

from mnist_demo.data.batches import to_input
from mnist_demo.data.datasets import load_split
from mnist_demo.insight.corruptions import corrupt
from mnist_demo.insight.damage import damage
from mnist_demo.insight.robustness import SEED
from mnist_demo.networks.checkpoints import WEIGHTS, load_checkpoint
from mnist_demo.serving.inside import list_corruptions, list_damages


@pytest.fixture(scope="module")
def seven():
    return load_split(train=False).images[0]


@pytest.fixture
def look(http, seven):
    """A function that asks a route about the picture of a 7."""

    def ask(route, network="mlp-relu", **values):
        pixels = base64.b64encode(seven.tobytes()).decode()
        return http.post(f"inside/{route}", json={"network": network, "pixels": pixels, **values})

    return ask


def decode(signed, *shape):
    levels = np.frombuffer(base64.b64decode(signed["levels"]), np.uint8).astype(float)
    return ((levels - 128) / 127 * signed["largest"]).reshape(shape)


def test_which_pixels_speak_for_the_guess_and_against_another_digit(look, seven):
    answer = look("saliency").json()
    assert (answer["digit"], answer["against"]) == (7, None)
    relevance = decode(answer["gradients"], 28, 28)
    assert relevance.sum() == pytest.approx(answer["total"], rel=0.05)
    assert (relevance[seven == 0] == 0).all()
    assert decode(answer["occlusion"], 28, 28).max() > 0
    against = look("saliency", digit=7, against=1).json()
    assert (against["digit"], against["against"]) == (7, 1)
    assert against["total"] != answer["total"]


def test_the_maps_of_every_layer(look, seven):
    layers = look("maps", "cnn").json()["layers"]
    assert [(layer["name"], layer["count"], layer["height"]) for layer in layers[:3]] == [
        ("Conv 5x5, 1 → 32", 32, 24),
        ("Max pool 2x2", 32, 12),
        ("ReLU", 32, 12),
    ]
    relu = decode(layers[2], 32, 12, 12)
    assert relu.min() >= -0.01
    assert relu.max() == pytest.approx(layers[2]["largest"], rel=0.01)


def test_of_a_wide_layer_the_first_maps(look):
    last_convolution = look("maps", "digitnet").json()["layers"][-3]
    assert last_convolution["count"] == 128
    assert len(base64.b64decode(last_convolution["levels"])) == 32 * 7 * 7


def test_the_arithmetic_of_one_number(look):
    answer = look("pixel", "cnn", path="features.0", place=[3, 10, 12]).json()
    products = np.array(answer["inputs"]) * np.array(answer["weights"])
    assert products.shape == (1, 5, 5)
    assert products.sum() + answer["bias"] == pytest.approx(answer["output"], abs=0.02)


def test_the_training_samples_on_which_a_unit_fires_most(http, small_mnist):
    train = load_split(small_mnist, train=True)
    model = load_checkpoint(WEIGHTS / "cnn.safetensors").model.eval()
    with torch.inference_mode():
        maps = model.features[:3](to_input(torch.from_numpy(train.images)))[:, 5].numpy()  # (N, 12, 12)
    strongest = np.argsort(-maps.max(axis=(1, 2)), kind="stable")[:9]
    answers = []

    def is_there():
        answers.append(
            http.post("inside/strongest", json={"network": "cnn", "path": "features.2", "channel": 5}).json()
        )
        return "samples" in answers[-1]

    wait_for(is_there)
    samples = answers[-1]["samples"]
    assert [each["index"] for each in samples] == strongest.tolist()
    assert [each["label"] for each in samples] == train.labels[strongest].tolist()
    assert [each["value"] for each in samples] == pytest.approx(maps[strongest].max(axis=(1, 2)), abs=0.01)
    row, column = np.unravel_index(maps[strongest[0]].argmax(), (12, 12))
    assert samples[0]["box"] == [2 * row, 2 * column, 6, 6]
    unit = http.post("inside/strongest", json={"network": "cnn", "path": "classifier.3", "channel": 7}).json()
    assert unit["samples"][0]["box"] is None
    for wrong, status in (({"path": "features.99"}, 404), ({"channel": 32}, 422), ({"channel": -1}, 422)):
        body = {"network": "cnn", "path": "features.2", "channel": 5, **wrong}
        assert http.post("inside/strongest", json=body).status_code == status
    assert [each["label"] for each in unit["samples"]] == [7] * 9


def test_a_damaged_picture_is_read(look, seven):
    answer = look("damage", name="rotate", strength=20).json()
    pixels = np.frombuffer(base64.b64decode(answer["reading"]["pixels"]), np.uint8).reshape(28, 28)
    np.testing.assert_array_equal(pixels, damage(seven[np.newaxis], "rotate", 20)[0])
    assert sum(answer["reading"]["probabilities"]) == pytest.approx(1, abs=0.01)


def test_every_damage_that_is_offered_works_at_both_ends(look):
    for kind in list_damages():
        for strength in (kind["low"], kind["high"]):
            assert look("damage", name=kind["name"], strength=strength).status_code == 200


def test_a_corrupted_picture_is_read(look, seven):
    answer = look("corruption", name="fog").json()
    pixels = np.frombuffer(base64.b64decode(answer["reading"]["pixels"]), np.uint8).reshape(28, 28)
    np.testing.assert_array_equal(pixels, corrupt(seven[np.newaxis], "fog", np.random.default_rng(SEED))[0])
    assert sum(answer["reading"]["probabilities"]) == pytest.approx(1, abs=0.01)


def test_every_corruption_that_is_offered_works(look):
    assert len(list_corruptions()) == 15
    for name in list_corruptions():
        assert look("corruption", name=name).status_code == 200


def test_the_smallest_change_that_fools_a_network_and_what_others_say(look, seven):
    answer = look("fool").json()
    assert 0 < answer["size"] < 0.3
    assert answer["digit"] != 7
    assert answer["others"]["mlp-relu"] == answer["digit"]
    assert set(answer["others"]) == {"digitnet", "mlp-relu", "mlp-sigmoid", "cnn", "fastnet"}
    change = decode(answer["change"], 28, 28)
    pixels = np.frombuffer(base64.b64decode(answer["pixels"]), np.uint8).reshape(28, 28)
    np.testing.assert_allclose(seven / 255 + change, pixels / 255, atol=0.01)


def test_the_layers_of_a_network(http):
    layers = http.post("inside/layers", json={"network": "mlp-relu"}).json()["layers"]
    assert layers[1] == {"name": "Linear 784 → 50", "output": [50], "parameters": 39_250, "multiply_adds": 39_200}


def test_looking_leaves_the_network_as_it_is(look, http, seven):
    content = base64.b64encode(seven.tobytes()).decode()

    def read():
        return http.post(
            "inside/damage", json={"network": "digitnet", "pixels": content, "name": "blur", "strength": 0}
        )

    before = read().json()
    for route in ("saliency", "maps", "fool"):
        assert look(route, "digitnet").status_code == 200
    assert read().json() == before
    assert load_checkpoint(WEIGHTS / "digitnet.safetensors").name == "digitnet"


@pytest.mark.parametrize(
    ("route", "values", "status", "message"),
    [
        ("saliency", {"network": "lenet"}, 404, "there is no network 'lenet'"),
        ("saliency", {"digit": 10}, 422, "digit: expected a whole number from 0 to 9, found 10"),
        ("saliency", {"against": -1}, 422, "against: expected a whole number from 0 to 9, found -1"),
        ("maps", {"pixels": "abc"}, 422, "pixels: expected base64"),
        ("maps", {"pixels": ""}, 422, "pixels: expected 784 bytes, found 0"),
        ("pixel", {"path": "layers.1", "place": [0, 0, 0]}, 404, "there is no convolution 'layers.1'"),
        ("pixel", {"path": "layers.1"}, 422, "place: expected a value, found none"),
        ("strongest", {"path": "layers.1"}, 422, "channel: expected a value, found none"),
        ("strongest", {"path": "layers.1", "channel": 0, "network": "lenet"}, 404, "there is no network 'lenet'"),
        ("damage", {"name": "melt", "strength": 1}, 404, "there is no damage 'melt'"),
        ("corruption", {"name": "melt"}, 404, "there is no corruption 'melt'"),
        ("corruption", {"name": "fog", "pixels": ""}, 422, "pixels: expected 784 bytes, found 0"),
        ("corruption", {}, 422, "name: expected a value, found none"),
        ("damage", {"name": "rotate", "strength": 400}, 422, "strength: expected -90 to 90 degrees, found 400"),
        ("damage", {"name": "rotate", "strength": "1"}, 422, "strength"),
    ],
)
def test_what_is_wrong_is_told(look, route, values, status, message):
    response = look(route, **values)
    assert (response.status_code, response.json()["error"][: len(message)]) == (status, message)
