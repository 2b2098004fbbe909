import numpy as np
import pytest
import torch

from mnist_demo.data.unipen import WrittenDigit
from mnist_demo.training import material
from mnist_demo.training.material import HELD_OUT_WRITERS, Amounts, gather

CPU = torch.device("cpu")


@pytest.fixture
def written():
    """A one and a five of two writers each, one of whom is held out; what they wrote is told apart by its width."""
    return [
        WrittenDigit(digit, writer, [np.array([(0.0, 0.0), (10.0, 90.0), (20.0 + writer, 0.0)])])
        for digit in (1, 5)
        for writer in (1, HELD_OUT_WRITERS[0])
    ]


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(material, "HELD_OUT_IMAGES", 4)
    monkeypatch.setattr(material, "PORTION", 3)


def test_the_last_images_and_some_writers_are_held_out(tiny_split, written, small):
    gathered = gather(tiny_split, written, Amounts(drawings=10, copies=3, found=4), 0, CPU)
    np.testing.assert_array_equal(gathered.images.images, tiny_split.images[-4:])
    np.testing.assert_array_equal(gathered.images.labels, tiny_split.labels[-4:])
    assert gathered.written.labels.tolist() == [1, 1, 5, 5]
    learned = gathered.learned
    assert len(learned) == 16 + 10 + 2 * 3 + 4
    np.testing.assert_array_equal(learned.images[:16], tiny_split.images[:16])
    assert learned.labels[26:32].tolist() == [1, 1, 1, 5, 5, 5]
    assert (learned.labels[16:26] == 10).sum() > 0


def test_no_two_portions_are_the_same_and_a_seed_repeats_them_all(tiny_split, written, small):
    amounts = Amounts(12, 2, 4)
    first, again, other = (gather(tiny_split, written, amounts, seed, CPU).learned.images for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert len({image.numpy().tobytes() for image in first}) == len(first)
