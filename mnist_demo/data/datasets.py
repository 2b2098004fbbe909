"""MNIST and its drop-in replacements: locating and loading the files."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import Dataset

from mnist_demo.data.idx import read_idx
from mnist_demo.data.subject import CLASSES, MNIST, Subject, find_subject
from mnist_demo.errors import IdxError

PACKAGED_DATA = Path(__file__).parent / "raw"
SIDE = 28  # px, the side of an MNIST picture
MAX_NAMED = 8  # files listed in a message

# The names (images, labels) under which a split is published, each with or without ".gz".
# EMNIST: Cohen et al. 2017; QMNIST: Yadav and Bottou 2019; the dotted names are a common re-upload of MNIST.
FILE_NAMES = {
    True: (
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
        ("emnist-digits-train-images-idx3-ubyte", "emnist-digits-train-labels-idx1-ubyte"),
        ("emnist-mnist-train-images-idx3-ubyte", "emnist-mnist-train-labels-idx1-ubyte"),
        ("qmnist-train-images-idx3-ubyte", "qmnist-train-labels-idx2-int"),
    ),
    False: (
        ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
        ("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
        ("emnist-digits-test-images-idx3-ubyte", "emnist-digits-test-labels-idx1-ubyte"),
        ("emnist-mnist-test-images-idx3-ubyte", "emnist-mnist-test-labels-idx1-ubyte"),
        ("qmnist-test-images-idx3-ubyte", "qmnist-test-labels-idx2-int"),
    ),
}


@dataclass(frozen=True, eq=False)
class Split:
    """The training or the test split of a dataset.

    Attributes:
        images: (N, 28, 28) uint8, ink is 255 on 0.
        labels: (N,) uint8, 0 to 9.
        subject: the dataset and its classes.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    subject: Subject = MNIST

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the images and labels, 16 hexadecimal digits: other samples have another one."""
        digest = hashlib.sha256()
        for array in (self.images, self.labels):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()[:16]


def load_split(root: str | os.PathLike[str] | None = None, train: bool = True) -> Split:
    """Read one split from raw IDX files.

    Args:
        root: a directory of IDX files with MNIST's names, compressed or plain, flat, in torchvision's `MNIST/raw/`
            layout, or in the `gzip/` folder of NIST's archive; Fashion-MNIST, KMNIST, EMNIST-digits, EMNIST-MNIST and
            QMNIST work as well. None: the MNIST files bundled with this package.
        train: the 60,000 training images, or the 10,000 test images.

    Raises:
        IdxError: a file is missing or damaged, the images are not 28x28 bytes, a label is not 0 to 9,
            or the numbers of labels and images differ.
    """
    folder = Path(root) if root is not None else PACKAGED_DATA
    images_path, labels_path = find_files(root, train)
    images = _read_images(images_path)
    labels = _read_labels(labels_path)
    if len(labels) != len(images):
        raise IdxError(f"{labels_path}: expected a label for each of {len(images):,} images, found {len(labels):,}")
    return Split(images, labels, find_subject(folder, labels_path, labels))


def find_files(root: str | os.PathLike[str] | None = None, train: bool = True) -> tuple[Path, Path]:
    """Return the files of the images and of the labels of a split; the arguments are those of `load_split`.

    Raises:
        IdxError: a file is missing.
    """
    folder = Path(root) if root is not None else PACKAGED_DATA
    try:
        return _find_files(folder, train)
    except OSError as error:
        raise IdxError(f"{folder}: cannot be read: {error.strerror or error}") from error


class MNISTDataset(Dataset[tuple[Any, Any]]):
    """A split for a `DataLoader`, following torchvision's conventions.

    `dataset[i]` is a pair of a 28x28 PIL picture (mode "L") and an int, each after its transform.

    Attributes:
        data: (N, 28, 28) uint8 tensor.
        targets: (N,) int64 tensor, 0 to 9.
        classes: ten names; target 3 stands for `classes[3]`.
        class_to_idx: the target of each name.
    """

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        train: bool = True,
        transform: Callable[[Image.Image], Any] | None = None,
        target_transform: Callable[[int], Any] | None = None,
    ) -> None:
        split = load_split(root, train)
        self.classes = list(split.subject.classes)
        self.class_to_idx = {name: index for index, name in enumerate(self.classes)}
        self._description = f"{'training' if train else 'test'} split of {split.subject.dataset}"
        self.data = torch.from_numpy(split.images)
        self.targets = torch.from_numpy(split.labels).long()
        self.transform = transform
        self.target_transform = target_transform

    def __len__(self) -> int:
        return len(self.targets)

    def __repr__(self) -> str:
        transforms = (("transform", self.transform), ("target_transform", self.target_transform))
        lines = [f"{name}: {value!r}" for name, value in transforms if value is not None]
        return "\n    ".join([f"{type(self).__name__}: {len(self):,} samples, {self._description}", *lines])

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """Return the picture and the target at an index, which may be negative.

        Raises:
            IndexError: there is no such sample.
            TypeError: it is a slice; use `torch.utils.data.Subset` for part of a dataset.
        """
        if isinstance(index, slice):
            raise TypeError("expected one index, found a slice: use torch.utils.data.Subset(dataset, range(...))")
        image: Any = Image.fromarray(self.data[index].numpy())
        target: Any = int(self.targets[index])
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target


def _find_files(root: Path, train: bool) -> tuple[Path, Path]:
    """Return the paths of the images and of the labels of a split below `root`."""
    if not root.is_dir():
        raise IdxError(f"{root}: expected a directory of IDX files, found {'a file' if root.exists() else 'nothing'}")
    folders = [root, root / "raw", root / "MNIST" / "raw", *sorted(root.glob("*/raw")), root / "gzip"]
    for folder in folders:
        for names in FILE_NAMES[train]:
            images, labels = (_find_file(folder, name) for name in names)
            if images and labels:
                return images, labels
            if images or labels:
                found, missing = (names[0], names[1]) if images else (names[1], names[0])
                raise IdxError(f"{folder}: found {found} but neither {missing} nor {missing}.gz beside it")
    images_name, labels_name = FILE_NAMES[train][0]
    raise IdxError(
        f"{root}: found no {'training' if train else 'test'} data. Looked for {images_name} and {labels_name}, "
        "with or without .gz and under the names of EMNIST and QMNIST, there, in raw/, MNIST/raw/, */raw/ and gzip/; "
        f"found {_list_files(root)}"
    )


def _list_files(root: Path) -> str:
    """Return the names of the first few entries of a directory."""
    names = sorted(f"{path.name}/" if path.is_dir() else path.name for path in root.iterdir())
    shown = ", ".join(names[:MAX_NAMED]) or "nothing"
    return f"{shown} and {len(names) - MAX_NAMED:,} more" if len(names) > MAX_NAMED else shown


def _find_file(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def _read_images(path: Path) -> NDArray[np.uint8]:
    images = read_idx(path)
    if images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8 or not len(images):
        raise IdxError(f"{path}: expected images (N, 28, 28) of uint8, found {images.shape} of {images.dtype}")
    if path.name.startswith("emnist-"):
        # EMNIST was published in column-major order (Cohen et al. 2017, section II).
        images = np.ascontiguousarray(images.transpose(0, 2, 1))
    return images


def _read_labels(path: Path) -> NDArray[np.uint8]:
    labels = read_idx(path)
    if labels.ndim == 2 and labels.shape[1] == 8:
        labels = labels[:, 0]  # QMNIST: the class, then seven columns on the writer
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise IdxError(f"{path}: expected labels (N,) of integers, found {labels.shape} of {labels.dtype}")
    wrong = (labels < 0) | (labels >= CLASSES)
    if wrong.any():
        at = int(wrong.argmax())
        raise IdxError(f"{path}: expected labels 0 to 9, found {labels[at]} at index {at:,}")
    return labels.astype(np.uint8, copy=False)
