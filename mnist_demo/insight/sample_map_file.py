"""The file that keeps the map of a dataset: safetensors, whose metadata say of which data and by which weights."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
from numpy.typing import NDArray
from safetensors.numpy import save

from mnist_demo.data.datasets import PACKAGED_DATA, Split
from mnist_demo.errors import SettingsError
from mnist_demo.files import write_atomically
from mnist_demo.insight.sample_map import PCA, TSNE, Projection, SampleMap, fit_square
from mnist_demo.networks.checkpoints import WEIGHTS, hash_weights
from mnist_demo.networks.registry import DEFAULT_MODEL

NAME = "map.safetensors"
COMMAND = "python -m mnist_demo.map"
STEPS = 2**16 - 1  # into which the unit square is divided


def place_of(data: Path | None) -> Path:
    """Return where the file of a dataset lies: beside its files; `data` as for `load_split`."""
    return (data or PACKAGED_DATA.parent) / NAME


def describe_origin(splits: Mapping[str, Split], of_network: bool) -> dict[str, str]:
    """Return what a map depends on, as hashes: the splits, and the weights of the best network if it is made from them.

    Raises:
        CheckpointError: the weights cannot be read.
    """
    weights = hash_weights(WEIGHTS / f"{DEFAULT_MODEL}.safetensors") if of_network else "pixels"
    return {"network": weights, **{name: split.fingerprint for name, split in splits.items()}}


def write_map(path: Path, made: SampleMap, origin: Mapping[str, str], made_with: Mapping[str, str]) -> None:
    """Write the file; `made_with` says how the map was made.

    Raises:
        SettingsError: it cannot be written.
    """
    arrays: dict[str, NDArray[Any]] = {
        "mean": made.projection.mean,
        "directions": made.projection.directions,
        "codes": made.codes.astype(np.float16),
        TSNE: np.rint(made.layouts[TSNE] * STEPS).astype(np.uint16),
        **{name: indices.astype(np.int32) for name, indices in made.indices.items()},
    }
    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    try:
        write_atomically(path, save(arrays, {**made_with, **_name(origin)}))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror or error}") from error


def read_map(path: Path, origin: Mapping[str, str], splits: Mapping[str, Split]) -> SampleMap | None:
    """Return the map in a file; None if there is none, or one of other data or weights.

    Raises:
        SettingsError: the file is damaged.
    """
    try:
        with safetensors.safe_open(path, framework="np") as file:
            if not _name(origin).items() <= (file.metadata() or {}).items():
                return None
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        return None
    except (OSError, safetensors.SafetensorError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    try:
        return _build(arrays, splits)
    except (LookupError, ValueError, TypeError) as error:
        raise SettingsError(f"{path}: expected what {COMMAND} writes, found {error!r:.200}") from error


def _build(arrays: dict[str, Any], splits: Mapping[str, Split]) -> SampleMap:
    indices = {name: arrays[name] for name in splits}
    for name, split in splits.items():
        split.labels[indices[name]]  # there are such samples
    codes, places = arrays["codes"], arrays[TSNE]
    if len(codes) != len(places) or len(codes) != sum(map(len, indices.values())):
        raise ValueError(f"{len(codes):,} codes and {len(places):,} places")
    layouts = {TSNE: places.astype(np.float32) / STEPS, PCA: fit_square(codes[:, :2].astype(np.float32))}
    return SampleMap(indices, Projection(arrays["mean"], arrays["directions"]), codes, layouts)


def _name(origin: Mapping[str, str]) -> dict[str, str]:
    return {f"of {name}": value for name, value in origin.items()}
