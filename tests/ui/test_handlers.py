"""The tabs' handlers, without a server."""

import base64
import shutil
import threading
from io import BytesIO
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image
from waiting import finish

from mnist_demo.data.datasets import load_split
from mnist_demo.errors import ImageError, MnistDemoError, SettingsError
from mnist_demo.networks.checkpoints import WEIGHTS, load_checkpoint
from mnist_demo.reading.pictures import open_picture
from mnist_demo.runs.book import RunBook
from mnist_demo.runs.rights import Visitor
from mnist_demo.runs.trainer import BackgroundTrainer
from mnist_demo.serving.examples import list_examples
from mnist_demo.serving.metrics import Metrics
from mnist_demo.serving.predictors import Networks
from mnist_demo.serving.readings import OnPad, Readings
from mnist_demo.serving.results import Results
from mnist_demo.training.events import Ended, EpochEnded
from mnist_demo.training.recipes import configure
from mnist_demo.ui.components.draw_pad import DrawPad
from mnist_demo.ui.components.reading import Reading
from mnist_demo.ui.components.run_view import RunView, Watching
from mnist_demo.ui.components.sample_viewer import SampleViewer, View, Wanted
from mnist_demo.ui.tabs.browse import find_sample, read_sample, sample


@pytest.fixture(scope="module")
def trainer():
    trainer = BackgroundTrainer()
    yield trainer
    trainer.close()


@pytest.fixture(scope="module")
def networks(trainer):
    return Networks(trainer, "cpu")


@pytest.fixture(scope="module")
def readings(networks):
    readings = Readings(networks, Metrics())
    yield readings
    readings.close()


@pytest.fixture(scope="module")
def splits():
    return {"train": load_split(train=True), "test": load_split(train=False)}


@pytest.fixture(scope="module")
def seven(splits):
    """A drawing of a 7, 280x280."""
    return np.asarray(Image.fromarray(splits["test"].images[0]).resize((280, 280)))


@pytest.fixture
def book(tmp_path):
    book = RunBook(tmp_path)
    yield book
    book.store.close()


def png(array):
    content = BytesIO()
    Image.fromarray(array).save(content, "PNG")
    return content.getvalue()


def read_drawing(content, model, readings):
    return finish(readings.read(OnPad(picture=content), model))


def train(book, weights="mlp-relu", **details):
    """Let a run of a book be stopped, with weights that come along or with none."""
    run = book.add(configure("mlp-relu"), **{"name": "", "nickname": "", "token": None, "is_limited": True} | details)
    book.take_next()
    book.record(run, EpochEnded(1, 0.25, 0.9, 0.12, 0.9663, 4.5))
    end(book, run, weights)
    return run


def resume(book, run, weights):
    """Let it go on, and be stopped with other weights."""
    book.store.state(run.id).write_bytes(b"all that it needs")
    book.resume(run)
    book.take_next()
    end(book, book.run(run.id), weights)


def end(book, run, weights):
    path = None
    if weights:
        path = shutil.copyfile(WEIGHTS / f"{weights}.safetensors", book.store.weights(run.id))
    book.record(run, Ended("stopped", "The run was stopped.", path and str(path), None, None))


class TestDraw:
    def test_a_drawing_is_read_by_the_chosen_network(self, readings, seven):
        cnn, relu = (read_drawing(png(seven), name, readings) for name in ("cnn", "mlp-relu"))
        assert (cnn.digit, relu.digit) == (7, 7)
        assert cnn.probabilities != relu.probabilities

    def test_an_empty_pad_is_not_read(self, readings):
        assert read_drawing(png(np.zeros((280, 280), np.uint8)), "cnn", readings).guess is None

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "the picture: not a picture"),
            (b"<svg></svg>", "the picture: not a picture"),
            (png(np.zeros((280, 280), np.uint8))[:-40], "the picture: cannot be read"),
            (png(np.zeros((8000, 7501), np.uint8)), "the picture: too large: expected at most 60,000,000 pixels"),
        ],
    )
    def test_what_is_no_drawing_is_refused(self, readings, content, message):
        with pytest.raises(ImageError, match=message):
            read_drawing(content, "cnn", readings)

    def test_the_best_network_reads_the_file_of_a_program_that_names_none(self, readings, seven, tmp_path):
        Image.fromarray(seven).save(tmp_path / "seven.png")
        assert finish(readings.predict(str(tmp_path / "seven.png"), None)).digit == 7

    def test_a_program_that_sends_no_picture_is_told(self, readings, tmp_path):
        with pytest.raises(ImageError, match="expected a picture, found none"):
            finish(readings.predict(None, "cnn"))
        with pytest.raises(ImageError, match="the picture: cannot be read: No such file or directory"):
            finish(readings.predict(str(tmp_path / "gone.png"), "cnn"))

    def test_a_picture_reaches_the_pad_as_it_is(self, splits):
        pad = DrawPad("pad", None)
        image = splits["train"].images[10]
        content = base64.b64decode(pad.postprocess(image).partition(",")[2])
        np.testing.assert_array_equal(open_picture(content).grey, image)
        assert pad.postprocess(None) == ""

    def test_what_went_wrong_is_shown_in_place_of_a_reading(self):
        assert Reading("result", "input", "Draw").postprocess("no such network") == {"error": "no such network"}

    def test_the_reading_carries_what_the_network_saw(self, readings, seven):
        prediction = read_drawing(png(seven), "cnn", readings)
        value = Reading("result", "input", "Draw").postprocess(prediction)
        assert value["digit"] == 7
        assert base64.b64decode(value["pixels"]) == prediction.network_input.tobytes()

    def test_a_doubtful_reading_keeps_its_guess(self, readings):
        prediction = read_drawing(png(list_examples()[-1].picture), "digitnet", readings)
        value = Reading("result", "input", "Draw").postprocess(prediction)
        assert value["digit"] is None
        assert value["guess"] in range(10)

    def test_several_digits_are_read_as_a_number(self, readings, splits):
        drawing = np.kron(np.hstack(splits["test"].images[:3]), np.ones((3, 3), np.uint8))
        value = Reading("result", "input", "Draw").postprocess(read_drawing(png(drawing), "digitnet", readings))
        assert value["number"] == "721"
        assert [digit["digit"] for digit in value["digits"]] == [7, 2, 1]
        assert len(value["boxes"]) == 3

    def test_a_file_is_read_as_a_number(self, readings, splits, tmp_path):
        Image.fromarray(np.hstack(splits["test"].images[:2])).save(tmp_path / "number.png")
        reading = finish(readings.read_number(str(tmp_path / "number.png"), None))
        assert reading.text == "72"
        assert [left // 28 for left, *_ in reading.boxes] == [0, 1]


class TestNetworks:
    def test_the_best_network_comes_first_and_all_tell_their_accuracy(self, networks):
        labels, names = zip(*networks.choices(), strict=True)
        assert names == ("digitnet", "mlp-relu", "mlp-sigmoid", "cnn", "fastnet")
        assert networks.default == "digitnet"
        assert all("% on MNIST" in label for label in labels)

    def test_missing_and_damaged_weights_are_named_and_the_rest_is_offered(self, trainer, monkeypatch, tmp_path):
        (tmp_path / "mlp-relu.safetensors").write_bytes((WEIGHTS / "mlp-relu.safetensors").read_bytes())
        (tmp_path / "cnn.safetensors").write_bytes((WEIGHTS / "cnn.safetensors").read_bytes()[:1000])
        monkeypatch.setattr("mnist_demo.reading.predictor.WEIGHTS", tmp_path)
        networks = Networks(trainer, "cpu")
        assert "not a complete safetensors file" in networks.missing["cnn"]
        assert "mlp-sigmoid.safetensors: missing" in networks.missing["mlp-sigmoid"]
        assert [name for _, name in networks.choices()] == ["mlp-relu"]
        assert networks.default == "mlp-relu"

    def test_without_any_weights_there_is_only_training(self, trainer, monkeypatch, tmp_path):
        monkeypatch.setattr("mnist_demo.reading.predictor.WEIGHTS", tmp_path)
        networks = Networks(trainer, "cpu")
        assert networks.default is None
        assert networks.choices() == []
        with pytest.raises(SettingsError, match="Train a network first: none here has learned MNIST yet"):
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


class TestTrainedNetworks:
    """Networks that were trained here, beside those that come along."""

    @pytest.fixture
    def networks(self, book):
        return Networks(SimpleNamespace(book=book), "cpu")

    def test_they_are_offered_last_by_name_recipe_and_accuracy(self, book, networks):
        runs = [train(book, name="Wide"), train(book)]
        assert networks.choices()[-2:] == [
            ("Wide · mlp-relu · 96.63%", f"run:{runs[0].id}"),
            ("Run 2 · mlp-relu · 96.63%", f"run:{runs[1].id}"),
        ]

    def test_one_reads_what_is_drawn(self, book, networks, seven):
        trained, packaged = (networks.predictor(name) for name in (f"run:{train(book).id}", "mlp-relu"))
        assert trained.predict(seven).probabilities == packaged.predict(seven).probabilities

    def test_one_that_went_on_reads_with_its_new_weights(self, book, networks):
        run = train(book, "mlp-relu")
        assert networks.predictor(f"run:{run.id}").name == "mlp-relu"
        resume(book, run, "cnn")
        assert networks.predictor(f"run:{run.id}").name == "cnn"

    def test_one_without_weights_is_neither_offered_nor_read(self, book, networks):
        run = train(book, weights=None)
        assert not any(name.startswith("run:") for _, name in networks.choices())
        with pytest.raises(SettingsError, match="has no trained weights"):
            networks.predictor(f"run:{run.id}")

    def test_a_removed_one_is_gone(self, book, networks):
        run = train(book)
        networks.predictor(f"run:{run.id}")
        book.remove(run)
        with pytest.raises(SettingsError, match="there is no run"):
            networks.predictor(f"run:{run.id}")

    def test_more_than_are_kept_loaded_can_be_used(self, book, networks):
        names = [f"run:{train(book).id}" for _ in range(20)]
        assert [networks.predictor(name).name for name in names + names] == ["mlp-relu"] * 40


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

    def test_a_view_names_its_split_and_carries_its_picture(self, splits):
        value = SampleViewer(View(splits["test"], "test", 0)).postprocess(View(splits["test"], "test", 9_997))
        assert (value["split"], value["name"], value["size"], value["index"]) == ("test", "test", 10_000, 9_997)
        assert value["label"] == splits["test"].labels[9_997]
        assert base64.b64decode(value["pixels"]) == splits["test"].images[9_997].tobytes()

    def test_what_is_wanted_is_taken_as_it_comes_and_checked_later(self, splits):
        viewer = SampleViewer(View(splits["test"], "test", 0))
        assert viewer.preprocess({"split": "train", "wanted": 7}) == Wanted("train", 7)
        assert viewer.preprocess(None) == Wanted(None, None)


class TestRunView:
    def test_a_listener_learns_what_is_watched_and_by_whom(self):
        watching = RunView().preprocess({"run": "a1", "token": "ada's secret", "key": "the key", "more": 7})
        assert watching == Watching("a1", Visitor("ada's secret", "the key"))

    @pytest.mark.parametrize("payload", [None, {}, "a1", {"run": None, "token": "", "key": None}])
    def test_a_page_that_watches_nothing_is_nobodys(self, payload):
        assert RunView().preprocess(payload) == Watching("", Visitor(None, None))

    @pytest.mark.parametrize("payload", [{"run": 7}, {"token": ["ada"]}, {"key": "x" * 201}])
    def test_what_are_no_texts_is_refused(self, payload):
        with pytest.raises(gr.Error, match="expected a text of at most 200 characters"):
            RunView().preprocess(payload)


class TestResults:
    """What a trained network does on the test images."""

    @pytest.fixture
    def results(self, book, splits):
        return Results(book, splits["test"])

    def test_the_confusion_matrix_counts_every_test_image(self, book, results, splits):
        analysis = results.analysis(train(book).id)
        confusion = np.array(analysis["confusion"])
        assert confusion.sum(axis=1).tolist() == np.bincount(splits["test"].labels).tolist()
        assert confusion.trace() / 10_000 > 0.95
        assert analysis["classes"] == pytest.approx(confusion.diagonal() / confusion.sum(axis=1))

    def test_the_mistakes_are_images_that_it_reads_wrongly(self, book, results, splits):
        mistakes = results.analysis(train(book).id)["mistakes"]
        assert len(mistakes) == 24
        assert all(mistake["digit"] != mistake["label"] for mistake in mistakes)
        for mistake in mistakes:
            image, label = (half[mistake["index"]] for half in (splits["test"].images, splits["test"].labels))
            assert (base64.b64decode(mistake["pixels"]), mistake["label"]) == (image.tobytes(), label)

    @pytest.mark.parametrize(("model", "units", "side"), [("mlp-relu", 50, 28), ("cnn", 32, 5)])
    def test_the_first_layer_is_shown(self, book, results, model, units, side):
        layer = results.analysis(train(book, model).id)["first_layer"]
        assert (len(layer["units"]), layer["side"]) == (units, side)
        assert all(len(base64.b64decode(unit)) == side * side for unit in layer["units"])

    def test_a_cell_holds_what_the_matrix_counts_the_most_confident_first(self, book, results):
        run = train(book)
        confusion = np.array(results.analysis(run.id)["confusion"])
        for label, guess in ((5, 6), (4, 9), (7, 7)):
            cell = results.cell(run.id, label, guess)
            assert len(cell) == min(24, confusion[label, guess])
            assert {(image["label"], image["digit"]) for image in cell} == {(label, guess)}
            confidences = [image["confidence"] for image in cell]
            assert confidences == sorted(confidences, reverse=True)

    def test_a_cell_may_be_empty(self, book, results):
        run = train(book)
        confusion = np.array(results.analysis(run.id)["confusion"])
        label, guess = np.argwhere(confusion == 0)[0].tolist()
        assert results.cell(run.id, label, guess) == []

    @pytest.mark.parametrize(
        ("label", "guess", "message"), [(10, 0, "label: .* from 0 to 9, found 10"), (0, 99, "guess: ")]
    )
    def test_a_cell_that_is_not_there_is_refused(self, book, results, label, guess, message):
        with pytest.raises(SettingsError, match=message):
            results.cell(train(book).id, label, guess)

    def test_a_network_that_went_on_is_asked_again(self, book, results):
        run = train(book, "mlp-relu")
        before = results.analysis(run.id)["confusion"]
        resume(book, run, "cnn")
        assert np.trace(results.analysis(run.id)["confusion"]) > np.trace(before)

    def test_a_whole_room_asks_a_network_once(self, book, results, monkeypatch):
        asked = []
        monkeypatch.setattr(
            "mnist_demo.serving.predictors.load_checkpoint", lambda path: asked.append(path) or load_checkpoint(path)
        )
        run = train(book)
        room = [threading.Thread(target=results.analysis, args=[run.id]) for _ in range(4)]
        for visitor in room:
            visitor.start()
        for visitor in room:
            visitor.join()
        assert asked == [book.store.weights(run.id)]

    def test_a_run_without_weights_has_none(self, book, results):
        run = train(book, weights=None)
        with pytest.raises(SettingsError, match="run 1 has no trained weights"):
            results.analysis(run.id)
        with pytest.raises(MnistDemoError, match="there is no run 'x'"):
            results.cell("x", 0, 0)
