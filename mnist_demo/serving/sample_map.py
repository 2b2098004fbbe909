"""The map of the dataset that the Browse tab shows, on which a visitor's own drawing is placed, too."""

import base64
import functools
import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_demo.data.datasets import Split
from mnist_demo.errors import CheckpointError, SettingsError
from mnist_demo.insight.last_hidden import last_hidden
from mnist_demo.insight.sample_map import MAX_CORNERS, PCA, SampleMap, choose_samples
from mnist_demo.insight.sample_map_file import describe_origin, place_of, read_map
from mnist_demo.job_queue import JobQueue
from mnist_demo.networks.registry import DEFAULT_MODEL
from mnist_demo.reading.pictures import Grey
from mnist_demo.serving.predictors import Networks
from mnist_demo.threads import keep_to_one_core

log = logging.getLogger(__name__)

MAX_WAITING = 60  # drawings that are to be placed
STEPS = 2**16 - 1  # into which the map is divided


class MapOfSamples:
    """The map of both splits: the one that is kept beside their files, or else the principal components of the pixels.

    Args:
        splits: "train" and "test".
        data: the directory that they were read from; None for the bundled MNIST.
        networks: which there are.

    Attributes:
        queue: of the questions that wait.
    """

    def __init__(self, splits: dict[str, Split], data: Path | None, networks: Networks) -> None:
        self._splits = splits
        self._path = place_of(data)
        self._networks = networks
        self._is_of_network = DEFAULT_MODEL in networks.available
        self.queue = JobQueue("placing drawings", MAX_WAITING)
        self._copy = functools.cache(lambda: networks.predictor(DEFAULT_MODEL).copy_network())
        self._made = functools.cache(self._make)
        self._description = functools.cache(self._describe)

    def close(self) -> None:
        """Give up what waits."""
        self.queue.close()

    async def describe(self) -> dict[str, Any]:
        """Return which samples are on the map, and where they lie in each layout."""
        return await self.queue.run(0, self._description)

    async def place(self, picture: Grey) -> dict[str, Any]:
        """Return where a (28, 28) picture belongs in each layout."""

        def place() -> dict[str, Any]:
            keep_to_one_core()
            made, is_of_network = self._made()
            vector = last_hidden(self._copy(), picture[np.newaxis])[0] if is_of_network else picture.reshape(-1)
            return {name: [round(value, 4) for value in point] for name, point in made.place(vector).items()}

        return await self.queue.run(0, place)

    async def list_inside(self, split: str, layout: str, outline: list[tuple[float, float]]) -> tuple[int, ...]:
        """Return the indices of the samples of a split that lie within an outline.

        Raises:
            NotFoundError, SettingsError: as for `SampleMap.list_inside`.
        """
        if len(outline) > MAX_CORNERS:
            raise SettingsError(f"outline: expected at most {MAX_CORNERS} corners, found {len(outline):,}")

        def search() -> tuple[int, ...]:
            return tuple(self._made()[0].list_inside(split, layout, outline).tolist())

        return await self.queue.run(0, search)

    def _make(self) -> tuple[SampleMap, bool]:
        """Return the map, and whether it is made from the last hidden layer of the best network."""
        for is_of_network in (True, False) if self._is_of_network else (False,):
            try:
                kept = read_map(self._path, describe_origin(self._splits, is_of_network), self._splits)
            except (SettingsError, CheckpointError) as error:  # the page can do with less
                log.warning("%s", error)
                continue
            if kept is not None:
                return kept, is_of_network
        indices = choose_samples(self._splits)
        images = np.concatenate([self._splits[name].images[chosen] for name, chosen in indices.items()])
        return SampleMap.of(indices, images.reshape(len(images), -1)), False

    def _describe(self) -> dict[str, Any]:
        made, is_of_network = self._made()
        return {
            "of": DEFAULT_MODEL if is_of_network else None,
            "splits": {
                name: {"indices": _encode(chosen, "<u4"), "labels": _encode(self._splits[name].labels[chosen], "u1")}
                for name, chosen in made.indices.items()
            },
            # The last one that was made is the one to show first: PCA only where there is no other.
            "layouts": {
                name: _encode(np.rint(made.layouts[name] * STEPS), "<u2")
                for name in sorted(made.layouts, key=lambda name: name == PCA)
            },
        }


def _encode(values: NDArray[Any], dtype: str) -> str:
    """Return numbers as base64 of their bytes."""
    return base64.b64encode(values.astype(dtype).tobytes()).decode()
