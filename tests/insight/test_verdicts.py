"""Which samples a filter lets through, against what is counted one by one."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_demo.errors import SettingsError
from mnist_demo.insight.verdicts import Filter, Verdicts, select

N = 400


@pytest.fixture(scope="module")
def labels():
    return np.random.default_rng(0).integers(10, size=N).astype(np.uint8)


def make_verdicts(labels, seed, threshold=4.0):
    """Return those of a network that is right on most, and unsure on many."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=(N, 10)) * 2
    logits[np.arange(N), labels] += 3
    return Verdicts(logits.astype(np.float16), labels, threshold)


@pytest.fixture(scope="module")
def verdicts(labels):
    return make_verdicts(labels, 1)


def count(labels, verdicts, wanted):
    """Return the indices of a filter, one by one."""
    found = []
    for index in range(N):
        logits = verdicts.logits[index].astype(float)
        probabilities = np.exp(logits) / np.exp(logits).sum()
        guess, confidence = int(logits.argmax()), probabilities.max()
        if (
            wanted.label in (None, labels[index])
            and wanted.guess in (None, guess)
            and (not wanted.mistakes or guess != labels[index])
            and (not wanted.rejects or np.log(np.exp(logits).sum()) <= verdicts.threshold)
            and (wanted.confidence is None or wanted.confidence[0] <= confidence <= wanted.confidence[1])
            and (wanted.index is None or wanted.index[0] <= index <= wanted.index[1])
        ):
            found.append(index)
    return found


FILTERS = [
    Filter(),
    Filter(label=4),
    Filter(guess=9),
    Filter(label=4, guess=9),
    Filter(mistakes=True),
    Filter(rejects=True),
    Filter(confidence=(0.3, 0.7)),
    Filter(index=(100, 199), label=3),
    Filter(mistakes=True, confidence=(0.5, 1), index=(0, 250)),
]


@pytest.mark.parametrize("wanted", FILTERS)
def test_a_filter_lets_through_what_is_asked_for_with_counts_beside_every_choice(labels, verdicts, wanted):
    selection = select(labels, wanted, verdicts)
    assert selection.indices.tolist() == count(labels, verdicts, wanted)
    for digit in range(10):
        assert selection.labels[digit] == len(count(labels, verdicts, replace(wanted, label=digit)))
        assert selection.guesses[digit] == len(count(labels, verdicts, replace(wanted, guess=digit)))
    assert selection.mistakes == len(count(labels, verdicts, replace(wanted, mistakes=True)))
    assert selection.rejects == len(count(labels, verdicts, replace(wanted, rejects=True)))


def test_without_a_network_there_are_labels_and_indices(labels):
    selection = select(labels, Filter(label=7, index=(10, 300)))
    assert selection.indices.tolist() == [index for index in range(10, 301) if labels[index] == 7]
    assert (selection.guesses, selection.mistakes, selection.rejects) == (None, None, None)


@pytest.mark.parametrize(("order", "keys"), [("confidence", "confidences"), ("loss", "losses")])
def test_orders(labels, verdicts, order, keys):
    up = select(labels, Filter(order=order, label=1), verdicts).indices
    down = select(labels, Filter(order=order, label=1, descending=True), verdicts).indices
    assert (np.diff(getattr(verdicts, keys)[up]) >= 0).all()
    assert (np.diff(getattr(verdicts, keys)[down]) <= 0).all()
    assert sorted(up) == sorted(down) == np.flatnonzero(labels == 1).tolist()


def test_by_index_from_the_last(labels):
    assert select(labels, Filter(descending=True)).indices.tolist() == list(range(N))[::-1]


def test_disagreement_is_the_distance_of_the_probabilities(labels, verdicts):
    others = make_verdicts(labels, 2)
    order = select(labels, Filter(order="disagreement", descending=True), verdicts, others).indices
    distances = np.abs(verdicts.probabilities - others.probabilities).sum(axis=1) / 2
    assert (np.diff(distances[order]) <= 1e-6).all()
    assert distances[order[0]] == distances.max() <= 1


def test_losses_are_cross_entropies_and_stay_finite(labels):
    logits = np.zeros((N, 10))
    logits[:, 0] = 1_000
    verdicts = Verdicts(logits, labels)
    assert np.isfinite(verdicts.losses).all()
    assert verdicts.losses[labels == 0] == pytest.approx(0, abs=1e-6)
    assert not verdicts.rejects.any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": 10}, "label: expected a whole number from 0 to 9, found 10"),
        ({"guess": "7"}, "guess: expected a whole number from 0 to 9, found '7'"),
        (
            {"order": "beauty"},
            "order: expected one of index, confidence, loss, disagreement, ink, slant, doubt, found 'beauty'",
        ),
        ({"confidence": (0.9, 0.1)}, "confidence: expected the lower end first, found 0.9 to 0.1"),
        ({"index": ("a", 3)}, "index: expected a number, found 'a'"),
    ],
)
def test_what_is_no_filter_is_told(options, message):
    with pytest.raises(SettingsError, match=message):
        Filter(**options)


def test_a_filter_that_needs_a_network_says_so(labels, verdicts):
    with pytest.raises(SettingsError, match="network: expected one for this filter, found none"):
        select(labels, Filter(mistakes=True))
    with pytest.raises(SettingsError, match="expected a second network for the order by disagreement"):
        select(labels, Filter(order="disagreement"), verdicts)


def test_samples_whose_label_is_doubtful_the_surest_first(labels, verdicts):
    doubts = np.zeros(N, np.float32)
    doubts[[7, 300, 42]] = 0.5, 0.9, 0.7
    wanted = Filter(doubtful=True, order="doubt", descending=True)
    selection = select(labels, wanted, measures={"doubt": doubts})
    assert selection.indices.tolist() == [300, 42, 7]
    assert selection.labels.sum() == 3
    assert select(labels, Filter(label=int(labels[42])), verdicts, measures={"doubt": doubts}).doubtful == sum(
        labels[index] == labels[42] for index in (7, 42, 300)
    )
    assert select(labels, Filter()).doubtful is None
    with pytest.raises(SettingsError, match="doubt: not known of these samples"):
        select(labels, wanted)


def test_samples_with_some_ink_and_slant(labels):
    random = np.random.default_rng(5)
    measures = {"ink": random.random(N, np.float32), "slant": random.normal(0, 20, N).astype(np.float32)}
    wanted = Filter(ink=(0.2, 0.6), slant=(-10, 10), order="slant", descending=True)
    found = select(labels, wanted, measures=measures).indices
    between = [0.2 <= ink <= 0.6 and -10 <= slant <= 10 for ink, slant in zip(*measures.values(), strict=True)]
    assert sorted(found) == np.flatnonzero(between).tolist()
    assert (np.diff(measures["slant"][found]) <= 0).all()
    with pytest.raises(SettingsError, match="ink, slant: not known of these samples"):
        select(labels, wanted)
