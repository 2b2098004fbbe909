"""Reading digits and numbers: a picture in, a Prediction or a NumberReading out.

Predictor.load().predict(Image.open("seven.png")).digit  # 7
Predictor.load().read_number(Image.open("year.png")).text  # "2026"
"""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from mnist_demo.batches import to_input
from mnist_demo.calibration import legibility
from mnist_demo.checkpoints import WEIGHTS, Checkpoint, load_checkpoint
from mnist_demo.components import find_ink_components
from mnist_demo.datasets import CLASSES, SIDE, Split
from mnist_demo.devices import choose_device
from mnist_demo.errors import CheckpointError, NotFoundError
from mnist_demo.evaluation import MAX_FORWARD, evaluate
from mnist_demo.ink import find_ink
from mnist_demo.meters import Evaluation
from mnist_demo.models import DEFAULT_MODEL, MODELS, DigitNet, fuse_batch_norm
from mnist_demo.normalisation import normalise
from mnist_demo.pictures import Grey, Picture, PictureFile, to_grey
from mnist_demo.preprocessing import cut_digit, prepare
from mnist_demo.segmentation import (
    Box,
    Piece,
    choose_path,
    cut_parts,
    find_parts,
    list_candidates,
    may_be_several,
    measure_widths,
)

EXPECTED = 3.0  # nats: where a number is asked for, a part is that much likelier a digit


@dataclass(frozen=True)
class Prediction:
    """What a network says of a picture.

    Attributes:
        digit: 0 to 9, or None where there is nothing to read: no ink, or none that is a digit.
        confidence: probability of that digit, in [0, 1]; 0 where there is nothing to read.
        probabilities: of the digits 0 to 9, if it is one; they sum to 1.
        network_input: (28, 28) uint8, what the network saw.
        legibility: how much it is a digit at all, as the network's log-odds; -inf where there is no ink. DigitNet
            learned it; of the other networks, which only know digits, it decides nothing.
    """

    digit: int | None
    confidence: float
    probabilities: list[float]
    network_input: Grey
    legibility: float

    @property
    def guess(self) -> int | None:
        """The likeliest digit, even if it is too doubtful to be read; None where there is no ink."""
        return None if self.legibility == -math.inf else int(np.argmax(self.probabilities))


NOTHING = Prediction(None, 0.0, [1 / CLASSES] * CLASSES, np.zeros((SIDE, SIDE), np.uint8), -math.inf)


@dataclass(frozen=True)
class NumberReading:
    """What a network says of a picture of several digits.

    Attributes:
        text: the digits from left to right, "?" for one that cannot be read; "" where there are none.
        boxes: of each digit, its left, top, right and bottom in px of the picture, the latter two one past the end.
        predictions: of each digit.
    """

    text: str
    boxes: list[Box]
    predictions: list[Prediction]


class Predictor:
    """A trained network that reads pictures.

    Attributes:
        name: the network's key in MODELS.
        metadata: how it was trained, as `save_checkpoint` wrote it.
    """

    def __init__(self, checkpoint: Checkpoint, device: torch.device) -> None:
        self.name = checkpoint.name
        self.metadata = checkpoint.metadata
        self._device = device
        self._model = fuse_batch_norm(checkpoint.model.eval()).to(device).to(memory_format=torch.channels_last)
        # Only DigitNet has learned what is no digit; the others read whatever they are given.
        self._threshold = self._model.threshold.item() if isinstance(self._model, DigitNet) else -math.inf

    @classmethod
    def load(cls, name_or_path: str | os.PathLike[str] = DEFAULT_MODEL, device: str = "cpu") -> "Predictor":
        """Load a network that comes with the project, or one from a file.

        Args:
            name_or_path: a key of MODELS, or the path of a `.safetensors` file.
            device: "auto", "cpu" or "cuda".

        Raises:
            SettingsError: there is no network of that name, or no such device.
            CheckpointError: the weights are missing or damaged.
        """
        target = choose_device(device)
        if name_or_path in MODELS:
            path = WEIGHTS / f"{name_or_path}.safetensors"
            if not path.exists():
                raise CheckpointError(f"{path}: missing; make it with: python -m mnist_demo.pretrain {name_or_path}")
            return cls(load_checkpoint(path, str(name_or_path)), target)
        if Path(name_or_path).suffix != ".safetensors":
            names = ", ".join(MODELS)
            raise NotFoundError(f"there is no network {str(name_or_path)!r}, only {names} and .safetensors files")
        return cls(load_checkpoint(name_or_path), target)

    def predict(self, image: Picture) -> Prediction:
        """Read one digit.

        Args:
            image: a PIL picture, what `open_picture` returns, or a uint8 array of any size, grey, RGB or RGBA; light on
                dark or dark on light.

        Raises:
            ImageError: it is not such an array.
        """
        return self.predict_batch([image])[0]

    def predict_batch(self, images: Sequence[Picture]) -> list[Prediction]:
        """Read one digit in each picture, all in one pass of the network.

        Raises:
            ImageError: one of them is not a picture.
        """
        inputs = [prepare(image) for image in images]
        readable = [network_input for network_input in inputs if network_input is not None]
        read = iter(self.read_prepared(np.stack(readable)) if readable else [])
        return [NOTHING if network_input is None else next(read) for network_input in inputs]

    def read_number(self, image: Picture) -> NumberReading:
        """Read a number: find its digits, also joined ones, and read each.

        Args:
            image: as for `predict`; the digits stand in one line.

        Raises:
            ImageError: it is not such an array.
        """
        ink = find_ink(to_grey(image))
        reading = self._read_parts(find_parts(ink, find_ink_components(ink)), _scale(image, ink))
        predictions = [self._trust(prediction) for prediction in reading.predictions]
        return NumberReading(_spell(predictions), reading.boxes, predictions)

    def read(self, image: Picture, cuts: bool = True) -> Prediction | NumberReading:
        """Read a picture as what it is: a number if there are several digits, all of them legible, else one digit.

        Args:
            image: as for `predict`.
            cuts: look for joined digits, too, which takes several times as long.

        Raises:
            ImageError: it is not a picture.
        """
        ink = find_ink(to_grey(image))
        components = find_ink_components(ink)
        network_input = cut_digit(ink, components)
        if network_input is None:
            return NOTHING
        (prediction,) = self.read_prepared(network_input[np.newaxis])
        parts = find_parts(ink, components)
        if len(parts) == 1 and not (cuts and may_be_several(measure_widths(parts)[0], prediction.digit is not None)):
            return prediction
        number = self._read_parts(parts, _scale(image, ink), cuts)
        return number if len(number.predictions) > 1 and "?" not in number.text else prediction

    def _read_parts(self, parts: list[Piece], scale: float, cuts: bool = True) -> NumberReading:
        """Read a number from the parts of its ink; `scale` maps their px to those of the picture."""
        if not parts:
            return NumberReading("", [], [])
        wholes = self._read_pieces(parts)
        known = {id(part): whole for part, whole in zip(parts, wholes, strict=True)}
        pieces = cut_parts(parts, [whole.digit is not None for whole in wholes]) if cuts else parts
        candidates = list_candidates(pieces)
        unread = [candidate.piece for candidate in candidates if id(candidate.piece) not in known]
        known |= zip(map(id, unread), self._read_pieces(unread), strict=True)
        predictions = [known[id(candidate.piece)] for candidate in candidates]
        scores = np.array([self._log_probability(prediction) for prediction in predictions])
        path = choose_path(candidates, scores, len(pieces))
        chosen = [predictions[index] for index in path]
        return NumberReading(_spell(chosen), [candidates[index].piece.box(scale) for index in path], chosen)

    def _trust(self, prediction: Prediction) -> Prediction:
        """Return what is read where digits are expected: a doubtful one is taken for its guess."""
        if prediction.digit is None and prediction.legibility > self._threshold - EXPECTED:
            return replace(prediction, digit=prediction.guess, confidence=max(prediction.probabilities))
        return prediction

    def _log_probability(self, prediction: Prediction) -> float:
        """Return the log of the probability that it is a digit, as far as the network knows that, and that one."""
        which = math.log(max(prediction.probabilities))
        return which if self._threshold == -math.inf else which - float(np.logaddexp(0, -prediction.legibility))

    def _read_pieces(self, pieces: list[Piece]) -> list[Prediction]:
        return self.read_prepared(np.stack([normalise(piece.ink) for piece in pieces])) if pieces else []

    def evaluate(self, split: Split) -> Evaluation:
        """Measure the network on a whole split."""
        return evaluate(self._model, split)

    @torch.inference_mode()
    def read_prepared(self, network_inputs: NDArray[np.uint8]) -> list[Prediction]:
        """Read (N, 28, 28) uint8 pictures that are cut as MNIST's are, such as those of a Split, as they stand."""
        images = torch.from_numpy(network_inputs).to(self._device)
        # In float64, so that ten printed probabilities sum to 1.
        logits = torch.cat([self._model(to_input(part)) for part in torch.split(images, MAX_FORWARD)]).double().cpu()
        return [
            Prediction(
                digit=int(row.argmax()) if score > self._threshold else None,
                confidence=float(row.max()) if score > self._threshold else 0.0,
                probabilities=row.tolist(),
                network_input=network_input,
                legibility=score,
            )
            for row, score, network_input in zip(
                logits.softmax(dim=1), legibility(logits).tolist(), network_inputs, strict=True
            )
        ]


def _spell(predictions: list[Prediction]) -> str:
    return "".join("?" if prediction.digit is None else str(prediction.digit) for prediction in predictions)


def _scale(image: Picture, ink: Grey) -> float:
    """Return how many px of the picture one px of its ink stands for."""
    if isinstance(image, PictureFile):
        return image.scale
    width, height = image.size if isinstance(image, Image.Image) else image.shape[:2]
    return float(max(width, height) / max(ink.shape))
