import numpy as np
import pytest
import torch

from mnist_demo.data.batches import Data
from mnist_demo.training import training_set
from mnist_demo.training.synthetic.mixture import make_drawings
from mnist_demo.training.training_set import TrainingSet

DRAWINGS = 30


@pytest.fixture(autouse=True)
def made(monkeypatch):
    """The drawings that have been made, in this order; there are 30."""
    made = []

    def note(count, seed):
        for drawing in make_drawings(count, seed):
            made.append(drawing)
            yield drawing

    monkeypatch.setattr(training_set, "DRAWINGS", DRAWINGS)
    monkeypatch.setattr(training_set, "make_drawings", note)
    return made


@pytest.fixture
def split(tiny_split):
    return Data.load(tiny_split, torch.device("cpu"))


def epoch(learned, size=7, seed=0, is_first=True):
    """Return the images and labels of one epoch."""
    batches = list(learned.batches(size, torch.Generator().manual_seed(seed), is_first))
    assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
    return torch.cat([batch.images for batch in batches]).numpy(), torch.cat([batch.labels for batch in batches])


def sorted_bytes(pictures):
    return sorted(picture.tobytes() for picture in pictures)


@pytest.mark.parametrize("is_first", [True, False])
def test_an_epoch_holds_every_image_and_every_drawing_once_in_an_order_of_its_own(split, made, is_first):
    images, labels = epoch(TrainingSet(split, True, seed=3), is_first=is_first)
    drawings = [picture for picture, _ in made]
    assert len(drawings) == DRAWINGS
    assert sorted_bytes(images) == sorted_bytes([*split.images.numpy(), *drawings])
    assert labels.tolist() != [*split.labels.tolist(), *(label for _, label in made)]
    of = {picture.tobytes(): label for picture, label in made}
    assert all(of.get(image.tobytes(), label) == label for image, label in zip(images, labels.tolist(), strict=True))


def test_without_drawings_it_is_the_split_alone(split, made):
    images, _ = epoch(TrainingSet(split, False, seed=3))
    assert sorted_bytes(images) == sorted_bytes(split.images.numpy())
    assert made == []


def test_a_drawing_is_made_when_it_is_first_wanted(split, made):
    batches = TrainingSet(split, True, seed=3).batches(10, torch.Generator().manual_seed(0), is_first=True)
    batch = next(batches)
    of_split = set(sorted_bytes(split.images.numpy()))
    drawn = [image for image in batch.images.numpy() if image.tobytes() not in of_split]
    assert 0 < len(drawn) < 10
    np.testing.assert_array_equal(drawn, [picture for picture, _ in made])


def test_a_later_epoch_is_the_same_whether_an_earlier_one_has_made_the_drawings_or_not(split):
    whole, resumed = TrainingSet(split, True, seed=3), TrainingSet(split, True, seed=3)
    epoch(whole)
    later = [epoch(learned, seed=1, is_first=False) for learned in (whole, resumed)]
    for values, others in zip(*later, strict=True):
        np.testing.assert_array_equal(values, others)


def test_it_can_be_left_between_two_drawings(split, made):
    class Left(Exception):
        pass

    def leave():
        if len(made) == 3:
            raise Left

    batches = TrainingSet(split, True, seed=3).batches(50, torch.Generator(), is_first=True, check=leave)
    with pytest.raises(Left):
        next(batches)
    assert len(made) == 3
