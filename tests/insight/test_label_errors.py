"""Likely label errors: those that were planted are found, by networks that never saw the sample."""

import numpy as np
import pytest

from mnist_demo.data.datasets import load_split
from mnist_demo.errors import SettingsError
from mnist_demo.insight import LabelError, find_label_errors
from mnist_demo.insight.label_errors import rank_label_errors
from mnist_demo.label_errors import train_network

N = 40


@pytest.fixture
def images():
    """One picture of noise a sample, so that a network can know it again."""
    return np.random.default_rng(0).integers(256, size=(N, 28, 28)).astype(np.uint8)


@pytest.fixture
def labels():
    return (np.arange(N) % 10).astype(np.uint8)


def say(digits, strength=5.0):
    """Return logits that say these digits."""
    return strength * np.eye(10)[digits]


def test_planted_errors_stand_at_the_top():
    split = load_split(train=True)
    images, right = split.images[:3_000], split.labels[:3_000]
    random = np.random.default_rng(0)
    planted = random.choice(3_000, size=20, replace=False)
    labels = right.copy()
    labels[planted] = (right[planted] + random.integers(1, 10, size=20)) % 10
    errors = find_label_errors(images, labels, train_network)
    top = {error.index: error for error in errors[:25]}
    found = [index for index in planted if index in top]
    assert len(found) >= 18
    assert [top[index].proposed for index in found] == right[found].tolist()
    assert all(top[index].label == labels[index] for index in found)
    assert len(errors) < 60  # of which some are MNIST's own doubtful ones


def test_no_network_judges_what_it_learned_and_each_has_its_own_seed(images, labels):
    seeds, judged = [], []

    def train(learned, learned_labels, seed):
        seeds.append(seed)
        assert len(learned) == len(learned_labels) == N - N // 4
        known = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
        assert [known[image.tobytes()] for image in learned] == learned_labels.tolist()
        seen = {image.tobytes() for image in learned}

        def judge(asked):
            assert not seen & {image.tobytes() for image in asked}
            judged.extend(image.tobytes() for image in asked)
            return say(np.zeros(len(asked), int))

        return judge

    errors = find_label_errors(images, labels, train, folds=4, networks=2, seed=7)
    assert seeds == list(range(7, 15))
    assert sorted(judged) == sorted([image.tobytes() for image in images] * 2)
    assert sorted(error.index for error in errors) == np.flatnonzero(labels).tolist()  # all but the zeros


def test_all_networks_have_to_agree_and_the_surest_comes_first():
    labels = np.array([0, 0, 0, 0, 4])
    one = np.full((2, 5, 10), 0.01)
    one[:, 0, 0] = 0.91  # right
    one[:, 1, 3] = 0.6
    one[:, 1, 0] = 0.32
    one[0, 2, 3] = one[1, 2, 5] = 0.91  # two opinions
    one[0, 3, 3] = one[1, 3, 0] = 0.91  # one of them is right
    one[0, 4, 9], one[1, 4, 9] = 0.91, 0.81
    one[1, 4, 4] = 0.11
    errors = rank_label_errors(one, labels)
    assert [(error.index, error.label, error.proposed) for error in errors] == [(4, 4, 9), (1, 0, 3)]
    assert errors[0].confidence == pytest.approx(0.86)
    assert errors[0].self_confidence == pytest.approx(0.06)
    assert errors[0].doubt == pytest.approx(0.80)
    assert errors[1].doubt == pytest.approx(0.28)


def test_the_same_seed_finds_the_same(images, labels):
    def train(learned, learned_labels, seed):
        random = np.random.default_rng(seed)
        return lambda asked: random.normal(size=(len(asked), 10))

    first, again, other = (find_label_errors(images, labels, train, networks=1, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    assert all(isinstance(error, LabelError) and 0 < error.doubt <= 1 for error in first)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"folds": 1}, "folds: expected a whole number from 2 to 40, found 1"),
        ({"folds": 41}, "folds: expected a whole number from 2 to 40, found 41"),
        ({"networks": 0}, "networks: expected a whole number from 1 to 100, found 0"),
        ({"seed": -1}, "seed: expected a whole number from 0"),
        ({"labels": np.arange(39) % 10}, "expected one for each of at least 2 images, found the shapes"),
        ({"labels": np.arange(40)}, "labels: expected whole numbers from 0 to 9, found 0 to 39"),
        ({"labels": np.zeros(40)}, "labels: expected whole numbers from 0 to 9, found float64"),
        ({"train_network": lambda *_: lambda asked: np.zeros((len(asked), 9))}, "expected finite logits of the shape"),
        ({"train_network": lambda *_: lambda asked: np.full((len(asked), 10), np.nan)}, "expected finite logits"),
    ],
)
def test_what_is_wrong_is_told(images, labels, changes, message):
    options = {
        "images": images,
        "labels": labels,
        "train_network": lambda *_: lambda asked: say(np.ones(len(asked), int)),
    }
    with pytest.raises(SettingsError, match=message):
        find_label_errors(**(options | changes))
