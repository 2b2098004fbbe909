import numpy as np
import pytest
from PIL import Image

from mnist_demo.datasets import load_split
from mnist_demo.errors import CheckpointError, SettingsError
from mnist_demo.inference import Predictor
from mnist_demo.models import MODELS


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


def test_an_unknown_name_is_refused_with_the_list_of_what_there_is():
    with pytest.raises(SettingsError, match=r"'digitnet', only mlp-relu, mlp-sigmoid, cnn and \.safetensors files"):
        Predictor.load("digitnet")


def test_missing_weights_say_how_to_make_them(monkeypatch, tmp_path):
    monkeypatch.setattr("mnist_demo.inference.WEIGHTS", tmp_path)
    with pytest.raises(CheckpointError, match=r"missing; make it with: python -m mnist_demo\.pretrain cnn"):
        Predictor.load("cnn")
