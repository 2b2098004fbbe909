"""The samples of both splits over HTTP."""

import base64
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from waiting import wait_for

from mnist_demo.data.datasets import load_split
from mnist_demo.insight.last_hidden import last_hidden
from mnist_demo.reading.predictor import Predictor
from mnist_demo.serving import split_verdicts
from mnist_demo.serving.split_features import Features, SplitFeatures
from mnist_demo.serving.split_jobs import SplitJobs, Unfinished
from mnist_demo.serving.split_verdicts import SplitVerdicts


@pytest.fixture(scope="module")
def test_split(small_mnist):
    return load_split(small_mnist, train=False)


@pytest.fixture(scope="module")
def guesses(test_split):
    predictions = Predictor.load("mlp-relu").read_prepared(test_split.images)
    return np.array([prediction.guess for prediction in predictions])


def search(http, split="test", **wanted):
    """Return what is found, as soon as the network has read the split."""
    answers = []

    def is_there():
        answers.append(http.post(f"samples/{split}/search", json=wanted).json())
        return "indices" in answers[-1] and answers[-1]["progress"] is None

    wait_for(is_there)
    return answers[-1]


def find_neighbours(http, **wanted):
    """Return the nearest training samples, as soon as the network has read all of them."""
    answers = []

    def is_there():
        answers.append(http.post("samples/neighbours", json=wanted).json())
        return "progress" not in answers[-1]

    wait_for(is_there)
    return answers[-1]


class TestSprites:
    @pytest.mark.parametrize(
        ("query", "indices"), [("from=3&count=20", range(3, 23)), ("at=7,0,499", [7, 0, 499]), ("at=5&v=1", [5])]
    )
    def test_samples_stand_side_by_side_16_in_a_row(self, http, test_split, query, indices):
        response = http.get(f"samples/test/sprite?{query}")
        sheet = np.asarray(Image.open(BytesIO(response.content)))
        assert sheet.shape == (28 * -(-len(indices) // 16), 16 * 28)
        for place, index in enumerate(indices):
            row, column = divmod(place, 16)
            picture = sheet[28 * row : 28 * row + 28, 28 * column : 28 * column + 28]
            np.testing.assert_array_equal(picture, test_split.images[index])
        assert ("immutable" in response.headers["cache-control"]) == ("v=" in query)

    @pytest.mark.parametrize(
        ("address", "status", "message"),
        [
            ("samples/dev/sprite?at=0", 404, "there is no split 'dev', only train, test"),
            ("samples/test/sprite?at=500", 422, "index: expected a whole number from 0 to 499, found 500"),
            ("samples/test/sprite?at=-1", 422, "at: expected at most 256 whole numbers"),
            ("samples/test/sprite?at=" + ",".join(["1"] * 257), 422, "at: expected at most 256 whole numbers"),
            ("samples/test/sprite?from=0&count=257", 422, "expected 1 to 256 samples, found 257"),
            ("samples/test/sprite", 422, "expected 1 to 256 samples, found 0"),
            ("samples/test/sprite?from=x&count=1", 400, "from: expected a whole number from 0"),
        ],
    )
    def test_what_is_not_there_is_told(self, http, address, status, message):
        response = http.get(address)
        assert (response.status_code, response.json()["error"][: len(message)]) == (status, message)


class TestSearch:
    def test_all_of_them_need_no_network(self, http, test_split):
        answer = http.post("samples/test/search", json={"count": 30}).json()
        assert (answer["total"], answer["indices"]) == (500, list(range(30)))
        assert answer["labels"] == test_split.labels[:30].tolist()
        assert answer["counts"]["labels"] == np.bincount(test_split.labels, minlength=10).tolist()
        assert (answer["guesses"], answer["counts"]["guesses"], answer["progress"]) == (None, None, None)

    def test_a_page_from_the_middle(self, http, test_split):
        answer = http.post("samples/test/search", json={"label": 4, "start": 10, "count": 5}).json()
        fours = np.flatnonzero(test_split.labels == 4)
        assert (answer["total"], answer["start"]) == (len(fours), 10)
        assert answer["indices"] == fours[10:15].tolist()

    def test_mistakes_of_a_network(self, http, test_split, guesses):
        answer = search(http, network="mlp-relu", mistakes=True)
        wrong = np.flatnonzero(guesses != test_split.labels)
        assert answer["indices"] == wrong.tolist()
        assert answer["guesses"] == guesses[wrong].tolist()
        assert answer["counts"]["mistakes"] == len(wrong)

    def test_one_confusion_the_most_confident_first(self, http, test_split, guesses):
        label, guess = next((a, b) for a, b in zip(test_split.labels, guesses, strict=True) if a != b)
        wanted = {"label": int(label), "guess": int(guess), "order": "confidence", "descending": True}
        answer = search(http, network="mlp-relu", **wanted)
        cell = np.flatnonzero((test_split.labels == label) & (guesses == guess))
        assert sorted(answer["indices"]) == cell.tolist()

    def test_where_two_networks_disagree(self, http):
        wanted = {"network": "mlp-relu", "other": "digitnet", "order": "disagreement", "descending": True}
        first, *_ = search(http, **wanted)["indices"]
        answers = {answer["network"]: answer for answer in http.get(f"samples/test/{first}").json()["answers"]}
        assert answers["mlp-relu"]["guess"] != answers["digitnet"]["guess"]

    def test_the_ink_and_the_slant_of_samples(self, http, test_split):
        answer = search(http, ink=[0.2, 1], order="ink", descending=True)
        ink = test_split.images.mean(axis=(1, 2)) / 255
        assert sorted(answer["indices"]) == np.flatnonzero(ink >= 0.2).tolist()
        assert answer["indices"][0] == ink.argmax()

    def test_a_split_at_a_glance(self, http, test_split):
        overview = http.get("samples/test/overview").json()
        assert [each["count"] for each in overview["classes"]] == np.bincount(test_split.labels).tolist()
        mean = np.frombuffer(base64.b64decode(overview["classes"][3]["mean"]), np.uint8).reshape(28, 28)
        np.testing.assert_allclose(mean, test_split.images[test_split.labels == 3].mean(axis=0), atol=0.5)
        for name in ("ink", "slant"):
            histogram = overview[name]
            assert len(histogram["edges"]) == len(histogram["counts"]) + 1
            assert sum(histogram["counts"]) == len(test_split)
            low, high = histogram["edges"][3:5]
            assert search(http, **{name: [low, high]})["total"] == pytest.approx(histogram["counts"][3], abs=1)
        assert http.get("samples/dev/overview").status_code == 404

    def test_whether_one_of_two_networks_is_better(self, http, test_split, guesses):
        comparison = search(http, network="mlp-relu", other="mlp-relu")["comparison"]
        right = int((guesses == test_split.labels).sum())
        same = {"both": right, "first": 0, "second": 0, "neither": len(test_split) - right, "p": 1.0}
        assert comparison == same
        mistakes = search(http, network="mlp-relu", other="digitnet", mistakes=True)["comparison"]
        assert mistakes["both"] == mistakes["first"] == 0
        assert mistakes["second"] + mistakes["neither"] == len(test_split) - right
        assert search(http, network="mlp-relu")["comparison"] is None

    @pytest.mark.parametrize(
        ("wanted", "status", "message"),
        [
            ({"label": 10}, 422, "label: expected a whole number from 0 to 9, found 10"),
            ({"label": "4"}, 422, "label: expected a valid integer, found '4'"),
            ({"mistakes": True}, 422, "network: expected one for this filter, found none"),
            ({"doubtful": True}, 422, "doubt: not known of these samples"),
            ({"ink": [0.5, 0.1]}, 422, "ink: expected the lower end first, found 0.5 to 0.1"),
            ({"network": "lenet"}, 404, "there is no network 'lenet'"),
            ({"order": "beauty"}, 422, "order: expected one of index, confidence, loss, disagreement"),
            ({"count": 2_001}, 422, "count: expected a whole number from 1 to 2,000, found 2,001"),
            ({"confidence": [0.5]}, 422, "confidence"),
        ],
    )
    def test_what_is_no_search_is_told(self, http, wanted, status, message):
        response = http.post("samples/test/search", json=wanted)
        assert (response.status_code, response.json()["error"][: len(message)]) == (status, message)


class TestSample:
    def test_its_label_and_what_every_network_says(self, http, test_split, guesses):
        sample = http.get("samples/test/8").json()
        assert (sample["split"], sample["index"], sample["label"]) == ("test", 8, test_split.labels[8])
        answers = {answer["network"]: answer for answer in sample["answers"]}
        assert list(answers) == ["digitnet", "mlp-relu", "mlp-sigmoid", "cnn", "fastnet"]
        assert answers["mlp-relu"]["guess"] == guesses[8]

    def test_where_it_lies_in_its_files(self, http, test_split):
        files = http.get("samples/test/8/file").json()
        assert (files["image"]["offset"], files["label"]["offset"]) == (16 + 784 * 8, 8 + 8)
        assert base64.b64decode(files["image"]["content"]) == test_split.images[8].tobytes()
        assert base64.b64decode(files["label"]["content"])[0] == test_split.labels[8]
        assert files["image"]["header"][3] == {
            "offset": 4,
            "content": "00 00 01 f4",
            "meaning": "images: 500, big-endian",
        }

    @pytest.mark.parametrize("address", ["samples/test/500", "samples/test/500/file"])
    def test_one_that_is_not_there_is_told(self, http, address):
        response = http.get(address)
        assert response.status_code == 422
        assert response.json()["error"] == "index: expected a whole number from 0 to 499, found 500"


class TestNeighbours:
    def test_of_a_training_sample_the_first_is_itself(self, http):
        found = http.post("samples/neighbours", json={"split": "train", "index": 20, "count": 5}).json()["neighbours"]
        assert (found[0]["index"], found[0]["distance"]) == (20, 0)
        distances = [neighbour["distance"] for neighbour in found]
        assert len(found) == 5
        assert distances == sorted(distances)

    def test_of_a_drawing(self, http, test_split):
        pixels = base64.b64encode(test_split.images[0].tobytes()).decode()
        found = http.post("samples/neighbours", json={"pixels": pixels}).json()["neighbours"]
        assert found == http.post("samples/neighbours", json={"split": "test", "index": 0}).json()["neighbours"]
        assert [neighbour["label"] for neighbour in found].count(7) > 6

    def test_in_the_last_layer_of_a_network_they_are_those_of_a_search_through_all(self, http, small_mnist, test_split):
        train = load_split(small_mnist, train=True)
        model = Predictor.load("cnn").copy_network()
        features, wanted = (
            last_hidden(model, images).astype(np.float16).astype(float)  # as they are kept
            for images in (train.images, test_split.images[5:6])
        )
        distances = np.sqrt(((features - wanted) ** 2).sum(axis=1))
        answer = find_neighbours(http, split="test", index=5, count=9, network="cnn")
        nearest = np.argsort(distances)[:9]
        assert [each["index"] for each in answer["neighbours"]] == nearest.tolist()
        assert [each["label"] for each in answer["neighbours"]] == train.labels[nearest].tolist()
        assert [each["distance"] for each in answer["neighbours"]] == pytest.approx(distances[nearest], abs=0.01)
        assert answer["width"] == 64
        pixels = base64.b64encode(test_split.images[5].tobytes()).decode()
        assert find_neighbours(http, pixels=pixels, count=9, network="cnn") == answer
        assert find_neighbours(http, split="test", index=5, count=9) != answer

    def test_what_is_wrong_is_told(self, http):
        assert http.post("samples/neighbours", json={"split": "test", "network": "lenet"}).status_code == 404
        assert http.post("samples/neighbours", json={"pixels": "abc="}).status_code == 422
        assert http.post("samples/neighbours", json={"split": "dev"}).status_code == 404
        assert http.post("samples/neighbours", json={"split": "test", "count": 51}).status_code == 422


@pytest.fixture
def jobs():
    jobs = SplitJobs()
    yield jobs
    jobs.close()


class TestKeeping:
    def test_verdicts_are_computed_once_and_found_again_by_the_next_server(
        self, tmp_path, test_split, jobs, monkeypatch
    ):
        predictor = Predictor.load("mlp-relu")
        first = SplitVerdicts({"test": test_split}, jobs, tmp_path / "verdicts")
        wait_for(lambda: not isinstance(first.find(predictor, "test"), Unfinished))
        verdicts = first.find(predictor, "test")
        assert first.find(predictor, "test") is verdicts
        monkeypatch.setattr(predictor, "list_logits", None)
        again = SplitVerdicts({"test": test_split}, jobs, tmp_path / "verdicts").find(predictor, "test")
        np.testing.assert_array_equal(again.logits, verdicts.logits)

    def test_other_weights_have_their_own_and_damaged_files_are_made_again(self, tmp_path, test_split, jobs):
        kept = SplitVerdicts({"test": test_split}, jobs, tmp_path)
        for name in ("mlp-relu", "mlp-sigmoid"):
            wait_for(lambda name=name: not isinstance(kept.find(Predictor.load(name), "test"), Unfinished))
        files = sorted(tmp_path.glob("*.npy"))
        assert len(files) == 2
        for path in files:
            path.write_bytes(b"damaged")
        again = SplitVerdicts({"test": test_split}, jobs, tmp_path)
        wait_for(lambda: not isinstance(again.find(Predictor.load("mlp-relu"), "test"), Unfinished))

    def test_few_are_kept(self, tmp_path, test_split, jobs, monkeypatch):
        monkeypatch.setattr(split_verdicts, "MAX_KEPT", 1)
        monkeypatch.setattr(split_verdicts, "MAX_LOADED", 1)
        kept = SplitVerdicts({"test": test_split}, jobs, tmp_path)
        for name in ("mlp-relu", "mlp-sigmoid"):
            wait_for(lambda name=name: not isinstance(kept.find(Predictor.load(name), "test"), Unfinished))
        assert len(list(tmp_path.glob("*.npy"))) == 1

    def test_features_are_computed_once_and_found_again_by_the_next_server(
        self, tmp_path, test_split, jobs, monkeypatch
    ):
        predictor = Predictor.load("mlp-relu")
        features = SplitFeatures(test_split, jobs, tmp_path / "features")
        wait_for(lambda: isinstance(features.find(predictor), Features))
        (path,) = (tmp_path / "features").glob("*.npy")
        vectors = np.load(path)
        assert (vectors.shape, vectors.dtype) == ((500, 50), np.float16)
        monkeypatch.setattr(jobs, "start", None)
        again = SplitFeatures(test_split, jobs, tmp_path / "features").find(predictor)
        indices, distances = again.nearest(test_split.images[7], 3)
        assert (indices[0], round(distances[0], 2)) == (7, 0)

    def test_a_network_that_has_diverged_has_neighbours_too(self, test_split, jobs):
        predictor = Predictor.load("mlp-relu")
        for tensor in predictor._model.state_dict().values():
            tensor.fill_(float("nan"))
        features = SplitFeatures(test_split, jobs, None)
        wait_for(lambda: isinstance(features.find(predictor), Features))
        assert features.find(predictor).nearest(test_split.images[7], 3)[0].tolist() == [0, 1, 2]
