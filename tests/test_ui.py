"""The tabs' handlers, without a server."""

import base64
from io import BytesIO

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from mnist_demo.background import BackgroundTrainer
from mnist_demo.checkpoints import WEIGHTS
from mnist_demo.datasets import load_split
from mnist_demo.errors import ImageError, SettingsError
from mnist_demo.preprocessing import list_steps
from mnist_demo.ui.browse_tab import find_sample, read_sample, sample
from mnist_demo.ui.draw_pad import MAX_PAYLOAD, DrawPad
from mnist_demo.ui.draw_tab import predict, read_drawing, read_number
from mnist_demo.ui.examples import list_examples
from mnist_demo.ui.networks import Networks
from mnist_demo.ui.reading import Reading
from mnist_demo.ui.routes import pick_samples
from mnist_demo.ui.sample_viewer import SampleViewer, View
from mnist_demo.ui.steps import Steps
from mnist_demo.ui.train_tab import describe_recipe, recipe_settings


@pytest.fixture(scope="module")
def trainer():
    trainer = BackgroundTrainer()
    yield trainer
    trainer.close()


@pytest.fixture(scope="module")
def networks(trainer):
    return Networks(trainer, "cpu")


@pytest.fixture(scope="module")
def splits():
    return {"train": load_split(train=True), "test": load_split(train=False)}


@pytest.fixture(scope="module")
def seven(splits):
    """A drawing of a 7, 280x280."""
    return np.asarray(Image.fromarray(splits["test"].images[0]).resize((280, 280)))


def data_url(array):
    content = BytesIO()
    Image.fromarray(array).save(content, "PNG")
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"


class TestDraw:
    def test_a_drawing_is_read_by_the_chosen_network(self, networks, seven):
        cnn, relu = (read_drawing(seven, name, networks) for name in ("cnn", "mlp-relu"))
        assert (cnn.digit, relu.digit) == (7, 7)
        assert cnn.probabilities != relu.probabilities

    def test_an_empty_pad_is_not_read(self, networks):
        assert read_drawing(None, "cnn", networks) is None

    def test_a_program_gets_digit_confidence_and_probabilities(self, networks, seven, tmp_path):
        Image.fromarray(seven).save(tmp_path / "seven.png")
        answer = predict(str(tmp_path / "seven.png"), None, networks)
        assert answer.keys() == {"digit", "confidence", "probabilities"}
        assert answer["digit"] == 7

    def test_a_program_that_sends_no_picture_is_told(self, networks):
        with pytest.raises(ImageError, match="expected a picture, found none"):
            predict(None, "cnn", networks)

    def test_the_pad_decodes_what_the_browser_sends(self, seven):
        array = DrawPad("pad").preprocess(data_url(seven))
        np.testing.assert_array_equal(array, seven)

    def test_an_empty_pad_is_none(self):
        assert DrawPad("pad").preprocess("") is None
        assert DrawPad("pad").preprocess(None) is None

    def test_a_picture_survives_the_way_to_the_pad_and_back(self, splits):
        pad = DrawPad("pad")
        image = splits["train"].images[10]
        np.testing.assert_array_equal(pad.preprocess(pad.postprocess(image)), image)
        assert pad.postprocess(None) == ""

    @pytest.mark.parametrize(
        ("payload", "message"),
        [
            ("hello", "Expected a picture as a data URL"),
            (7, "Expected a picture as a data URL"),
            ("data:text/html;base64,PGI+", "Expected a picture as a data URL"),
            ("data:image/png;base64,!!!", "cannot be read"),
            ("data:image/png;base64,aGVsbG8=", "cannot be read"),
            ("data:image/png;base64," + "A" * MAX_PAYLOAD, "too large"),
            (data_url(np.zeros((1001, 1000), np.uint8)), "too large: expected at most 1,000,000 pixels"),
        ],
    )
    def test_what_is_no_picture_is_refused(self, payload, message):
        with pytest.raises(gr.Error, match=message):
            DrawPad("pad").preprocess(payload)

    def test_what_went_wrong_is_shown_in_place_of_a_reading(self):
        assert Reading("result", "input", "Draw").postprocess("no such network") == {"error": "no such network"}

    def test_the_reading_carries_what_the_network_saw(self, networks, seven):
        prediction = read_drawing(seven, "cnn", networks)
        value = Reading("result", "input", "Draw").postprocess(prediction)
        assert value["digit"] == 7
        assert base64.b64decode(value["pixels"]) == prediction.network_input.tobytes()

    def test_a_doubtful_reading_keeps_its_guess(self, networks):
        prediction = read_drawing(list_examples()[-1].picture, "digitnet", networks)
        value = Reading("result", "input", "Draw").postprocess(prediction)
        assert value["digit"] is None
        assert value["guess"] in range(10)

    def test_several_digits_are_read_as_a_number(self, networks, splits):
        drawing = np.kron(np.hstack(splits["test"].images[:3]), np.ones((3, 3), np.uint8))
        value = Reading("result", "input", "Draw").postprocess(read_drawing(drawing, "digitnet", networks))
        assert value["number"] == "721"
        assert [digit["digit"] for digit in value["digits"]] == [7, 2, 1]
        assert len(value["boxes"]) == 3

    def test_a_program_gets_the_text_the_boxes_and_the_digits_of_a_number(self, networks, splits, tmp_path):
        Image.fromarray(np.hstack(splits["test"].images[:2])).save(tmp_path / "number.png")
        answer = read_number(str(tmp_path / "number.png"), None, networks)
        assert answer["text"] == "72"
        assert len(answer["boxes"]) == 2
        assert answer["digits"][0].keys() == {"digit", "confidence", "probabilities"}

    def test_the_steps_reach_the_page_as_pictures(self, seven):
        steps = list_steps(seven)
        value = Steps("steps").postprocess(steps)
        assert [step["title"] for step in value["steps"]] == [step.title for step in steps]
        picture = DrawPad("pad").preprocess(value["steps"][-1]["picture"])
        np.testing.assert_array_equal(picture, steps[-1].picture)
        assert Steps("steps").postprocess(None) == {"steps": []}


class TestNetworks:
    def test_the_best_network_comes_first_and_all_tell_their_accuracy(self, networks):
        labels, names = zip(*networks.choices(), strict=True)
        assert names == ("digitnet", "mlp-relu", "mlp-sigmoid", "cnn", "fastnet")
        assert networks.default == "digitnet"
        assert all("% on MNIST" in label for label in labels)

    def test_missing_and_damaged_weights_are_named_and_the_rest_is_offered(self, trainer, monkeypatch, tmp_path):
        (tmp_path / "mlp-relu.safetensors").write_bytes((WEIGHTS / "mlp-relu.safetensors").read_bytes())
        (tmp_path / "cnn.safetensors").write_bytes((WEIGHTS / "cnn.safetensors").read_bytes()[:1000])
        monkeypatch.setattr("mnist_demo.inference.WEIGHTS", tmp_path)
        networks = Networks(trainer, "cpu")
        assert "not a whole safetensors file" in networks.missing["cnn"]
        assert "mlp-sigmoid.safetensors: missing" in networks.missing["mlp-sigmoid"]
        assert [name for _, name in networks.choices()] == ["mlp-relu"]
        assert networks.default == "mlp-relu"

    def test_without_any_weights_there_is_only_training(self, trainer, monkeypatch, tmp_path):
        monkeypatch.setattr("mnist_demo.inference.WEIGHTS", tmp_path)
        networks = Networks(trainer, "cpu")
        assert networks.default is None
        assert networks.choices() == []
        with pytest.raises(SettingsError, match="no network is there: train one"):
            networks.predictor(None)

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("lenet", "no network 'lenet', only digitnet, mlp-relu, mlp-sigmoid, cnn, fastnet and trained runs"),
            ("/etc/passwd.safetensors", "no network"),
            ("run:nope", "no run 'nope'"),
            (None, "choose a network"),
            (["cnn"], "choose a network"),
        ],
    )
    def test_an_unknown_network_is_refused(self, networks, name, message):
        with pytest.raises(SettingsError, match=message):
            networks.predictor(name)


class TestBrowse:
    def test_index_10_of_the_training_set_is_a_3(self, splits):
        answer = sample(splits, "train", 10)
        assert (answer["split"], answer["index"], answer["label"]) == ("train", 10, 3)
        assert np.array_equal(answer["pixels"], splits["train"].images[10])

    @pytest.mark.parametrize(
        ("split", "index", "message"),
        [
            ("test", 10_000, "index: expected a whole number from 0 to 9,999, found 10,000"),
            ("train", 60_000, "from 0 to 59,999"),
            ("train", -1, "from 0 to 59,999, found -1"),
            ("train", 1.5, "found 1.5"),
            ("train", float("nan"), "found nan"),
            ("train", "ten", "found 'ten'"),
            ("train", None, "found nothing"),
            ("train", 10**400, "found 10,000,000"),
            ("validation", 0, "split: expected one of train, test, found 'validation'"),
        ],
    )
    def test_an_index_that_is_not_there_says_what_is_allowed(self, splits, split, index, message):
        with pytest.raises(SettingsError, match=message):
            find_sample(splits, split, index)

    def test_a_sample_is_read_as_it_stands(self, splits, networks):
        view, prediction = read_sample(splits, "test", 0.0, "cnn", networks)
        assert (view.name, view.index) == ("test", 0)
        assert prediction.digit == 7
        np.testing.assert_array_equal(prediction.network_input, splits["test"].images[0])

    def test_the_strip_ends_with_the_split(self, splits):
        view = View(splits["test"], "test", 9_997)
        samples = SampleViewer(view).postprocess(view)["samples"]
        assert [entry["index"] for entry in samples] == [9_997, 9_998, 9_999]
        assert [entry["label"] for entry in samples] == splits["test"].labels[9_997:].tolist()


class TestTrain:
    def test_a_recipe_stands_beside_what_its_tutorial_printed(self):
        assert "97.69% train, 96.87% test" in describe_recipe("mlp-relu")
        assert "98.85% test" in describe_recipe("cnn")
        assert "no figures" in describe_recipe("mlp-sigmoid")

    def test_choosing_a_recipe_fills_the_form(self):
        assert recipe_settings("cnn")[1:] == (2, 8, 1e-3, 0.9)

    def test_the_samples_of_a_run_are_the_first_and_the_first_mistakes(self, networks, splits):
        first, wrong = pick_samples(networks.predictor("mlp-relu"), splits["test"])
        assert [entry["index"] for entry in first["samples"]] == list(range(12))
        assert len(wrong["samples"]) == 12
        assert all(entry["digit"] != entry["label"] for entry in wrong["samples"])
        assert wrong["samples"][0]["index"] == 8  # a 5 that even people take for a 6
