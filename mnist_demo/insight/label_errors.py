"""Likely label errors: samples whose label is contradicted by every network that did not learn from them.

for error in find_label_errors(images, labels, train_network):  # the surest first
    print(error.index, error.label, error.proposed, error.confidence)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mnist_demo.checks import whole_number
from mnist_demo.data.subject import CLASSES
from mnist_demo.errors import SettingsError
from mnist_demo.insight.mistakes import probabilities_of
from mnist_demo.networks.calibration import fit_temperature

FOLDS = 5
NETWORKS = 3  # of each fold
MAX_NETWORKS = 100
MAX_SEED = 2**32 - 1  # that of NumPy and of TrainConfig

Images = NDArray[np.uint8]  # (N, 28, 28)
Labels = NDArray[np.uint8]  # (N,) 0 to 9
Network = Callable[[Images], NDArray[np.floating[Any]]]  # returns (N, 10) logits
TrainNetwork = Callable[[Images, Labels, int], Network]  # the last one is the seed


@dataclass(frozen=True)
class LabelError:
    """A sample whose label is likely to be wrong.

    Attributes:
        index: of the sample.
        label: what it is labelled.
        proposed: what every network says instead.
        confidence: the mean probability of the proposed label, in [0, 1].
        self_confidence: that of the label, in [0, 1].
    """

    index: int
    label: int
    proposed: int
    confidence: float
    self_confidence: float

    @property
    def doubt(self) -> float:
        """How sure it is, in (0, 1]: the normalised margin of Northcutt et al. with its sign turned."""
        return self.confidence - self.self_confidence


def find_label_errors(
    images: Images,
    labels: NDArray[np.integer[Any]],
    train_network: TrainNetwork,
    folds: int = FOLDS,
    networks: int = NETWORKS,
    seed: int = 0,
) -> list[LabelError]:
    """Return the samples whose label every network contradicts with the same other one, the surest first.

    The samples are dealt into folds, and each fold is judged by several networks that learned from the other folds.
    What is judged out of its fold, and ranked by the normalised margin, is confident learning: Northcutt, Jiang,
    Chuang, JAIR 70, 2021, arXiv:1911.00068; on test sets, Northcutt, Athalye, Mueller, arXiv:2103.14749. In place of
    their thresholds, the mean self-confidence of each class, the networks of a fold have to agree: where a network is
    right 99% of the time, those thresholds are so high that hardly a sample is found. Probabilities are calibrated by
    a temperature for each network of a fold (`fit_temperature`).

    Args:
        images: (N, 28, 28).
        labels: (N,) 0 to 9.
        train_network: trains a network on images and labels with a seed, and returns it as a function from
            (M, 28, 28) images to (M, 10) logits. `mnist_demo.label_errors` has one.
        folds: 2 to N.
        networks: how many judge each fold, 1 to 100.
        seed: deals the samples into folds; the networks get the seeds that follow.

    Raises:
        SettingsError: a number is out of range, the labels are not 0 to 9 or not as many as the images, or a network
            returns something else than logits.
    """
    labels = _check(images, labels)
    logits = predict_out_of_fold(images, labels, train_network, folds, networks, seed)
    scaled = [scores / fit_temperature(torch.from_numpy(scores), torch.from_numpy(labels).long()) for scores in logits]
    return rank_label_errors(np.stack([probabilities_of(scores) for scores in scaled]), labels)


def predict_out_of_fold(
    images: Images, labels: Labels, train_network: TrainNetwork, folds: int, networks: int, seed: int
) -> NDArray[np.float32]:
    """Return the logits of networks that did not learn from the sample, (networks, N, 10); see `find_label_errors`."""
    folds = whole_number("folds", folds, 2, len(labels))
    networks = whole_number("networks", networks, 1, MAX_NETWORKS)
    seed = whole_number("seed", seed, 0, MAX_SEED - folds * networks)
    logits = np.empty((networks, len(labels), CLASSES), np.float32)
    order = np.random.default_rng(seed).permutation(len(labels))
    for fold, judged in enumerate(np.array_split(order, folds)):
        learned = np.sort(np.setdiff1d(order, judged))
        for number in range(networks):
            network = train_network(images[learned], labels[learned], seed + fold * networks + number)
            scores = network(images[judged])
            if scores.shape != (len(judged), CLASSES) or not np.isfinite(scores).all():
                expected = f"expected finite logits of the shape {(len(judged), CLASSES)}"
                raise SettingsError(f"train_network: {expected}, found {scores.shape} of {scores.dtype}")
            logits[number, judged] = scores
    return logits


def rank_label_errors(probabilities: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]]) -> list[LabelError]:
    """Return the samples whose label all networks contradict with the same other one, the surest first.

    Args:
        probabilities: (networks, N, 10) of networks that did not learn from the sample.
        labels: (N,) 0 to 9.
    """
    guesses = probabilities.argmax(axis=2)
    doubtful = np.flatnonzero((guesses == guesses[0]).all(axis=0) & (guesses[0] != labels))
    mean = probabilities.mean(axis=0)
    errors = []
    for index in doubtful:
        label, proposed = int(labels[index]), int(guesses[0, index])
        errors.append(LabelError(int(index), label, proposed, float(mean[index, proposed]), float(mean[index, label])))
    return sorted(errors, key=lambda error: (-error.doubt, error.index))


def _check(images: Images, labels: NDArray[np.integer[Any]]) -> Labels:
    """Return the labels as bytes."""
    if labels.ndim != 1 or len(labels) != len(images) or len(labels) < 2:
        raise SettingsError(
            f"labels: expected one for each of at least 2 images, found the shapes {labels.shape} and {images.shape}"
        )
    if labels.dtype.kind not in "iu":
        raise SettingsError(f"labels: expected whole numbers from 0 to 9, found {labels.dtype}")
    if labels.min() < 0 or labels.max() >= CLASSES:
        raise SettingsError(f"labels: expected whole numbers from 0 to 9, found {labels.min()} to {labels.max()}")
    return labels.astype(np.uint8, copy=False)
