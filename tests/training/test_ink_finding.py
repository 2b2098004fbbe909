import numpy as np
import pytest
import torch

from mnist_demo.data.datasets import load_split
from mnist_demo.training import ink_finding
from mnist_demo.training.found_digits import find_digits
from mnist_demo.training.ink_finding import find_loss, train_ink_finder
from mnist_demo.training.synthetic.writing import Hands


@pytest.fixture(scope="module")
def hands():
    split = load_split(train=False)
    return Hands(split.images[:200], split.labels[:200], [])


def test_a_few_steps_lower_the_loss(hands, monkeypatch):
    monkeypatch.setattr(ink_finding, "BATCH", 8)
    monkeypatch.setattr(ink_finding, "WIDE_BATCH", 2)
    monkeypatch.setattr(ink_finding, "CHECKED", 1)
    reports = list(train_ink_finder(hands, hands, torch.device("cpu"), workers=0, steps=24, every=8))
    assert [report.step for report in reports] == [8, 16, 24]
    assert reports[1].loss < reports[0].loss
    assert not reports[-1].network.training


def test_the_loss_is_0_for_what_is_there_and_large_for_what_is_not():
    inks = torch.zeros(1, 1, 16, 16)
    inks[..., 4:8, 4:8] = 1
    sure = (2 * inks - 1) * 20
    assert find_loss(sure, inks) < 0.01
    assert find_loss(-sure, inks) > 10


def test_found_digits_are_network_inputs_with_labels(hands):
    found = list(find_digits(hands, 60))
    assert len(found) == 60
    assert all(picture.shape == (28, 28) and picture.dtype == np.uint8 for picture, _ in found)
    labels = [label for _, label in found]
    assert set(labels) <= set(range(11))
    assert np.mean([label < 10 for label in labels]) > 0.5
