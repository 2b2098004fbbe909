import itertools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from mnist_demo.data.datasets import load_split
from mnist_demo.errors import CheckpointError, ImageError, SettingsError
from mnist_demo.networks.registry import MODELS, build_model
from mnist_demo.reading.predictions import NOTHING, Prediction
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


def test_the_candidates_hold_the_true_digit_as_often_as_promised(test_split):
    predictions = Predictor.load().read_prepared(test_split.images)
    covered = sum(label in p.candidates for p, label in zip(predictions, test_split.labels, strict=True))
    slack = 3 * math.sqrt(0.99 * 0.01 / len(test_split))  # three standard deviations of the share
    assert covered / len(test_split) >= 0.99 - slack
    assert np.mean([len(p.candidates) for p in predictions]) <= 1.1
    assert max(len(p.candidates) for p in predictions) > 1
    assert all(p.candidates[0] == p.guess for p in predictions)
    assert all(
        p.probabilities[first] >= p.probabilities[second]
        for p in predictions
        for first, second in itertools.pairwise(p.candidates)
    )


LETTERS = {
    "M": [[(60, 220), (65, 60), (140, 170), (215, 60), (220, 220)]],
    "N": [[(80, 220), (80, 60), (200, 220), (200, 60)]],
    "H": [[(80, 60), (80, 220)], [(200, 60), (200, 220)], [(80, 140), (200, 140)]],
    "W": [[(60, 60), (100, 220), (140, 100), (180, 220), (220, 60)]],
}


def draw_letter(name):
    image = Image.new("L", (280, 280))
    draw = ImageDraw.Draw(image)
    for line in LETTERS[name]:
        draw.line(line, fill=255, width=16)
    return image


@pytest.mark.parametrize(
    ("name", "width"), [("M", 1), ("M", 1.3), ("N", 1), ("H", 1), ("H", 1.3), ("W", 1), ("W", 1.3)]
)
def test_a_letter_is_not_cut_into_a_number(name, width):
    letter = draw_letter(name)
    reading = Predictor.load().read(letter.resize((round(280 * width), 280)))
    assert isinstance(reading, Prediction)
    assert reading.digit is None


def test_a_digit_has_no_reason_and_a_reject_has_one(test_split):
    predictor = Predictor.load()
    assert predictor.predict(test_split.images[0]).reason is None
    nothing = predictor.predict(np.zeros((280, 280), np.uint8))
    assert (nothing.reason, nothing.candidates) == ("nothing drawn", [])
    assert predictor.predict(draw_letter("W")).reason == "more like a letter or a drawing than a digit"


def test_several_numbers_below_one_another_are_no_single_digit(test_split):
    page = np.vstack([np.hstack(test_split.images[:3]), np.hstack(test_split.images[3:6])])
    prediction = Predictor.load().predict(page)
    assert (prediction.digit, prediction.confidence, prediction.reason) == (None, 0, "several lines")


def test_one_digit_in_two_parts_is_not_several_lines(test_split):
    broken = test_split.images[61].copy()  # an 8
    broken[13:15] = 0
    prediction = Predictor.load().predict(broken)
    assert prediction.reason != "several lines"


@pytest.mark.parametrize("side", [4])
def test_a_digit_of_a_few_pixels_is_too_small(test_split, side):
    seven = Image.fromarray(test_split.images[0][4:24, 4:24]).resize((side, side), Image.Resampling.BOX)
    picture = Image.new("L", (100, 100))
    picture.paste(seven, (50, 50))
    predictor = Predictor.load()
    assert predictor.predict(picture).reason == predictor.read(picture).reason == "too small"
    assert predictor.predict(picture).candidates


def test_doubt_between_two_digits_is_the_reason_of_a_picture_that_is_almost_legible():
    predictor = Predictor.load()
    threshold = predictor.threshold
    probabilities = [0.0, 0, 0, 0.6, 0, 0.3, 0.05, 0.05, 0, 0]
    nothing = np.zeros((28, 28), np.uint8)
    almost, not_at_all, legible = (
        predictor._judge(probabilities, score, nothing) for score in (threshold - 2, threshold - 4, threshold + 1)
    )
    assert (almost.digit, almost.candidates, almost.reason) == (None, [3, 5], "could be 3 or 5")
    assert not_at_all.reason == "more like a letter or a drawing than a digit"
    assert (legible.digit, legible.candidates, legible.reason) == (3, [3, 5], None)


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
    picture[100:180, 100:108] = picture[100:180, 172:180] = picture[136:144, 100:180] = 255  # an H
    assert Predictor.load("mlp-relu").predict(picture).digit is not None


def test_an_unknown_name_is_refused_with_the_list_of_what_there_is():
    with pytest.raises(
        SettingsError, match=r"'lenet', only mlp-relu, mlp-sigmoid, cnn, fastnet, digitnet and \.safetensors files"
    ):
        Predictor.load("lenet")


def test_missing_weights_say_how_to_make_them(monkeypatch, tmp_path):
    monkeypatch.setattr("mnist_demo.reading.predictor.WEIGHTS", tmp_path)
    with pytest.raises(CheckpointError, match=r"missing; create it with: python -m mnist_demo\.pretrain cnn"):
        Predictor.load("cnn")


class TestInputs:
    """Whatever holds a picture is read, and all of them alike."""

    @pytest.fixture
    def predictor(self):
        return Predictor.load("mlp-relu")

    @pytest.fixture
    def seven(self, test_split):
        return test_split.images[0]

    @pytest.mark.parametrize(
        "convert",
        [
            lambda array: array / 255,
            lambda array: (array / 255).astype(np.float16),
            torch.from_numpy,
            lambda array: torch.from_numpy(array)[None],
            lambda array: torch.from_numpy(array)[None].expand(3, -1, -1) / 255,
            lambda array: (torch.from_numpy(array) / 255).requires_grad_(),
        ],
        ids=["float64", "float16", "tensor", "tensor (1, H, W)", "tensor (3, H, W) in [0, 1]", "tensor with gradient"],
    )
    def test_arrays_and_tensors_are_read_as_the_picture_is(self, predictor, seven, convert):
        expected = predictor.predict(seven)
        assert expected.digit == 7
        assert predictor.predict(convert(seven)).probabilities == pytest.approx(expected.probabilities, abs=0.01)

    @pytest.mark.parametrize("kind", [str, Path])
    def test_a_path_is_read_as_its_file(self, predictor, seven, tmp_path, kind):
        path = tmp_path / "seven.png"
        Image.fromarray(seven).save(path)
        assert predictor.predict(kind(path)) == predictor.predict(seven)
        assert predictor.read_number(kind(path)).text == "7"
        with pytest.raises(ImageError, match=r"no\.png: cannot be read: No such file"):
            predictor.predict(kind(tmp_path / "no.png"))

    def test_one_path_is_no_batch(self, predictor):
        with pytest.raises(ImageError, match=r"expected several pictures, found one path, 'seven\.png'"):
            predictor.predict_batch("seven.png")

    def test_a_tensor_of_a_whole_batch_is_no_picture(self, predictor):
        with pytest.raises(ImageError, match=r"found the shape \(4, 1, 28, 28\)"):
            predictor.predict(torch.zeros(4, 1, 28, 28))

    def test_one_prepared_picture_is_read_like_a_batch_of_one(self, predictor, seven):
        (expected,) = predictor.read_prepared(seven[np.newaxis])
        for single in (seven, torch.from_numpy(seven), torch.from_numpy(seven)[None, None], seven / 255):
            assert predictor.read_prepared(single) == [expected]

    @pytest.mark.parametrize("shape", [(28,), (20, 20), (2, 3, 28, 28)])
    def test_what_is_not_prepared_is_told(self, predictor, shape):
        with pytest.raises(
            ImageError, match=r"expected prepared pictures \(28, 28\) or \(N, 28, 28\), found the shape"
        ):
            predictor.read_prepared(np.zeros(shape, np.uint8))


def test_a_network_is_named_by_a_path_too():
    assert Predictor.load(Path("mlp-relu")).name == "mlp-relu"


def test_predictions_are_equal_if_all_of_them_is(test_split):
    predictor = Predictor.load("mlp-relu")
    first, again, other = (predictor.predict(test_split.images[index]) for index in (0, 0, 1))
    assert first == again
    assert first != other
    assert first != replace(first, network_input=other.network_input)
    assert first != "7"


@pytest.fixture
def double_precision():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("double_precision")
def test_the_default_type_of_pytorch_changes_no_answer(test_split):
    assert Predictor.load().predict(test_split.images[0]).digit == 7
    assert build_model("cnn", 0).state_dict().keys()
    assert {tensor.dtype for tensor in build_model("cnn", 0).parameters()} == {torch.float32}
