import base64
import os
import re
from itertools import count

import numpy as np
import pytest
import torch
from safetensors.torch import save

from mnist_demo.data.datasets import Split, load_split
from mnist_demo.errors import ImageError
from mnist_demo.networks.checkpoints import WEIGHTS, save_checkpoint
from mnist_demo.networks.registry import build_model
from mnist_demo.reading.predictor import Predictor
from mnist_demo.runs.run import Run
from mnist_demo.runs.store import RunStore
from mnist_demo.serving.encoding import decode_pixels
from mnist_demo.serving.live_readings import LiveNetworks
from mnist_demo.training.recipes import configure

CONFIG = configure("mlp-relu")
WHOLE = build_model("mlp-relu").state_dict()


@pytest.fixture(scope="module")
def split():
    return load_split(train=False)


@pytest.fixture
def store(tmp_path):
    store = RunStore(tmp_path)
    yield store
    store.close()


@pytest.fixture
def networks(store, split):
    return LiveNetworks(store, split)


@pytest.fixture
def leave():
    """A function that leaves a new network of a seed at a path, as a worker does, each a second later."""
    seconds = count(1_800_000_000)

    def leave(path, seed):
        save_checkpoint(path, build_model("mlp-relu", seed), CONFIG.metadata(None), durable=False)
        os.utime(path, (now := next(seconds), now))
        return path

    return leave


def readings(path, images):
    """What a network says of pictures, as a page gets it."""
    predictions = Predictor.load(path).read_prepared(images)
    return [[prediction.digit, round(prediction.confidence, 3)] for prediction in predictions]


class TestWatched:
    def test_the_watched_digits_are_the_first_of_each_and_two_more(self, networks, split):
        watched = networks.describe_watched()
        assert [digit["label"] for digit in watched[:10]] == list(range(10))
        assert len({digit["index"] for digit in watched}) == 12
        assert watched[7]["index"] == 0  # MNIST's test set begins with a 7
        for digit in watched:
            image, label = split.images[digit["index"]], split.labels[digit["index"]]
            assert (base64.b64decode(digit["pixels"]), digit["label"]) == (image.tobytes(), label)

    def test_a_split_without_some_digits_is_watched_too(self, store, split):
        few = np.flatnonzero(split.labels == 3)[:5]
        watched = LiveNetworks(store, Split(split.images[few], split.labels[few])).describe_watched()
        assert [digit["index"] for digit in watched] == [0, 1, 2, 3, 4]


class TestReading:
    def test_before_there_are_weights_there_is_nothing_to_tell(self, networks):
        assert networks.read(Run("a1", 1, CONFIG), 0, None) is None

    def test_the_newest_weights_read_the_watched_digits(self, networks, store, leave, split):
        run = Run("a1", 1, CONFIG)
        images = split.images[[digit["index"] for digit in networks.describe_watched()]]
        for seed in (1, 2):
            path = leave(store.live_weights("a1"), seed)
            assert networks.read(run, 0, None)["digits"] == readings(path, images)

    def test_what_a_page_knows_already_is_not_told_again(self, networks, store, leave):
        run = Run("a1", 1, CONFIG)
        leave(store.live_weights("a1"), seed=1)
        known = networks.read(run, 0, None)["snapshot"]
        assert networks.read(run, known, None) is None
        leave(store.live_weights("a1"), seed=2)
        assert networks.read(run, known, None)["snapshot"] != known

    def test_a_snapshot_is_a_number_that_a_browser_can_count_to(self, networks, store, leave):
        leave(store.live_weights("a1"), seed=1)
        assert 0 < networks.read(Run("a1", 1, CONFIG), 0, None)["snapshot"] < 2**53

    def test_a_drawing_is_read_too(self, networks, store, leave, split):
        path = leave(store.live_weights("a1"), seed=1)
        drawing = split.images[100]
        assert networks.read(Run("a1", 1, CONFIG), 0, drawing)["drawing"] == readings(path, drawing[np.newaxis])[0]

    def test_of_a_run_that_has_ended_the_last_weights_count(self, networks, store, leave, split):
        leave(store.live_weights("a1"), seed=1)
        path = leave(store.weights("a1"), seed=2)
        answer = networks.read(Run("a1", 1, CONFIG, weights=str(path)), 0, split.images[0])
        assert answer["drawing"] == readings(path, split.images[:1])[0]

    def test_weights_that_are_gone_are_told_once(self, networks, store, leave):
        path = leave(store.weights("a1"), seed=1)
        run = Run("a1", 7, CONFIG, weights=str(path))
        assert networks.read(run, 0, None)["digits"]
        path.unlink()
        answer = networks.read(run, 0, None)
        assert answer == {"snapshot": 1, "error": "the weights of run 7 are gone"}
        assert networks.read(run, answer["snapshot"], None) is None
        leave(store.weights("a1"), seed=1)
        assert networks.read(run, answer["snapshot"], None)["digits"]

    def test_a_run_that_trains_and_has_left_nothing_has_nothing_to_tell(self, networks, store, leave):
        path = leave(store.live_weights("a1"), seed=1)
        run = Run("a1", 7, CONFIG)
        assert networks.read(run, 0, None)
        path.unlink()
        assert networks.read(run, 0, None) is None

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "not a complete safetensors file"),
            (b"<!DOCTYPE html>" * 100, "not a complete safetensors file"),
            (save({}, {"model": "lenet"}), "expected the weights of one of .*, found 'lenet'"),
            (save({}, {"model": "fastnet"}), "the tensor .* is missing"),
            (save({"extra": torch.zeros(1)} | WHOLE, {"model": "mlp-relu"}), "found a tensor extra that the network"),
            (save(WHOLE, {"model": "mlp-relu", "sizes": "51"}), r"expected layers.1.weight of shape \(51, 784\)"),
            (save(WHOLE, {"model": "mlp-relu", "sizes": "many"}), "invalid layer sizes"),
        ],
    )
    @pytest.mark.parametrize("is_over", [False, True])
    def test_weights_that_cannot_be_read_are_told_once_and_without_the_servers_path(
        self, networks, store, content, reason, is_over
    ):
        path = (store.weights if is_over else store.live_weights)("a1")
        path.write_bytes(content)
        run = Run("a1", 7, CONFIG, weights=str(path) if is_over else None)
        answer = networks.read(run, 0, np.zeros((28, 28), np.uint8))
        assert re.match(rf"{re.escape(path.name)}: {reason}", answer["error"])
        assert str(store.folder) not in answer["error"]
        assert networks.read(run, answer["snapshot"], None) is None

    def test_many_runs_can_be_watched_at_once(self, networks, store, leave, split):
        drawing = split.images[0]
        paths = [leave(store.live_weights(f"a{seed}"), seed) for seed in range(6)]
        expected = [readings(path, drawing[np.newaxis])[0] for path in paths]
        for _ in range(2):
            runs = [Run(f"a{seed}", 1, CONFIG) for seed in range(6)]
            assert [networks.read(run, 0, drawing)["drawing"] for run in runs] == expected

    def test_digitnet_is_asked_which_digit_also_where_it_would_read_none(self, networks, store):
        store.live_weights("a1").write_bytes((WEIGHTS / "digitnet.safetensors").read_bytes())
        noise = np.random.default_rng(0).integers(256, size=(28, 28), dtype=np.uint8)
        digit, confidence = networks.read(Run("a1", 1, CONFIG), 0, noise)["drawing"]
        assert digit in range(10)
        assert 0.1 <= confidence <= 1


class TestPixels:
    def test_the_picture_comes_out_as_it_went_in(self, split):
        text = base64.b64encode(split.images[0].tobytes()).decode()
        np.testing.assert_array_equal(decode_pixels(text), split.images[0])

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("!!!", "pixels: expected base64"),
            ("ä", "pixels: expected base64"),
            ("aGVsbG8=", "pixels: expected 784 bytes, found 5"),
            (base64.b64encode(bytes(785)).decode(), "pixels: expected 784 bytes, found 785"),
        ],
    )
    def test_what_is_no_picture_is_refused(self, text, message):
        with pytest.raises(ImageError, match=message):
            decode_pixels(text)
