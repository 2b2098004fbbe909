"""Weights on disk: safetensors with metadata, written atomically, loaded strictly."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import safetensors
import torch
from safetensors import SafetensorError
from safetensors.torch import save
from torch import Tensor, nn

from mnist_demo.data.subject import CLASSES, MNIST, Subject
from mnist_demo.errors import CheckpointError, SettingsError
from mnist_demo.files import write_atomically
from mnist_demo.networks.digitnet import LIKELY
from mnist_demo.networks.fusion import fuse_batch_norm
from mnist_demo.networks.inkfinder import InkFinder
from mnist_demo.networks.registry import MODELS, build_model, check_sizes

PACKAGE = Path(__file__).parent.parent
# One NAME.safetensors for every model: inside the installed package, or at the root of the repository.
WEIGHTS = (PACKAGE if (PACKAGE / "weights").is_dir() else PACKAGE.parent) / "weights"
SEPARATOR = " | "  # between class names
INK_FINDER = "inkfinder"  # no network of MODELS: it reads no digits
FORMAT = "3"  # of the files; files without one are format 1, see _upgrade
# How mlp-relu scaled its pixels in format 1, before its first layer:
OLD_MEAN, OLD_SCALE = 0.1307, 5.0


@dataclass(frozen=True)
class Checkpoint:
    """A trained network and its provenance.

    Attributes:
        model: on the CPU, ready to evaluate.
        name: its key in MODELS.
        metadata: what `save_checkpoint` wrote: the settings of the run, test_accuracy, date, torch ...
    """

    model: nn.Module
    name: str
    metadata: dict[str, str]

    @property
    def subject(self) -> Subject:
        """The dataset and the classes that it was trained on."""
        return _subject_of(self.metadata)


def save_checkpoint(
    path: Path, model: nn.Module, metadata: Mapping[str, object], subject: Subject = MNIST, durable: bool = True
) -> None:
    """Write the weights of `model` with metadata on how it was trained.

    Args:
        path: the file to write; an existing one is replaced atomically.
        model: any network of MODELS.
        metadata: how it was trained; "model" is its name, "sizes" its layer sizes if they are configurable.
        subject: the dataset and the classes that it was trained on.
        durable: wait until the file is on the disk (fsync).

    Raises:
        CheckpointError: the file cannot be written.
    """
    texts = {
        **{name: _to_text(value) for name, value in metadata.items()},
        "dataset": subject.dataset,
        "classes": SEPARATOR.join(subject.classes),
        "format": FORMAT,
        "date": date.today().isoformat(),
        "torch": torch.__version__,
        "safetensors": safetensors.__version__,
    }
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    try:
        write_atomically(path, save(tensors, texts), durable)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be written: {error.strerror or error}") from error


def load_checkpoint(path: str | os.PathLike[str], name: str | None = None) -> Checkpoint:
    """Read a weights file and build its network.

    Args:
        path: a file that `save_checkpoint` wrote.
        name: the expected network; None accepts the one named in the file.

    Raises:
        CheckpointError: the file is missing, is not a complete safetensors file, or does not contain exactly the
            tensors of the network.
    """
    path = Path(path)
    metadata, tensors = _read(path)
    found = metadata.get("model")
    if found not in MODELS:
        raise CheckpointError(f"{path}: expected the weights of one of {', '.join(MODELS)}, found {found!r}")
    if name is not None and name != found:
        raise CheckpointError(f"{path}: expected the weights of {name!r}, found those of {found!r}")
    model = build_model(found, sizes=_read_sizes(path, metadata))
    tensors = _upgrade(found, tensors, metadata.get("format", "1"))
    _require_same_tensors(path, expected=model.state_dict(), found=tensors)
    model.load_state_dict(tensors)
    return Checkpoint(model.eval(), found, metadata)


def load_ink_finder(path: Path) -> InkFinder:
    """Read the weights of the ink finder, ready to use: in eval mode, batch normalisation folded into convolutions.

    Raises:
        CheckpointError: as for `load_checkpoint`.
    """
    metadata, tensors = _read(path)
    if metadata.get("model") != INK_FINDER:
        raise CheckpointError(f"{path}: expected the weights of {INK_FINDER!r}, found {metadata.get('model')!r}")
    model = InkFinder()
    _require_same_tensors(path, expected=model.state_dict(), found=tensors)
    model.load_state_dict(tensors)
    fuse_batch_norm(model.eval())
    return model.to(memory_format=torch.channels_last)


def hash_weights(path: Path) -> str:
    """Return a hash of a weights file, 16 hexadecimal digits: the same on every machine, another for other weights.

    Raises:
        CheckpointError: the file cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}") from error


def read_metadata(path: Path) -> dict[str, str]:
    """Return the metadata of a weights file.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    return _read(path)[0]


def read_subject(path: Path) -> Subject:
    """Return the dataset and classes of a weights file, without building the network.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    return _subject_of(read_metadata(path))


def _subject_of(metadata: dict[str, str]) -> Subject:
    """Return the dataset and classes in the metadata; MNIST if there are none."""
    classes = tuple(metadata.get("classes", "").split(SEPARATOR))
    name = metadata.get("dataset", MNIST.dataset)
    return Subject(name, classes) if len(classes) == CLASSES else Subject(name)


def _upgrade(name: str, tensors: dict[str, Tensor], found: str) -> dict[str, Tensor]:
    """Convert the tensors of a file of format `found` so that the network gives the same outputs.

    Tensors that are missing stay missing, which is reported later.
    """
    if found == "1" and name == "mlp-relu" and {"layers.1.weight", "layers.1.bias"} <= tensors.keys():
        # (pixel - mean) * scale, before the first layer, is now folded into that layer's weights.
        weight, bias = tensors["layers.1.weight"] * OLD_SCALE, tensors["layers.1.bias"]
        if bias.shape == weight.shape[:1]:
            return tensors | {"layers.1.weight": weight, "layers.1.bias": bias - OLD_MEAN * weight.sum(dim=1)}
    if found in ("1", "2") and name == "digitnet" and {"classifier.weight", "classifier.bias"} <= tensors.keys():
        # Format 3 has a batch norm in front of the last layer, here one that changes nothing, and candidates.
        norm = nn.BatchNorm1d(tensors["classifier.weight"].shape[-1])
        norm.running_var = torch.full_like(norm.weight, 1 - norm.eps)
        layers = {f"classifier.0.{name}": tensor for name, tensor in norm.state_dict().items()}
        layers |= {f"classifier.1.{name}": tensors[f"classifier.{name}"] for name in ("weight", "bias")}
        others = {name: tensor for name, tensor in tensors.items() if not name.startswith("classifier.")}
        return {"candidate_threshold": torch.tensor(LIKELY)} | others | layers
    return tensors


def _to_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _read_sizes(path: Path, metadata: dict[str, str]) -> tuple[int, ...]:
    try:
        return check_sizes(metadata["model"], [int(size) for size in metadata.get("sizes", "").split()])
    except (ValueError, SettingsError) as error:
        raise CheckpointError(f"{path}: invalid layer sizes: {error}") from error


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            return file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise CheckpointError(f"{path}: not a complete safetensors file: {error}") from error
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}") from error


def _require_same_tensors(path: Path, expected: dict[str, Tensor], found: dict[str, Tensor]) -> None:
    if missing := sorted(expected.keys() - found.keys()):
        raise CheckpointError(f"{path}: the tensor {missing[0]} is missing")
    if extra := sorted(found.keys() - expected.keys()):
        raise CheckpointError(f"{path}: found a tensor {extra[0]} that the network does not have")
    for name, tensor in expected.items():
        if found[name].shape != tensor.shape or found[name].dtype != tensor.dtype:
            raise CheckpointError(
                f"{path}: expected {name} of shape {tuple(tensor.shape)} and {tensor.dtype}, "
                f"found {tuple(found[name].shape)} and {found[name].dtype}"
            )
        if not found[name].isfinite().all():
            raise CheckpointError(f"{path}: {name} contains values that are not finite")
