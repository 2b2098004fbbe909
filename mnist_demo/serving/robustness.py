"""How robust the bundled networks are, as the page shows it; `python -m mnist_demo.damage_curves` measures it."""

import hashlib
import logging
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from mnist_demo.data.datasets import Split
from mnist_demo.errors import CheckpointError, SettingsError
from mnist_demo.insight.robustness import Robustness
from mnist_demo.insight.robustness_file import COMMAND, place_of, read_robustness
from mnist_demo.networks.checkpoints import WEIGHTS, hash_weights

log = logging.getLogger(__name__)


class RobustnessFigures:
    """The figures of the networks as they are, on the data as it is; others are never shown.

    Args:
        data: the directory that the test split was read from; None for the bundled MNIST.
        test_split: of the data.
        networks: names of the bundled networks that are offered.

    Attributes:
        answer: "samples", how many there are; "command", the one that measures, None if there is no network that it
            would measure; and, where they are known, "clean", "curves" and "corruptions" as `Robustness` has them.
        version: a hash of the answer.
    """

    def __init__(self, data: Path | None, test_split: Split, networks: Collection[str]) -> None:
        found = _read(data, test_split, networks)
        command = (f"{COMMAND} --data DIR" if data else COMMAND) if networks else None
        figures = {} if found is None else asdict(found)
        self.answer: dict[str, Any] = {"samples": len(test_split), "command": command, **figures}
        self.version = hashlib.sha256(orjson.dumps(self.answer)).hexdigest()[:16]


def _read(data: Path | None, test_split: Split, networks: Collection[str]) -> Robustness | None:
    try:
        weights = {name: hash_weights(WEIGHTS / f"{name}.safetensors") for name in networks}
        return read_robustness(place_of(data), test_split, weights)
    except (SettingsError, CheckpointError) as error:  # the page can do without
        log.warning("%s", error)
        return None
