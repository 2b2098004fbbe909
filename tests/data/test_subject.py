import shutil
from pathlib import Path

import numpy as np
import pytest

from mnist_demo.data.datasets import MNISTDataset, load_split
from mnist_demo.data.subject import DIGITS, FASHION, MNIST, Subject
from mnist_demo.errors import IdxError
from mnist_demo.networks.checkpoints import load_checkpoint, save_checkpoint
from mnist_demo.networks.registry import build_model
from mnist_demo.training.recipes import RECIPES

FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")  # where Debian's package puts it
FRUIT = ("apple", "pear", "plum", "cherry", "fig", "kiwi", "lime", "melon", "peach", "black currant")


@pytest.fixture
def write(tmp_path, write_dataset, tiny_split):
    """A function that writes a tiny data set to a folder below `tmp_path`, with labels.txt of these lines."""

    def write_(folder, lines=None):
        root = write_dataset(tmp_path / folder, tiny_split.images, tiny_split.labels)
        if lines is not None:
            (root / "labels.txt").write_text("\n".join(lines), encoding="utf-8")
        return root

    return write_


def test_mnist_is_of_digits():
    assert load_split(train=False).subject == MNIST
    assert MNIST.is_digits


@pytest.mark.parametrize(
    ("folder", "root", "dataset"),
    [
        ("FashionMNIST/raw", "", "Fashion-MNIST"),
        ("FashionMNIST/raw", "FashionMNIST", "Fashion-MNIST"),
        ("FashionMNIST/raw", "FashionMNIST/raw", "Fashion-MNIST"),
        ("dataset-fashion-mnist", "dataset-fashion-mnist", "Fashion-MNIST"),
        ("KMNIST/raw", "", "KMNIST"),
        ("Kuzushiji", "Kuzushiji", "KMNIST"),
        ("MNIST/raw", "", "MNIST"),
        ("old-fashioned", "old-fashioned", "MNIST"),
        ("mine", "mine", "MNIST"),
    ],
)
def test_a_known_data_set_is_told_by_its_folder(write, tmp_path, folder, root, dataset):
    write(folder)
    subject = load_split(tmp_path / root).subject
    assert subject.dataset == dataset
    assert subject.is_digits == (dataset == "MNIST")
    assert len(set(subject.classes)) == 10


@pytest.mark.skipif(not FASHION_MNIST.exists(), reason="needs Debian's package dataset-fashion-mnist")
@pytest.mark.parametrize("split", ["train", "t10k"])
def test_fashion_mnist_is_known_by_its_labels_in_any_folder(tmp_path, split):
    for path in FASHION_MNIST.glob(f"{split}-*"):
        shutil.copy(path, tmp_path)
    assert load_split(tmp_path, train=split == "train").subject == FASHION


def test_a_far_folder_tells_nothing(write):
    assert load_split(write("fashion/of/this/year/digits")).subject == MNIST


@pytest.mark.parametrize("folder", ["fruit", "FashionMNIST"])
def test_labels_txt_names_the_classes_whatever_the_folder(write, folder):
    root = write(folder, [*FRUIT, ""])
    assert load_split(root).subject == Subject(folder, FRUIT)
    dataset = MNISTDataset(root)
    assert dataset.classes == list(FRUIT)
    assert dataset.class_to_idx["fig"] == 4


@pytest.mark.parametrize(("lines", "found"), [(FRUIT[:9], 9), ([*FRUIT, "x"], 11), (["a"] * 10, 10), ([], 0)])
def test_labels_txt_of_other_than_ten_names_is_refused(write, lines, found):
    root = write("fruit", lines)
    with pytest.raises(IdxError, match=rf"labels.txt: expected ten different names, one a line, found {found}"):
        load_split(root)


def test_labels_txt_that_is_no_text_is_refused(write):
    root = write("fruit")
    (root / "labels.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(IdxError, match=r"labels.txt: cannot be read"):
        load_split(root)


@pytest.mark.parametrize("subject", [MNIST, FASHION, Subject("fruit", FRUIT)])
def test_weights_know_what_they_have_learned(tmp_path, subject):
    path = tmp_path / "net.safetensors"
    save_checkpoint(path, build_model("mlp-relu"), RECIPES["mlp-relu"].metadata(None), subject)
    assert load_checkpoint(path).subject == subject


def test_older_weights_are_of_mnist():
    assert load_checkpoint("weights/cnn.safetensors").subject == MNIST
    assert load_checkpoint("weights/cnn.safetensors").subject.classes == DIGITS


def test_a_data_set_describes_itself(write):
    dataset = MNISTDataset(write("KMNIST"), transform=np.asarray)
    assert repr(dataset).splitlines()[0] == "MNISTDataset: 20 samples, training split of KMNIST"
    assert repr(dataset).splitlines()[1] == f"    transform: {np.asarray!r}"


def test_a_slice_of_a_data_set_is_refused_with_what_makes_one(write):
    with pytest.raises(TypeError, match=r"expected one index, found a slice: use torch.utils.data.Subset"):
        MNISTDataset(write("KMNIST"))[1:3]
