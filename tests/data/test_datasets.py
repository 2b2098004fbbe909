"""load_split and MNISTDataset: the packaged MNIST is the real one, and its drop-in replacements load or say why not."""

import gzip
import hashlib
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import DataLoader
from torchvision.transforms import ToTensor

from mnist_demo import MNISTDataset, Split, load_split
from mnist_demo.data.datasets import PACKAGED_DATA
from mnist_demo.errors import IdxError

TRAIN_NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
TEST_NAMES = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
EMNIST_NAMES = ("emnist-digits-train-images-idx3-ubyte", "emnist-digits-train-labels-idx1-ubyte")
QMNIST_NAMES = ("qmnist-train-images-idx3-ubyte", "qmnist-train-labels-idx2-int")
FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")  # where Debian's package puts it

WriteDataset = Callable[..., Path]


def assert_same(loaded: Split, expected: Split) -> None:
    assert loaded.images.dtype == loaded.labels.dtype == np.uint8
    np.testing.assert_array_equal(loaded.images, expected.images)
    np.testing.assert_array_equal(loaded.labels, expected.labels)


def half(split: Split) -> Split:
    """Return the first half of `split`: a second data set that cannot be taken for the whole."""
    return Split(split.images[: len(split) // 2], split.labels[: len(split) // 2])


# The MNIST that comes with the package


@pytest.mark.parametrize("name", [*TRAIN_NAMES, *TEST_NAMES])
def test_packaged_file_is_the_published_one(name: str) -> None:
    lines = (PACKAGED_DATA / "SHA256SUMS.uncompressed").read_text().splitlines()
    published = {line.split()[1]: line.split()[0] for line in lines}
    content = gzip.decompress((PACKAGED_DATA / f"{name}.gz").read_bytes())
    assert hashlib.sha256(content).hexdigest() == published[name]


@pytest.mark.parametrize(
    ("train", "size", "first_labels", "class_sizes", "mean"),
    [
        (True, 60_000, [5, 0, 4, 1, 9], [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949], 0.1307),
        (False, 10_000, [7, 2, 1, 0, 4], [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009], 0.1325),
    ],
    ids=["train", "test"],
)
def test_packaged_split(train: bool, size: int, first_labels: list[int], class_sizes: list[int], mean: float) -> None:
    split = load_split(train=train)
    assert len(split) == size
    assert split.images.shape == (size, 28, 28)
    assert split.labels.shape == (size,)
    assert split.images.dtype == split.labels.dtype == np.uint8
    assert split.labels[:5].tolist() == first_labels
    assert np.bincount(split.labels).tolist() == class_sizes
    assert split.images.mean() / 255 == pytest.approx(mean, abs=5e-5)


def test_training_index_10_is_a_3() -> None:
    split = load_split()
    assert split.labels[10] == 3
    # A 3 is open to the left and closed to the right.
    left, right = split.images[10, 4:24, 4:14], split.images[10, 4:24, 14:24]
    assert right.sum() > 1.2 * left.sum()


# Where the files may lie, and how they may be called


@pytest.mark.parametrize("suffixes", [("", ""), (".gz", ".gz"), ("", ".gz"), (".gz", "")], ids=str)
@pytest.mark.parametrize("folder", [".", "raw", "MNIST/raw", "FashionMNIST/raw"])
def test_layouts(
    tmp_path: Path, tiny_split: Split, write_dataset: WriteDataset, folder: str, suffixes: tuple[str, str]
) -> None:
    for names, split in ((TRAIN_NAMES, tiny_split), (TEST_NAMES, half(tiny_split))):
        packed = tuple(name + suffix for name, suffix in zip(names, suffixes, strict=True))
        write_dataset(tmp_path / folder, split.images, split.labels, packed)
    assert_same(load_split(tmp_path), tiny_split)
    assert_same(load_split(str(tmp_path), train=False), half(tiny_split))


@pytest.mark.parametrize(
    "train_and_test",
    [
        (
            ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
            ("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
        ),
        (QMNIST_NAMES, ("qmnist-test-images-idx3-ubyte", "qmnist-test-labels-idx2-int")),
    ],
    ids=["dotted", "QMNIST"],
)
def test_other_names(
    tmp_path: Path, tiny_split: Split, write_dataset: WriteDataset, train_and_test: tuple[tuple[str, str], ...]
) -> None:
    train_names, test_names = train_and_test
    write_dataset(tmp_path, tiny_split.images, tiny_split.labels, train_names)
    write_dataset(tmp_path, half(tiny_split).images, half(tiny_split).labels, test_names)
    assert_same(load_split(tmp_path), tiny_split)
    assert_same(load_split(tmp_path, train=False), half(tiny_split))


@pytest.mark.parametrize("train", [True, False])
def test_emnist_pictures_are_turned_upright(
    tmp_path: Path, tiny_split: Split, write_dataset: WriteDataset, train: bool
) -> None:
    names = EMNIST_NAMES if train else tuple(name.replace("train", "test") for name in EMNIST_NAMES)
    published = tiny_split.images.transpose(0, 2, 1)
    write_dataset(tmp_path, published, tiny_split.labels, tuple(f"{name}.gz" for name in names))
    assert_same(load_split(tmp_path, train), tiny_split)


def test_qmnist_labels_are_the_first_of_eight_columns(
    tmp_path: Path, tiny_split: Split, write_dataset: WriteDataset
) -> None:
    writer = np.full((len(tiny_split), 7), 4_000_000, np.int32)
    labels = np.column_stack([tiny_split.labels.astype(np.int32), writer])
    assert labels.dtype == np.int32
    write_dataset(tmp_path, tiny_split.images, labels, QMNIST_NAMES)
    assert_same(load_split(tmp_path), tiny_split)


def test_mnist_comes_first_in_a_folder_of_several_data_sets(
    tmp_path: Path, tiny_split: Split, write_dataset: WriteDataset
) -> None:
    write_dataset(tmp_path / "FashionMNIST/raw", half(tiny_split).images, half(tiny_split).labels)
    write_dataset(tmp_path / "MNIST/raw", tiny_split.images, tiny_split.labels)
    assert_same(load_split(tmp_path), tiny_split)


@pytest.mark.skipif(not FASHION_MNIST.is_dir(), reason="Debian's package dataset-fashion-mnist is not installed")
@pytest.mark.parametrize(
    ("train", "size", "first_labels"), [(True, 60_000, [9, 0, 0, 3, 0]), (False, 10_000, [9, 2, 1, 1, 6])]
)
def test_fashion_mnist_of_debian(train: bool, size: int, first_labels: list[int]) -> None:
    split = load_split(FASHION_MNIST, train)
    assert split.images.shape == (size, 28, 28)
    assert split.labels[:5].tolist() == first_labels
    assert np.bincount(split.labels).tolist() == [size // 10] * 10


# Data that cannot be used


def test_missing_root(tmp_path: Path) -> None:
    with pytest.raises(IdxError, match=r"nowhere: expected a directory of IDX files, found nothing$"):
        load_split(tmp_path / "nowhere")


def test_root_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(IdxError, match=r"file: expected a directory of IDX files, found a file$"):
        load_split(tmp_path / "file")


@pytest.mark.parametrize(("train", "names"), [(True, TRAIN_NAMES), (False, TEST_NAMES)], ids=["train", "test"])
def test_empty_root(tmp_path: Path, train: bool, names: tuple[str, str]) -> None:
    half_name = "training" if train else "test"
    message = rf"^{re.escape(str(tmp_path))}: found no {half_name} data\. Looked for {names[0]} and {names[1]}"
    with pytest.raises(IdxError, match=message):
        load_split(tmp_path, train)


def test_root_with_the_other_half_only(tmp_path: Path, tiny_split: Split, write_dataset: WriteDataset) -> None:
    write_dataset(tmp_path, tiny_split.images, tiny_split.labels)
    with pytest.raises(IdxError, match=r"found no test data\. Looked for t10k-images-idx3-ubyte"):
        load_split(tmp_path, train=False)


@pytest.mark.parametrize("names", [TRAIN_NAMES, QMNIST_NAMES], ids=["MNIST", "QMNIST"])
@pytest.mark.parametrize("missing", [0, 1], ids=["images", "labels"])
def test_half_complete_root(
    tmp_path: Path, tiny_split: Split, write_dataset: WriteDataset, names: tuple[str, str], missing: int
) -> None:
    folder = write_dataset(tmp_path / "raw", tiny_split.images, tiny_split.labels, names)
    (folder / names[missing]).unlink()
    absent, present = names[missing], names[1 - missing]
    message = rf"^{re.escape(str(folder))}: found {present} but neither {absent} nor {absent}\.gz beside it"
    with pytest.raises(IdxError, match=message):
        load_split(tmp_path)


@pytest.mark.parametrize("count", [19, 21])
def test_another_number_of_labels_than_images(
    tmp_path: Path, tiny_split: Split, write_dataset: WriteDataset, count: int
) -> None:
    write_dataset(tmp_path, tiny_split.images, np.zeros(count, np.uint8))
    message = f"{TRAIN_NAMES[1]}: expected a label for each of 20 images, found {count}$"
    with pytest.raises(IdxError, match=message):
        load_split(tmp_path)


@pytest.mark.parametrize(("dtype", "label"), [("uint8", 10), ("uint8", 255), ("int32", -1), ("int32", 256)])
def test_label_outside_0_to_9(
    tmp_path: Path, tiny_split: Split, write_dataset: WriteDataset, dtype: str, label: int
) -> None:
    labels = tiny_split.labels.astype(dtype)
    labels[[13, 17]] = label
    write_dataset(tmp_path, tiny_split.images, labels)
    with pytest.raises(IdxError, match=f"{TRAIN_NAMES[1]}: expected labels 0 to 9, found {label} at index 13$"):
        load_split(tmp_path)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (np.zeros(20, np.float32), r"\(20,\) of float32"),
        (np.zeros((20, 2), np.uint8), r"\(20, 2\) of uint8"),
        (np.zeros((20, 28, 28), np.uint8), r"\(20, 28, 28\) of uint8"),
    ],
    ids=["float32", "two columns", "images"],
)
def test_labels_of_another_kind(
    tmp_path: Path, tiny_split: Split, write_dataset: WriteDataset, labels: NDArray[Any], found: str
) -> None:
    write_dataset(tmp_path, tiny_split.images, labels)
    with pytest.raises(IdxError, match=rf"{TRAIN_NAMES[1]}: expected labels \(N,\) of integers, found {found}$"):
        load_split(tmp_path)


@pytest.mark.parametrize(
    ("images", "found"),
    [
        (np.zeros((20, 32, 32), np.uint8), r"\(20, 32, 32\) of uint8"),
        (np.zeros((20, 784), np.uint8), r"\(20, 784\) of uint8"),
        (np.zeros((20, 28, 28, 3), np.uint8), r"\(20, 28, 28, 3\) of uint8"),
        (np.zeros(20, np.uint8), r"\(20,\) of uint8"),
        (np.zeros((20, 28, 28), np.float32), r"\(20, 28, 28\) of float32"),
        (np.zeros((20, 28, 28), np.int8), r"\(20, 28, 28\) of int8"),
    ],
    ids=["32x32", "flattened", "colour", "labels", "float32", "int8"],
)
def test_images_of_another_kind(
    tmp_path: Path, tiny_split: Split, write_dataset: WriteDataset, images: NDArray[Any], found: str
) -> None:
    write_dataset(tmp_path, images, tiny_split.labels)
    message = rf"{TRAIN_NAMES[0]}: expected images \(N, 28, 28\) of uint8, found {found}$"
    with pytest.raises(IdxError, match=message):
        load_split(tmp_path)


def test_damaged_file_is_named(tmp_path: Path, tiny_split: Split, write_dataset: WriteDataset) -> None:
    labels = write_dataset(tmp_path, tiny_split.images, tiny_split.labels) / TRAIN_NAMES[1]
    labels.write_bytes(b"<!DOCTYPE html>")
    with pytest.raises(IdxError, match=rf"^{re.escape(str(labels))}: .* HTML"):
        load_split(tmp_path)


# MNISTDataset


@pytest.fixture
def root(tmp_path: Path, tiny_split: Split, write_dataset: WriteDataset) -> Path:
    """A root in torchvision's layout: 20 training pictures, 10 test pictures."""
    folder = write_dataset(tmp_path / "MNIST/raw", tiny_split.images, tiny_split.labels)
    write_dataset(folder, half(tiny_split).images, half(tiny_split).labels, TEST_NAMES)
    return tmp_path


def test_items(root: Path, tiny_split: Split) -> None:
    dataset = MNISTDataset(root)
    assert len(dataset) == 20
    image, label = dataset[13]
    assert isinstance(image, Image.Image)
    assert image.mode == "L"
    np.testing.assert_array_equal(np.asarray(image), tiny_split.images[13])
    assert type(label) is int
    assert label == 3


@pytest.mark.parametrize("train", [True, False])
def test_equals_the_data_set_of_torchvision(root: Path, train: bool) -> None:
    ours = MNISTDataset(root, train, ToTensor(), str)
    theirs = torchvision.datasets.MNIST(root, train, ToTensor(), str)
    assert len(ours) == len(theirs)
    assert ours.data.dtype == theirs.data.dtype
    assert ours.targets.dtype == theirs.targets.dtype
    assert torch.equal(ours.data, theirs.data)
    assert torch.equal(ours.targets, theirs.targets)
    for index in range(len(theirs)):
        (our_image, our_target), (their_image, their_target) = ours[index], theirs[index]
        assert torch.equal(our_image, their_image)
        assert our_target == their_target


def test_transforms(root: Path, tiny_split: Split) -> None:
    dataset = MNISTDataset(root, train=False, transform=ToTensor(), target_transform=lambda digit: 9 - digit)
    image, target = dataset[4]
    assert image.shape == (1, 28, 28)
    assert image.dtype == torch.float32
    np.testing.assert_array_equal((image[0] * 255).round().numpy(), tiny_split.images[4])
    assert target == 5


def test_negative_index_counts_from_the_end(root: Path, tiny_split: Split) -> None:
    image, label = MNISTDataset(root)[-2]
    np.testing.assert_array_equal(np.asarray(image), tiny_split.images[18])
    assert label == 8


@pytest.mark.parametrize("index", [20, -21])
def test_index_out_of_range(root: Path, index: int) -> None:
    with pytest.raises(IndexError):
        MNISTDataset(root)[index]


def test_data_loader_with_workers_yields_every_sample_once(root: Path, tiny_split: Split) -> None:
    loader = DataLoader(MNISTDataset(root, transform=ToTensor()), batch_size=8, shuffle=True, num_workers=2)
    batches = list(loader)
    assert [len(labels) for _, labels in batches] == [8, 8, 4]
    images = torch.cat([images for images, _ in batches])
    labels = torch.cat([labels for _, labels in batches])
    label_of = {image.tobytes(): int(label) for image, label in zip(tiny_split.images, tiny_split.labels, strict=True)}
    pictures = [(image[0] * 255).round().to(torch.uint8).numpy().tobytes() for image in images]
    assert set(pictures) == set(label_of)
    assert [label_of[picture] for picture in pictures] == labels.tolist()


def test_can_be_sent_to_a_worker_process(root: Path) -> None:
    dataset = MNISTDataset(root, transform=ToTensor())
    copy = pickle.loads(pickle.dumps(dataset))  # as DataLoader does on macOS and Windows
    assert torch.equal(copy[5][0], dataset[5][0])
    assert copy[5][1] == dataset[5][1]


def test_wrong_data_is_found_when_the_data_set_is_made(root: Path, tiny_split: Split) -> None:
    (root / "MNIST/raw" / TRAIN_NAMES[1]).unlink()
    with pytest.raises(IdxError, match=f"found {TRAIN_NAMES[0]} but neither {TRAIN_NAMES[1]}"):
        MNISTDataset(root)


@pytest.mark.parametrize("folder", ["", "gzip"])
@pytest.mark.parametrize("kind", ["digits", "mnist"])
def test_emnist_as_nist_unpacks_it(
    tmp_path: Path, write_dataset: WriteDataset, tiny_split: Split, folder: str, kind: str
) -> None:
    names = tuple(name.replace("digits", kind) + ".gz" for name in EMNIST_NAMES)
    write_dataset(tmp_path / folder, tiny_split.images.transpose(0, 2, 1), tiny_split.labels, names)
    assert_same(load_split(tmp_path), tiny_split)


def test_a_root_without_data_names_what_lies_there(tmp_path: Path) -> None:
    for name in ("b.parquet", "a.csv"):
        (tmp_path / name).touch()
    (tmp_path / "c").mkdir()
    with pytest.raises(IdxError, match=r"found no training data\. .* and gzip/; found a\.csv, b\.parquet, c/$"):
        load_split(tmp_path)
    for number in range(20):
        (tmp_path / f"d{number:02}").touch()
    with pytest.raises(IdxError, match=r"found a\.csv, b\.parquet, c/, d00, d01, d02, d03, d04 and 15 more$"):
        load_split(tmp_path)
