import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_demo.data.datasets import load_split
from mnist_demo.errors import CheckpointError, SettingsError
from mnist_demo.networks.registry import MODELS
from mnist_demo.reading.predictions import NOTHING
from mnist_demo.reading.predictor import Predictor


@pytest.fixture(scope="module")
def test_split():
    return load_split(train=False)


@pytest.mark.parametrize("name", MODELS)
def test_a_network_reads_digits_from_pictures(name, test_split):
    predictor = Predictor.load(name)
    enlarged = [Image.fromarray(image).resize((280, 280)) for image in test_split.images[:100]]
    digits = [prediction.digit for prediction in predictor.predict_batch(enlarged)]
    assert np.mean(digits == test_split.labels[:100]) > 0.9


def test_a_prediction_says_how_surely_and_what_the_network_saw(test_split):
    prediction = Predictor.load().predict(test_split.images[0])
    assert prediction.digit == 7
    assert len(prediction.probabilities) == 10
    assert sum(prediction.probabilities) == pytest.approx(1, abs=1e-12)
    assert prediction.confidence == max(prediction.probabilities) == prediction.probabilities[7]
    assert prediction.network_input.shape == (28, 28)
    assert prediction.network_input.max() == 255


def test_a_blank_picture_has_no_digit():
    prediction = Predictor.load().predict(np.zeros((280, 280), np.uint8))
    assert prediction.digit is None
    assert prediction.confidence == 0
    assert sum(prediction.probabilities) == pytest.approx(1)


def test_a_batch_reads_each_picture_as_alone(test_split):
    predictor = Predictor.load()
    pictures = [test_split.images[0], np.zeros((28, 28), np.uint8), test_split.images[1]]
    together = predictor.predict_batch(pictures)
    assert [prediction.digit for prediction in together] == [7, None, 2]
    for picture, prediction in zip(pictures, together, strict=True):
        assert predictor.predict(picture).probabilities == pytest.approx(prediction.probabilities, abs=1e-5)


def test_no_pictures_give_no_predictions():
    assert Predictor.load().predict_batch([]) == []


def test_prepared_samples_are_read_as_they_stand(test_split):
    predictions = Predictor.load().read_prepared(test_split.images[:50])
    np.testing.assert_array_equal(predictions[3].network_input, test_split.images[3])
    assert np.mean([prediction.digit for prediction in predictions] == test_split.labels[:50]) > 0.95


@pytest.mark.parametrize("name", MODELS)
def test_the_weights_are_as_accurate_as_their_metadata_says(name, test_split):
    predictor = Predictor.load(name)
    assert predictor.evaluate(test_split).accuracy == pytest.approx(
        float(predictor.metadata["test_accuracy"]), abs=5e-4
    )


def test_a_picture_is_read_as_what_it_is(test_split):
    predictor = Predictor.load()
    one, several = predictor.read(test_split.images[0]), predictor.read(np.hstack(test_split.images[:3]))
    assert one.digit == 7
    assert several.text == "721"
    assert predictor.read(np.zeros((50, 50), np.uint8)) == NOTHING


@pytest.mark.parametrize("name", ["dot", "scribble", "letter", "house", "noise", "shirt"])
def test_what_is_no_digit_is_not_read(name):
    random = np.random.default_rng(3)
    image = Image.new("L", (280, 280))
    draw = ImageDraw.Draw(image)
    if name == "dot":
        draw.ellipse((120, 120, 150, 150), fill=255)
    elif name == "scribble":
        draw.line([tuple(point) for point in random.uniform(40, 240, (30, 2))], fill=255, width=10)
    elif name == "letter":
        draw.line([(60, 60), (100, 220), (140, 100), (180, 220), (220, 60)], fill=255, width=16)  # W
    elif name == "house":
        draw.line([(60, 240), (60, 120), (140, 40), (220, 120), (220, 240), (60, 240)], fill=255, width=14)
        draw.line([(60, 120), (220, 120)], fill=255, width=14)
    elif name == "noise":
        image = Image.fromarray(random.integers(256, size=(280, 280), dtype=np.uint8))
    else:
        draw.polygon(
            [(90, 40), (190, 40), (250, 90), (220, 120), (195, 100), (195, 240), (85, 240), (85, 100)], fill=255
        )
    prediction = Predictor.load().predict(image)
    assert prediction.digit is None
    assert prediction.confidence == 0
    assert prediction.guess in range(10) or prediction.legibility == -np.inf


def test_a_network_that_knows_only_digits_reads_whatever_it_sees():
    picture = np.zeros((280, 280), np.uint8)
    picture[100:180, 100:180] = 255
    assert Predictor.load("mlp-relu").predict(picture).digit is not None


def test_an_unknown_name_is_refused_with_the_list_of_what_there_is():
    with pytest.raises(
        SettingsError, match=r"'lenet', only mlp-relu, mlp-sigmoid, cnn, fastnet, digitnet and \.safetensors files"
    ):
        Predictor.load("lenet")


def test_missing_weights_say_how_to_make_them(monkeypatch, tmp_path):
    monkeypatch.setattr("mnist_demo.reading.predictor.WEIGHTS", tmp_path)
    with pytest.raises(CheckpointError, match=r"missing; make it with: python -m mnist_demo\.pretrain cnn"):
        Predictor.load("cnn")
