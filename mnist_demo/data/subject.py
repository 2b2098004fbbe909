"""What the pictures of a data set show: its name, and what its ten labels stand for."""

from dataclasses import dataclass
from pathlib import Path

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
    def is_digits(self) -> bool:
        """Whether the labels stand for themselves."""
        return self.classes == DIGITS


MNIST = Subject("MNIST")
# Their files bear MNIST's own names, so the folders tell: one of these words in a name, as torchvision, Debian and the
# authors' archives have it.
KNOWN = {
    "fashion": Subject(
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
    ),
    "kmnist": Subject("KMNIST", ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")),
    "kuzushiji": Subject("KMNIST", ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")),
    "emnist": Subject("EMNIST"),
    "qmnist": Subject("QMNIST"),
}


def find_subject(root: Path, labels: Path) -> Subject:
    """Return what a data set is about: as labels.txt says, or else as the names of its folders and files tell.

    Args:
        root: the directory that was asked for; labels.txt lies there, or beside the files.
        labels: the file of its labels.

    Raises:
        IdxError: labels.txt does not name ten classes.
    """
    for folder in dict.fromkeys((root, labels.parent)):
        if (folder / NAMES_FILE).is_file():
            return Subject(root.resolve().name, _read_names(folder / NAMES_FILE))
    place = "/".join(labels.resolve().parts[-NEAR:]).lower()
    return next((subject for word, subject in KNOWN.items() if word in place), MNIST)


def _read_names(path: Path) -> tuple[str, ...]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise IdxError(f"{path}: cannot be read: {error}") from error
    names = tuple(line.strip() for line in lines if line.strip())
    if len(set(names)) != CLASSES or len(names) != CLASSES:
        raise IdxError(f"{path}: expected ten different names, one a line, found {len(names)}")
    return names
