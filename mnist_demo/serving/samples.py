"""The samples of both splits, as the page browses them: pictures by the hundred, filters, one sample in detail."""

import base64
import functools
import logging
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_demo.checks import whole_number
from mnist_demo.data.datasets import SIDE, Split, find_files
from mnist_demo.errors import CheckpointError, NotFoundError, SettingsError, StateError
from mnist_demo.insight.comparison import compare
from mnist_demo.insight.file_view import FileView, describe_sample
from mnist_demo.insight.label_error_file import place_of, read_label_errors
from mnist_demo.insight.label_errors import LabelError
from mnist_demo.insight.neighbours import Neighbours
from mnist_demo.insight.overview import measure_ink, measure_slant, summarize_classes
from mnist_demo.insight.verdicts import Filter, Selection, Verdicts, select
from mnist_demo.reading.pictures import Grey
from mnist_demo.serving.encoding import encode_pixels, to_png
from mnist_demo.serving.predictors import Networks
from mnist_demo.serving.split_features import SplitFeatures
from mnist_demo.serving.split_jobs import Unfinished
from mnist_demo.serving.split_verdicts import SplitVerdicts

log = logging.getLogger(__name__)

COLUMNS = 16  # pictures in a row of a sprite
MAX_PICTURES = 256  # in a sprite: 60 kB
MAX_FOUND = 2_000  # indices in one answer
MAX_NEIGHBOURS = 50
MAX_RUNS_ASKED = 5  # of which it is told what they say of a sample, beside the one that is chosen
MEASURED = {"ink": measure_ink, "slant": measure_slant}
BARS = 24  # of a histogram: each is broad enough for a finger
MAX_SELECTIONS = 8  # that are kept, for those who scroll on


@dataclass(frozen=True)
class Part:
    """Which of the samples that a search finds are listed.

    Attributes:
        start: how many are skipped.
        count: how many of the next are listed; at most 2,000.
        near: the index of a sample whose position among all of them is asked for.
    """

    start: int
    count: int
    near: int | None = None


class Samples:
    """Both splits.

    Every method may raise a NotFoundError if there is no such split, and a SettingsError if there is no such sample.

    Args:
        splits: "train" and "test".
        data: the directory that they were read from; None for the bundled MNIST.
        networks: which there are.
        verdicts: what they say of the splits.
        features: what their last hidden layers make of the training split.
    """

    def __init__(
        self,
        splits: dict[str, Split],
        data: Path | None,
        networks: Networks,
        verdicts: SplitVerdicts,
        features: SplitFeatures,
    ) -> None:
        self._splits = splits
        self._files = {name: find_files(data, train=name == "train") for name in splits}
        self._networks = networks
        self._verdicts = verdicts
        self._features = features
        self._doubts = _read_doubts(data, splits)
        self._building = threading.Lock()
        self._neighbours: Neighbours | None = None
        self._select = functools.lru_cache(maxsize=MAX_SELECTIONS)(self._make_selection)
        self._measure = functools.cache(lambda split, name: MEASURED[name](splits[split].images))
        self._overview = functools.cache(self._make_overview)

    def sprite(self, split: str, indices: list[int]) -> bytes:
        """Return a PNG with these samples side by side, 16 in a row, 28x28 px each; at most 256."""
        chosen = self._split(split)
        if not 1 <= len(indices) <= MAX_PICTURES:
            raise SettingsError(f"expected 1 to {MAX_PICTURES} samples, found {len(indices):,}")
        for index in indices:
            whole_number("index", index, 0, len(chosen) - 1)
        rows = -(-len(indices) // COLUMNS)
        pictures = np.zeros((rows * COLUMNS, SIDE, SIDE), np.uint8)
        pictures[: len(indices)] = chosen.images[indices]
        sheet = pictures.reshape(rows, COLUMNS, SIDE, SIDE).transpose(0, 2, 1, 3).reshape(rows * SIDE, COLUMNS * SIDE)
        return to_png(sheet)

    def search(self, split: str, wanted: Filter, network: str | None, other: str | None, part: Part) -> dict[str, Any]:
        """Return some of the samples that a filter lets through, with counts for every choice.

        With a second network there is also how the two compare on all that are found, see `insight.comparison`.

        Where the filter needs what a network says, and that is not computed yet, there is only its "progress".

        Args:
            split: its name.
            wanted: the filter.
            network, other: names as for `Networks.predictor`, which may raise; None for none.
            part: which of the samples that are found are listed.
        """
        labels = self._split(split).labels
        count = whole_number("count", part.count, 1, MAX_FOUND)
        found = self._find(split, network)
        others = self._find(split, other)
        progress = min((each.share for each in (found, others) if isinstance(each, Unfinished)), default=None)
        verdicts = found if isinstance(found, Verdicts) else None
        if progress is not None and wanted.needs_network:
            return {"progress": progress}
        rivals = others if isinstance(others, Verdicts) else None
        selection = self._select(split, wanted, verdicts, rivals)
        page = selection.indices[part.start : part.start + count]
        return {
            "progress": progress,
            "total": len(selection.indices),
            "start": part.start,
            "position": None if part.near is None else _position(selection, part.near),
            "indices": page.tolist(),
            "labels": labels[page].tolist(),
            "guesses": None if verdicts is None else verdicts.guesses[page].tolist(),
            "counts": _describe_counts(selection),
            "comparison": _compare(labels, selection.indices, verdicts, rivals),
        }

    def overview(self, split: str) -> dict[str, Any]:
        """Return a split at a glance: what its classes look like, and histograms of the samples' ink and slant."""
        self._split(split)
        return self._overview(split)

    def describe(self, split: str, index: int, network: str | None = None) -> dict[str, Any]:
        """Return a sample with its label, and what each bundled network says of it, and those of the newest runs.

        Args:
            split, index: of the sample.
            network: the name of another network that is asked, such as that of an older run.
        """
        chosen, index = self._sample(split, index)
        image = chosen.images[index : index + 1]
        names = [*self._networks.available, *self._networks.newest_runs(MAX_RUNS_ASKED)]
        if network is not None and network not in names:
            names.append(network)
        answers = [answer for name in names if (answer := self._ask(name, image)) is not None]
        doubt = self._doubts.get(split, {}).get(index)
        return {
            "split": split,
            "index": index,
            "label": int(chosen.labels[index]),
            "doubt": doubt and {"proposed": doubt.proposed, "confidence": doubt.confidence},
            "answers": answers,
        }

    def describe_files(self, split: str, index: int) -> dict[str, Any]:
        """Return where a sample lies in the files of its split: the image, and the label."""
        self._sample(split, index)
        images, labels = self._files[split]
        return {
            "image": _describe_file(describe_sample(images, index)),
            "label": _describe_file(describe_sample(labels, index)),
        }

    def neighbours(self, picture: Grey, count: int, network: str | None = None) -> dict[str, Any]:
        """Return the training samples that are the most similar to a (28, 28) picture.

        Where a network's features of the training samples are not computed yet, there is only their "progress".

        Args:
            picture: in MNIST's format.
            count: how many; at most 50.
            network: a name as for `Networks.lasting_predictor`, which may raise: they are similar in its last hidden
                layer; None for the pixels.
        """
        train = self._splits["train"]
        count = whole_number("count", count, 1, min(MAX_NEIGHBOURS, len(train)))
        if network is None:
            with self._building:  # once, which takes two seconds
                self._neighbours = self._neighbours or Neighbours(train.images)
            return {"neighbours": self._describe_neighbours(*self._neighbours.nearest(picture, count), decimals=1)}
        features = self._features.find(self._networks.lasting_predictor(network))
        if isinstance(features, Unfinished):
            return {"progress": features.share}
        found = self._describe_neighbours(*features.nearest(picture, count), decimals=2)
        return {"neighbours": found, "width": features.width}

    def picture(self, split: str, index: int) -> Grey:
        """Return the (28, 28) picture of a sample."""
        chosen, index = self._sample(split, index)
        picture: Grey = chosen.images[index]
        return picture

    def _split(self, name: str) -> Split:
        if name not in self._splits:
            raise NotFoundError(f"there is no split {name!r:.50}, only {', '.join(self._splits)}")
        return self._splits[name]

    def _sample(self, split: str, index: int) -> tuple[Split, int]:
        chosen = self._split(split)
        return chosen, whole_number("index", index, 0, len(chosen) - 1)

    def _ask(self, name: str, image: NDArray[np.uint8]) -> dict[str, Any] | None:
        """Return what a network says of a sample, (1, 28, 28); None if it cannot be used."""
        try:
            title, predictor = self._networks.title(name), self._networks.predictor(name)
        except (NotFoundError, StateError, CheckpointError):  # a run may be removed at any time
            return None
        (prediction,) = predictor.read_prepared(image)
        return {
            "network": name,
            "title": title,
            "guess": prediction.guess,
            "confidence": round(max(prediction.probabilities), 4),
            "rejected": prediction.digit is None,
        }

    def _describe_neighbours(
        self, indices: NDArray[np.int64], distances: NDArray[np.float64], decimals: int
    ) -> list[dict[str, Any]]:
        labels = self._splits["train"].labels
        return [
            {"index": int(index), "label": int(labels[index]), "distance": round(float(distance), decimals)}
            for index, distance in zip(indices, distances, strict=True)
        ]

    def _find(self, split: str, network: str | None) -> Verdicts | Unfinished | None:
        return self._verdicts.find(self._networks.predictor(network), split) if network else None

    def _make_selection(
        self, split: str, wanted: Filter, verdicts: Verdicts | None, others: Verdicts | None
    ) -> Selection:
        measures = {name: self._measure(split, name) for name in wanted.needs_measures & MEASURED.keys()}
        if split in self._doubts:
            doubts = np.zeros(len(self._splits[split]), np.float32)
            for index, error in self._doubts[split].items():
                doubts[index] = error.doubt
            measures["doubt"] = doubts
        return select(self._splits[split].labels, wanted, verdicts, others, measures)

    def _make_overview(self, split: str) -> dict[str, Any]:
        chosen = self._splits[split]
        classes = summarize_classes(chosen.images, chosen.labels)
        pictures = zip(classes.counts.tolist(), classes.means, classes.spreads, strict=True)
        return {
            "classes": [
                {"count": count, "mean": encode_pixels(mean), "spread": encode_pixels(spread)}
                for count, mean, spread in pictures
            ],
            **{name: _describe_histogram(self._measure(split, name)) for name in MEASURED},
        }


def _read_doubts(data: Path | None, splits: dict[str, Split]) -> dict[str, dict[int, LabelError]]:
    """Return the likely label errors of each split of which they are known, by their index."""
    try:
        found = read_label_errors(place_of(data), splits)
    except SettingsError as error:  # the page can do without
        log.warning("%s", error)
        return {}
    if found is None:
        return {}
    return {name: {error.index: error for error in errors} for name, errors in found.errors.items()}


def _compare(
    labels: NDArray[np.uint8], found: NDArray[np.int64], ours: Verdicts | None, others: Verdicts | None
) -> dict[str, Any] | None:
    """Return how two networks compare on the samples that are found; None where one of them is not known."""
    if ours is None or others is None:
        return None
    return asdict(compare(labels[found], ours.guesses[found], others.guesses[found]))


def _describe_histogram(values: NDArray[np.float32]) -> dict[str, Any]:
    counts, edges = np.histogram(values, BARS)
    return {"counts": counts.tolist(), "edges": [round(float(edge), 4) for edge in edges]}


def _position(selection: Selection, index: int) -> int | None:
    """Return at which position a sample is found, None if it is not."""
    places = np.flatnonzero(selection.indices == index)
    return int(places[0]) if places.size else None


def _describe_counts(selection: Selection) -> dict[str, Any]:
    return {
        "labels": selection.labels.tolist(),
        "guesses": None if selection.guesses is None else selection.guesses.tolist(),
        "mistakes": selection.mistakes,
        "rejects": selection.rejects,
        "doubtful": selection.doubtful,
    }


def _describe_file(view: FileView) -> dict[str, Any]:
    return {
        "name": view.name,
        "is_compressed": view.is_compressed,
        "size": view.size,
        "header": [{**asdict(field), "content": field.content.hex(" ")} for field in view.header],
        "offset": view.offset,
        "content": base64.b64encode(view.content).decode(),
    }
