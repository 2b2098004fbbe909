"""The file that keeps the likely label errors of a dataset: JSON lines, the first of which says how they were found."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mnist_demo.checks import share, whole_number
from mnist_demo.data.datasets import PACKAGED_DATA, Split
from mnist_demo.data.subject import CLASSES
from mnist_demo.errors import SettingsError
from mnist_demo.files import write_atomically
from mnist_demo.insight.label_errors import LabelError

NAME = "label-errors.jsonl"
COMMAND = "python -m mnist_demo.label_errors"
DIGITS = 4  # decimals of a probability


@dataclass(frozen=True)
class LabelErrors:
    """The likely label errors of a dataset.

    Attributes:
        made_with: the settings, by name.
        errors: by the name of the split, the surest first.
    """

    made_with: dict[str, Any]
    errors: dict[str, list[LabelError]]


def place_of(data: Path | None) -> Path:
    """Return where the file of a dataset lies: beside its files; `data` as for `load_split`."""
    return (data or PACKAGED_DATA.parent) / NAME


def write_label_errors(path: Path, found: LabelErrors, splits: Mapping[str, Split]) -> None:
    """Write the file.

    Raises:
        SettingsError: it cannot be written.
    """
    head = {"made_with": found.made_with, "splits": {name: split.fingerprint for name, split in splits.items()}}
    lines = [json.dumps(head)]
    for name, errors in found.errors.items():
        lines += [json.dumps({"split": name, **_round(error)}) for error in errors]
    try:
        write_atomically(path, "".join(f"{line}\n" for line in lines).encode())
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror or error}") from error


def read_label_errors(path: Path, splits: Mapping[str, Split]) -> LabelErrors | None:
    """Return the likely label errors of those splits that the file is about; None if it is about none, or not there.

    Raises:
        SettingsError: the file is damaged.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    try:
        head = json.loads(lines[0])
        known = {name: split for name, split in splits.items() if head["splits"].get(name) == split.fingerprint}
        errors: dict[str, list[LabelError]] = {name: [] for name in known}
        for name, found in _read(lines[1:], known):
            errors[name].append(found)
        return LabelErrors(dict(head["made_with"]), errors) if known else None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise SettingsError(f"{path}: expected what {COMMAND} writes, found {error!r:.200}") from error
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from error


def _read(lines: list[str], splits: Mapping[str, Split]) -> Iterator[tuple[str, LabelError]]:
    for line in lines:
        row = json.loads(line)
        name = row.pop("split")
        if name not in splits:
            continue
        error = LabelError(**row)
        whole_number("index", error.index, 0, len(splits[name]) - 1)
        for field in ("label", "proposed"):
            whole_number(field, getattr(error, field), 0, CLASSES - 1)
        for field in ("confidence", "self_confidence"):
            share(field, getattr(error, field), includes_one=True)
        yield name, error


def _round(error: LabelError) -> dict[str, Any]:
    """Return its fields; more digits differ from one processor to the next."""
    return {name: round(value, DIGITS) if isinstance(value, float) else value for name, value in asdict(error).items()}
