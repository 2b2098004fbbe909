"""A look inside a network: why it says what it says of a picture, and what would make it say something else."""

import base64
import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from mnist_demo.checks import whole_number
from mnist_demo.data.subject import CLASSES
from mnist_demo.insight.adversary import fool
from mnist_demo.insight.corruptions import CORRUPTIONS, corrupt
from mnist_demo.insight.damage import DAMAGES, damage
from mnist_demo.insight.first_layer import first_layer_pictures
from mnist_demo.insight.layer_maps import LayerMaps, explain_pixel, layer_maps
from mnist_demo.insight.robustness import SEED
from mnist_demo.insight.saliency import integrated_gradients, occlusion
from mnist_demo.job_queue import JobQueue
from mnist_demo.networks.describe import describe_layers
from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.predictor import Predictor
from mnist_demo.serving.encoding import describe_first_layer, describe_reading, encode_pixels
from mnist_demo.serving.predictors import Networks
from mnist_demo.serving.split_jobs import Unfinished
from mnist_demo.serving.split_units import SplitUnits
from mnist_demo.threads import keep_to_one_core

MAX_WAITING = 40  # visitors who look at once, each with one question under way
MAX_COPIES = 8  # networks that are looked into, about 1 MB each
MAX_MAPS = 32  # of a layer


class Inside:
    """Looks into copies of networks, one question at a time.

    Every method may raise what `Networks.predictor` raises for a network, and a BusyError if too many ask.

    Args:
        networks: which there are.
        units: on which samples their units fire.

    Attributes:
        queue: of the questions that wait.
    """

    def __init__(self, networks: Networks, units: SplitUnits) -> None:
        self._networks = networks
        self._units = units
        self.queue = JobQueue("looking inside", MAX_WAITING)
        self._copy = functools.lru_cache(maxsize=MAX_COPIES)(Predictor.copy_network)

    def close(self) -> None:
        """Give up what waits."""
        self.queue.close()

    async def saliency(self, network: str, picture: Grey, digit: int | None, against: int | None) -> dict[str, Any]:
        """Return which pixels speak for a digit, the guess if it is None, and against another one.

        Raises:
            SettingsError: it is no digit.
        """

        def look() -> dict[str, Any]:
            predictor = self._networks.predictor(network)
            model = self._model(predictor)
            (prediction,) = predictor.read_prepared(picture)
            chosen = int(np.argmax(prediction.probabilities)) if digit is None else digit
            images, others = picture[np.newaxis], None if against is None else [against]
            gradients = integrated_gradients(model, images, [chosen], against=others)[0]
            return {
                "digit": chosen,
                "against": against,
                "total": round(float(gradients.sum()), 3),
                "gradients": _encode_signed(gradients),
                "occlusion": _encode_signed(occlusion(model, images, [chosen], against=others)[0]),
            }

        for name, value in (("digit", digit), ("against", against)):
            if value is not None:
                whole_number(name, value, 0, CLASSES - 1)
        return await self.queue.run(0, look)

    async def maps(self, network: str, picture: Grey) -> list[dict[str, Any]]:
        """Return what each layer makes of a picture, at most 32 maps of each."""
        layers = await self.queue.run(0, lambda: layer_maps(self._copy_of(network), picture))
        return [_describe_maps(layer) for layer in layers]

    async def first_layer(self, network: str) -> dict[str, Any]:
        """Return the weights of each unit of the first layer, as pictures."""
        pictures = await self.queue.run(0, lambda: first_layer_pictures(self._copy_of(network)))
        return describe_first_layer(pictures)

    async def pixel(self, network: str, picture: Grey, path: str, place: tuple[int, int, int]) -> dict[str, Any]:
        """Return the arithmetic of one number of a convolution, at a channel, row and column of its output.

        Raises:
            NotFoundError: there is no such convolution.
            SettingsError: it has no such number.
        """
        explained = await self.queue.run(0, lambda: explain_pixel(self._copy_of(network), picture, path, *place))
        return {
            "inputs": explained.inputs.round(3).tolist(),
            "weights": explained.weights.round(3).tolist(),
            "bias": round(explained.bias, 3),
            "output": round(explained.output, 3),
        }

    def strongest(self, network: str, path: str, channel: int) -> dict[str, Any]:
        """Return the training samples on which a unit or a channel fires most.

        Where the network has not read the training set yet, there is only its "progress".

        Raises:
            NotFoundError: there is no such layer.
            SettingsError: it has no such channel.
            StateError: the network still changes, see `Networks.lasting_predictor`.
        """
        units = self._units.find(self._networks.lasting_predictor(network))
        if isinstance(units, Unfinished):
            return {"progress": units.share}
        labels = self._units.split.labels
        return {
            "samples": [
                {"index": each.index, "label": int(labels[each.index]), "value": round(each.value, 3), "box": each.box}
                for each in units.strongest(path, channel)
            ]
        }

    async def damage(self, network: str, picture: Grey, name: str, strength: float) -> dict[str, Any]:
        """Return a damaged picture, and what the network says of it.

        Raises:
            NotFoundError: there is no such damage.
            SettingsError: the strength is out of range.
        """

        def look() -> dict[str, Any]:
            predictor = self._networks.predictor(network)
            damaged = damage(picture[np.newaxis], name, strength)
            return {"reading": describe_reading(predictor.read_prepared(damaged)[0])}

        return await self.queue.run(0, look)

    async def corrupt(self, network: str, picture: Grey, name: str) -> dict[str, Any]:
        """Return a corrupted picture, the same one each time, and what the network says of it.

        Raises:
            NotFoundError: there is no such corruption.
        """

        def look() -> dict[str, Any]:
            predictor = self._networks.predictor(network)
            corrupted = corrupt(picture[np.newaxis], name, np.random.default_rng(SEED))
            return {"reading": describe_reading(predictor.read_prepared(corrupted)[0])}

        return await self.queue.run(0, look)

    async def fool(self, network: str, picture: Grey) -> dict[str, Any]:
        """Return the smallest change that turns what the network says, and what the others say of it."""

        def look() -> dict[str, Any]:
            predictor = self._networks.predictor(network)
            (prediction,) = predictor.read_prepared(picture)
            found = fool(self._model(predictor), picture, int(np.argmax(prediction.probabilities)))
            if found is None:
                return {"size": None}
            changed = np.rint(found.picture * 255).astype(np.uint8)
            return {
                "size": round(found.size, 4),
                "digit": found.digit,
                "pixels": encode_pixels(changed),
                "change": _encode_signed(found.change),
                "others": {name: self._guess(name, changed) for name in self._networks.available},
            }

        return await self.queue.run(0, look)

    async def describe(self, network: str) -> list[dict[str, Any]]:
        """Return the layers of a network, with their shapes, parameters and multiply-adds."""
        layers = await self.queue.run(0, lambda: describe_layers(self._copy_of(network)))
        return [
            {
                "name": layer.name,
                "output": layer.output,
                "parameters": layer.parameters,
                "multiply_adds": layer.multiply_adds,
            }
            for layer in layers
        ]

    def _copy_of(self, network: str) -> nn.Module:
        return self._model(self._networks.predictor(network))

    def _model(self, predictor: Predictor) -> nn.Module:
        """Return the copy of a network, which only the thread of the queue uses: looking changes it for a moment."""
        keep_to_one_core()
        return self._copy(predictor)

    def _guess(self, name: str, picture: Grey) -> int:
        (prediction,) = self._networks.predictor(name).read_prepared(picture)
        return int(np.argmax(prediction.probabilities))


def list_damages() -> list[dict[str, Any]]:
    """Return the damages that there are, with the ranges of their strengths."""
    return [
        {"name": name, "unit": kind.unit, "low": kind.low, "high": kind.high, "none": kind.none}
        for name, kind in DAMAGES.items()
    ]


def list_corruptions() -> list[str]:
    """Return the names of the corruptions that there are."""
    return list(CORRUPTIONS)


def _describe_maps(layer: LayerMaps) -> dict[str, Any]:
    count, height, width = layer.maps.shape
    shown = layer.maps[:MAX_MAPS]
    return {
        "path": layer.path,
        "name": layer.name,
        "count": count,
        "height": height,
        "width": width,
        **_encode_signed(shown),
    }


def _encode_signed(values: NDArray[np.float32]) -> dict[str, Any]:
    """Return numbers as base64 of bytes, 128 for 0 and 255 or 1 for the largest magnitude, and that magnitude."""
    largest = float(np.abs(values).max())
    levels = np.rint(128 + 127 * values / (largest or 1)).astype(np.uint8)
    return {"levels": base64.b64encode(levels.tobytes()).decode(), "largest": round(largest, 4)}
