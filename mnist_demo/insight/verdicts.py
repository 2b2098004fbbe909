"""What a network says of every sample of a split, and which samples that makes worth a look."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_demo.checks import finite_number, require_choice, whole_number
from mnist_demo.data.subject import CLASSES
from mnist_demo.errors import SettingsError
from mnist_demo.insight.mistakes import probabilities_of

MEASURES = ("ink", "slant", "doubt")  # of a sample, whatever a network says
ORDERS = ("index", "confidence", "loss", "disagreement", *MEASURES)
LOGIT_TYPE = np.float16  # of what is kept: half of a thousandth of a logit is nothing that anybody sees

Mask = NDArray[np.bool_]  # (N,)


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What a network says of N samples.

    Attributes:
        logits: (N, 10) float.
        labels: (N,) 0 to 9.
        threshold: on the logsumexp of the logits; samples at or below it are rejected. -inf: the network rejects none.
    """

    logits: NDArray[np.floating[Any]]
    labels: NDArray[np.uint8]
    threshold: float = -np.inf

    @cached_property
    def guesses(self) -> NDArray[np.uint8]:
        """(N,) the likeliest digit."""
        guesses: NDArray[np.uint8] = self.logits.argmax(axis=1).astype(np.uint8)
        return guesses

    @cached_property
    def probabilities(self) -> NDArray[np.float32]:
        """(N, 10), each row sums to 1."""
        return probabilities_of(self.logits).astype(np.float32)

    @cached_property
    def confidences(self) -> NDArray[np.float32]:
        """(N,) the probability of the guess."""
        confidences: NDArray[np.float32] = self.probabilities.max(axis=1)
        return confidences

    @cached_property
    def losses(self) -> NDArray[np.float32]:
        """(N,) cross-entropy in nats."""
        rows = np.arange(len(self.labels))
        loss: NDArray[np.float32] = -np.log(np.maximum(self.probabilities[rows, self.labels], np.float32(1e-30)))
        return loss

    @cached_property
    def mistakes(self) -> Mask:
        """(N,) where the guess is not the label."""
        mistakes: Mask = self.guesses != self.labels
        return mistakes

    @cached_property
    def rejects(self) -> Mask:
        """(N,) where the network says that it is no digit."""
        highest = self.logits.max(axis=1).astype(np.float32)
        rest = np.exp(self.logits.astype(np.float32) - highest[:, np.newaxis]).sum(axis=1)
        rejected: Mask = highest + np.log(rest) <= self.threshold
        return rejected


@dataclass(frozen=True)
class Filter:
    """Which samples of a split are wanted, and in which order. What is None does not matter.

    Attributes:
        label: 0 to 9.
        guess: 0 to 9, what the network says.
        mistakes: only those whose guess is not the label.
        rejects: only those that the network rejects.
        doubtful: only those whose label is likely to be wrong.
        confidence: the least and the greatest confidence, in [0, 1].
        index: the first and the last index.
        ink: the least and the greatest share of ink, in [0, 1].
        slant: the least and the greatest slant, in degrees.
        among: only these indices.
        order: one of ORDERS; by disagreement needs a second network, by doubt is by how sure it is that the label is
            wrong.
        descending: from the greatest to the least.

    Raises:
        SettingsError: one of them is out of range.
    """

    label: int | None = None
    guess: int | None = None
    mistakes: bool = False
    rejects: bool = False
    doubtful: bool = False
    confidence: tuple[float, float] | None = None
    index: tuple[int, int] | None = None
    ink: tuple[float, float] | None = None
    slant: tuple[float, float] | None = None
    among: tuple[int, ...] | None = None
    order: str = "index"
    descending: bool = False

    def __post_init__(self) -> None:
        for name in ("label", "guess"):
            if getattr(self, name) is not None:
                whole_number(name, getattr(self, name), 0, CLASSES - 1)
        require_choice("order", self.order, ORDERS)
        for name in ("confidence", "index", "ink", "slant"):
            if (between := getattr(self, name)) is not None:
                low, high = (finite_number(name, end) for end in between)
                if low > high:
                    raise SettingsError(f"{name}: expected the lower end first, found {low:g} to {high:g}")

    @property
    def needs_network(self) -> bool:
        """Whether it depends on what a network says."""
        asks = self.guess is not None or self.mistakes or self.rejects or self.confidence is not None
        return asks or self.order not in ("index", *MEASURES)

    @property
    def needs_measures(self) -> set[str]:
        """On which of MEASURES it depends."""
        asks = {"ink": self.ink is not None, "slant": self.slant is not None, "doubt": self.doubtful}
        return {name for name in MEASURES if asks[name] or self.order == name}


@dataclass(frozen=True, eq=False)
class Selection:
    """The samples that a filter lets through.

    Attributes:
        indices: (M,) in the order that was asked for.
        labels: (10,) how many there would be with each label instead.
        guesses: (10,) the same for each guess; None without a network.
        mistakes, rejects: how many of those selected are mistakes, and are rejected; None without a network.
        doubtful: how many of them have a label that is likely to be wrong; None where that is not known.
    """

    indices: NDArray[np.int64]
    labels: NDArray[np.int64]
    guesses: NDArray[np.int64] | None = None
    mistakes: int | None = None
    rejects: int | None = None
    doubtful: int | None = None


def select(
    labels: NDArray[np.uint8],
    wanted: Filter,
    verdicts: Verdicts | None = None,
    others: Verdicts | None = None,
    measures: Mapping[str, NDArray[np.float32]] | None = None,
) -> Selection:
    """Return the samples that a filter lets through, and counts for every choice.

    Args:
        labels: (N,) of the split.
        wanted: the filter.
        verdicts: of a network; needed if the filter depends on one.
        others: of a second network, with which the first may disagree.
        measures: (N,) of each sample, under the names of MEASURES: "ink" and "slant" as `insight.overview` has them;
            "doubt", how sure it is that the label is wrong, 0 where nothing speaks for that.

    Raises:
        SettingsError: a network or a measure is needed, and is not there.
    """
    if verdicts is None and wanted.needs_network:
        raise SettingsError("network: expected one for this filter, found none")
    if wanted.order == "disagreement" and others is None:
        raise SettingsError("other: expected a second network for the order by disagreement, found none")
    measures = measures or {}
    if missing := wanted.needs_measures - measures.keys():
        raise SettingsError(f"{', '.join(sorted(missing))}: not known of these samples")
    tests = _list_tests(labels, wanted, verdicts, measures)
    passed = _all(tests, len(labels))
    indices = np.flatnonzero(passed)
    keys = measures[wanted.order] if wanted.order in MEASURES else _keys(wanted.order, verdicts, others)
    if keys is not None:
        indices = indices[np.argsort(-keys[indices] if wanted.descending else keys[indices], kind="stable")]
    elif wanted.descending:
        indices = indices[::-1]
    label_counts = np.bincount(labels[_all(tests, len(labels), but="label")], minlength=CLASSES)
    doubts = measures.get("doubt")
    doubtful = None if doubts is None else int((doubts[_all(tests, len(labels), but="doubtful")] > 0).sum())
    if verdicts is None:
        return Selection(indices, label_counts, doubtful=doubtful)
    return Selection(
        indices,
        label_counts,
        np.bincount(verdicts.guesses[_all(tests, len(labels), but="guess")], minlength=CLASSES),
        int(verdicts.mistakes[_all(tests, len(labels), but="mistakes")].sum()),
        int(verdicts.rejects[_all(tests, len(labels), but="rejects")].sum()),
        doubtful,
    )


def _list_tests(
    labels: NDArray[np.uint8], wanted: Filter, verdicts: Verdicts | None, measures: Mapping[str, NDArray[np.float32]]
) -> dict[str, Mask]:
    """Return the masks of all that a filter asks for, by the name of its field."""
    tests: dict[str, Mask] = {}
    if wanted.label is not None:
        tests["label"] = labels == wanted.label
    if wanted.index is not None:
        places = np.arange(len(labels))
        tests["index"] = (places >= wanted.index[0]) & (places <= wanted.index[1])
    if wanted.among is not None:
        tests["among"] = np.isin(np.arange(len(labels)), wanted.among)
    if wanted.doubtful:
        tests["doubtful"] = measures["doubt"] > 0
    for name, between in (("ink", wanted.ink), ("slant", wanted.slant)):
        if between is not None:
            tests[name] = (measures[name] >= between[0]) & (measures[name] <= between[1])
    if verdicts is None:
        return tests
    if wanted.guess is not None:
        tests["guess"] = verdicts.guesses == wanted.guess
    if wanted.mistakes:
        tests["mistakes"] = verdicts.mistakes
    if wanted.rejects:
        tests["rejects"] = verdicts.rejects
    if wanted.confidence is not None:
        low, high = wanted.confidence
        tests["confidence"] = (verdicts.confidences >= low) & (verdicts.confidences <= high)
    return tests


def _all(tests: dict[str, Mask], count: int, but: str | None = None) -> Mask:
    passed = np.ones(count, np.bool_)
    for name, test in tests.items():
        if name != but:
            passed &= test
    return passed


def _keys(order: str, verdicts: Verdicts | None, others: Verdicts | None) -> NDArray[np.float32] | None:
    """Return the values to sort by, None for the index."""
    if order == "index" or verdicts is None:
        return None
    if order == "confidence":
        return verdicts.confidences
    if order == "loss" or others is None:
        return verdicts.losses
    # The total variation distance: the largest difference in the probability of any set of digits.
    distances: NDArray[np.float32] = np.abs(verdicts.probabilities - others.probabilities).sum(axis=1) / 2
    return distances
