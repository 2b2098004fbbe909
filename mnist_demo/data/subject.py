"""What the pictures of a data set show: its name, and what its ten labels stand for."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_demo.errors import IdxError

DIGITS = tuple("0123456789")
CLASSES = len(DIGITS)
NEAR = 4  # the file and the folders around it whose names tell; those further out are somebody's home
NAMES_FILE = "labels.txt"  # ten lines, the name of label 0 first


@dataclass(frozen=True)
class Subject:
    """What a data set is about.

    Attributes:
        dataset: its name.
        classes: ten names; label 3 stands for `classes[3]`.
    """

    dataset: str
    classes: tuple[str, ...] = DIGITS

    @property
    def title(self) -> str:
        """What the page is headed with."""
        return "Handwritten digits" if self.is_digits else self.dataset

    @property
    def noun(self) -> str:
        """What one of its pictures shows: "Draw a ..."."""
        return "digit" if self.is_digits else "picture"

    @property
    def is_digits(self) -> bool:
        """Whether the labels stand for themselves."""
        return self.classes == DIGITS


MNIST = Subject("MNIST")
FASHION = Subject(
    "Fashion-MNIST",
    (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
)
KMNIST = Subject("KMNIST", ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"))
# Drop-in replacements bear MNIST's own file names. Fashion-MNIST is known by the SHA-256 of its labels, training and
# test; all of them by the name of a folder around the files, as their authors, torchvision and Debian call it.
LABELS = {
    "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7": FASHION,
    "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9": FASHION,
}
FOLDERS = {
    re.compile(r"fashion|.*fashion[-_]?mnist", re.IGNORECASE): FASHION,
    re.compile(r"(.*[-_])?kmnist|kuzushiji.*", re.IGNORECASE): KMNIST,
}


def find_subject(root: Path, path: Path, labels: NDArray[np.uint8]) -> Subject:
    """Return what a data set is about: as labels.txt says, or else as its labels or its folders tell.

    Args:
        root: the directory that was asked for; labels.txt lies there, or beside the files.
        path: the file of its labels.
        labels: (N,) what is in it.

    Raises:
        IdxError: labels.txt does not name ten classes.
    """
    for folder in dict.fromkeys((root, path.parent)):
        if (folder / NAMES_FILE).is_file():
            return Subject(root.resolve().name, _read_names(folder / NAMES_FILE))
    folders = path.resolve().parts[-NEAR:-1]
    named = (subject for pattern, subject in FOLDERS.items() if any(map(pattern.fullmatch, folders)))
    return LABELS.get(hashlib.sha256(labels.tobytes()).hexdigest()) or next(named, MNIST)


def _read_names(path: Path) -> tuple[str, ...]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise IdxError(f"{path}: cannot be read: {error}") from error
    names = tuple(line.strip() for line in lines if line.strip())
    if len(set(names)) != CLASSES or len(names) != CLASSES:
        raise IdxError(f"{path}: expected ten different names, one a line, found {len(names)}")
    return names
