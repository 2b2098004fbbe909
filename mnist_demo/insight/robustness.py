"""How accurate networks stay as a split gets worse: by every damage, against its strength, and by every corruption.

found = measure_robustness(load_split(train=False), {"mine": model})
found.curves["rotate"].strengths  # [-90.0, -72.0, ..., 90.0]
found.curves["rotate"].accuracies["mine"]  # [0.11, 0.12, ...], as `evaluate` has them
found.corruptions["fog"]["mine"]
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

from mnist_demo.data.datasets import Split
from mnist_demo.insight.corruptions import CORRUPTIONS, corrupt
from mnist_demo.insight.damage import DAMAGES, Damage, damage
from mnist_demo.networks.evaluation import evaluate

STEPS = 10  # from the lowest strength to the highest
SEED = 0  # of the corruptions' random numbers

Accuracies = dict[str, float]  # in [0, 1], by the name of the network


@dataclass(frozen=True)
class Curve:
    """Accuracy against the strength of one damage.

    Attributes:
        strengths: increasing, in the unit of the damage; one of them changes nothing.
        accuracies: in [0, 1], one for each strength, by the name of the network.
    """

    strengths: list[float]
    accuracies: dict[str, list[float]]


@dataclass(frozen=True)
class Robustness:
    """The accuracies of networks on a split.

    Attributes:
        clean: as it is.
        curves: damaged, by the name of the damage.
        corruptions: corrupted, by the name of the corruption.
    """

    clean: Accuracies
    curves: dict[str, Curve]
    corruptions: dict[str, Accuracies]


def measure_robustness(
    split: Split, networks: Mapping[str, nn.Module], tell: Callable[[str], None] = lambda step: None
) -> Robustness:
    """Evaluate networks on damaged and corrupted copies of a split, the same ones each time.

    Args:
        split: of any data with MNIST's format; it has at least one image.
        networks: by name, each on its device.
        tell: called with what is evaluated next.

    Raises:
        SettingsError: the split is empty, or a network does not compute in float32.
    """

    def measure(step: str, images: NDArray[np.uint8]) -> Accuracies:
        tell(step)
        changed = Split(images, split.labels, split.subject)
        return {name: evaluate(network, changed).accuracy for name, network in networks.items()}

    clean = measure("as it is", split.images)
    curves = {}
    for name, kind in DAMAGES.items():
        strengths = list_strengths(kind)
        points = [
            clean
            if strength == kind.none
            else measure(f"{name}: {strength:g} {kind.unit}", damage(split.images, name, strength))
            for strength in strengths
        ]
        curves[name] = Curve(strengths, {network: [point[network] for point in points] for network in networks})
    corruptions = {
        name: measure(name, corrupt(split.images, name, np.random.default_rng(SEED))) for name in CORRUPTIONS
    }
    return Robustness(clean, curves, corruptions)


def list_strengths(kind: Damage) -> list[float]:
    """Return eleven strengths, on each side of the one that changes nothing in even steps up to the end."""
    ends = [end for end in (kind.low, kind.high) if end != kind.none]
    steps = STEPS // len(ends)
    reached = {round(kind.none + (end - kind.none) * step / steps, 4) for end in ends for step in range(steps + 1)}
    return sorted(reached)
