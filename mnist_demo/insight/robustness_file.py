"""The file that keeps how robust the bundled networks are: JSON lines, the first of which says of what they tell."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mnist_demo.checks import share
from mnist_demo.data.datasets import PACKAGED_DATA, Split
from mnist_demo.errors import SettingsError
from mnist_demo.files import write_atomically
from mnist_demo.insight.corruptions import CORRUPTIONS
from mnist_demo.insight.damage import DAMAGES
from mnist_demo.insight.robustness import Accuracies, Curve, Robustness, list_strengths

NAME = "damage-curves.jsonl"
COMMAND = "python -m mnist_demo.damage_curves"


def place_of(data: Path | None) -> Path:
    """Return where the file of a dataset lies: beside its files; `data` as for `load_split`."""
    return (data or PACKAGED_DATA.parent) / NAME


def write_robustness(
    path: Path, found: Robustness, split: Split, weights: Mapping[str, str], made_with: Mapping[str, Any]
) -> None:
    """Write the file.

    Args:
        path: where to.
        found: the accuracies.
        split: on which they were measured.
        weights: hashes of the networks' weights, by the name of the network.
        made_with: the settings, by name.

    Raises:
        SettingsError: it cannot be written.
    """
    head = {"made_with": made_with, "split": split.fingerprint, "weights": weights, "clean": found.clean}
    curves = [
        {"damage": name, "strengths": curve.strengths, "accuracies": curve.accuracies}
        for name, curve in found.curves.items()
    ]
    corruptions = [{"corruption": name, "accuracies": accuracies} for name, accuracies in found.corruptions.items()]
    text = "".join(f"{json.dumps(line)}\n" for line in (head, *curves, *corruptions))
    try:
        write_atomically(path, text.encode())
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror or error}") from error


def read_robustness(path: Path, split: Split, weights: Mapping[str, str]) -> Robustness | None:
    """Return the accuracies of those networks that the file is about, None if it is about none, or not there.

    Args:
        path: of the file.
        split: that they have to be measured on.
        weights: hashes of the weights that the networks have, by the name of the network.

    Raises:
        SettingsError: the file is damaged, or older than the damages as they are.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    try:
        head, *rows = map(json.loads, lines)
        known = [name for name, found in head["weights"].items() if weights.get(name) == found]
        if head["split"] != split.fingerprint or not known:
            return None
        curves = {row["damage"]: _read_curve(row, known) for row in rows if "damage" in row}
        corruptions = {row["corruption"]: _read(row["accuracies"], known) for row in rows if "corruption" in row}
        _require_names("damages", curves, DAMAGES)
        _require_names("corruptions", corruptions, CORRUPTIONS)
        return Robustness(_read(head["clean"], known), curves, corruptions)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise SettingsError(f"{path}: expected what {COMMAND} writes, found {error!r:.200}") from error
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}; make it again with: {COMMAND}") from error


def _read_curve(row: dict[str, Any], known: list[str]) -> Curve:
    name, strengths = row["damage"], row["strengths"]
    if strengths != (expected := list_strengths(DAMAGES[name])):
        raise SettingsError(f"{name}: expected the strengths {expected}, found {strengths!r:.200}")
    accuracies = {
        network: [share(network, value, includes_one=True) for value in row["accuracies"][network]] for network in known
    }
    for network, values in accuracies.items():
        if len(values) != len(strengths):
            raise SettingsError(f"{name}: expected {len(strengths)} accuracies of {network}, found {len(values)}")
    return Curve(strengths, accuracies)


def _read(accuracies: dict[str, Any], known: list[str]) -> Accuracies:
    return {name: share(name, accuracies[name], includes_one=True) for name in known}


def _require_names(what: str, found: Iterable[str], expected: Iterable[str]) -> None:
    if list(found) != list(expected):
        raise SettingsError(f"{what}: expected {', '.join(expected)}, found {', '.join(found)}")
