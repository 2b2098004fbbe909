"""Reading digits and numbers: a picture in, a Prediction or a NumberReading out.

Predictor.load().predict(Image.open("seven.png")).digit  # 7
Predictor.load().read_number(Image.open("year.png")).text  # "2026"
"""

import math
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mnist_demo.data.batches import to_input
from mnist_demo.data.datasets import Split
from mnist_demo.errors import CheckpointError, ImageError, NotFoundError
from mnist_demo.networks.calibration import legibility
from mnist_demo.networks.checkpoints import WEIGHTS, Checkpoint, load_checkpoint
from mnist_demo.networks.devices import choose_device
from mnist_demo.networks.evaluation import MAX_FORWARD, evaluate
from mnist_demo.networks.fusion import fuse_batch_norm
from mnist_demo.networks.meters import Evaluation
from mnist_demo.networks.registry import DEFAULT_MODEL, MODELS
from mnist_demo.networks.spec import can_reject
from mnist_demo.reading.inputs import Readable, to_prepared
from mnist_demo.reading.normalisation import normalise
from mnist_demo.reading.predictions import NOTHING, NumberReading, Prediction
from mnist_demo.reading.preparation import Prepared, prepare
from mnist_demo.reading.segmentation import (
    Piece,
    choose_path,
    cut_parts,
    list_candidates,
    may_be_several,
    measure_widths,
)

EXPECTED = 3.0  # nats by which the threshold is lowered when the caller asks for a number


class Predictor:
    """A trained network that reads pictures.

    Attributes:
        name: the network's key in MODELS.
        metadata: how it was trained, as written by `save_checkpoint`.
        subject: the dataset and the classes that it was trained on; a predicted digit is an index into the classes.
    """

    def __init__(self, checkpoint: Checkpoint, device: torch.device) -> None:
        self.name = checkpoint.name
        self.metadata = checkpoint.metadata
        self.subject = checkpoint.subject
        self._device = device
        self._model = fuse_batch_norm(checkpoint.model.eval()).to(device).to(memory_format=torch.channels_last)
        self._threshold = self._model.get_buffer("threshold").item() if can_reject(self._model) else -math.inf

    @classmethod
    def load(cls, name_or_path: str | os.PathLike[str] = DEFAULT_MODEL, device: str = "cpu") -> "Predictor":
        """Load a bundled network, or one from a file.

        Args:
            name_or_path: a key of MODELS, or the path of a `.safetensors` file.
            device: "auto", "cpu", "cuda", "cuda:N" or "mps".

        Raises:
            SettingsError: there is no network of that name, or no such device.
            CheckpointError: the weights are missing or damaged.
        """
        target = choose_device(device)
        name = os.fspath(name_or_path)
        if name in MODELS:
            path = WEIGHTS / f"{name}.safetensors"
            if not path.exists():
                raise CheckpointError(f"{path}: missing; create it with: python -m mnist_demo.pretrain {name}")
            return cls(load_checkpoint(path, name), target)
        if Path(name).suffix != ".safetensors":
            raise NotFoundError(f"there is no network {name!r}, only {', '.join(MODELS)} and .safetensors files")
        return cls(load_checkpoint(name), target)

    def predict(self, image: Readable | Prepared) -> Prediction:
        """Read one digit.

        Args:
            image: of any size, greyscale, RGB or RGBA, light on dark or dark on light: a PIL picture, the path of a
                picture file, the result of `open_picture`, an array (H, W) or (H, W, C), or a tensor (H, W) or
                (C, H, W); arrays and tensors hold uint8, or floats in [0, 1].

        Raises:
            ImageError: it is not such a picture.
        """
        return self.predict_batch([image])[0]

    def predict_batch(self, images: Iterable[Readable | Prepared]) -> list[Prediction]:
        """Read one digit in each picture, all in one batch.

        Raises:
            ImageError: one of them is not a picture that `predict` accepts.
        """
        if isinstance(images, str | os.PathLike):
            raise ImageError(f"expected several pictures, found one path, {os.fspath(images)!r}")
        inputs = [prepare(image).network_input for image in images]
        readable = [network_input for network_input in inputs if network_input is not None]
        read = iter(self.read_prepared(np.stack(readable)) if readable else [])
        return [NOTHING if network_input is None else next(read) for network_input in inputs]

    def read_number(self, image: Readable | Prepared) -> NumberReading:
        """Read a number: find its digits, including touching ones, and read each.

        Args:
            image: as for `predict`; the digits are in one line.

        Raises:
            ImageError: it is not such a picture.
        """
        prepared = prepare(image)
        reading = self._read_parts(prepared, self._read_pieces(prepared.parts))
        predictions = [self._trust(prediction) for prediction in reading.predictions]
        return NumberReading(_spell(predictions), reading.boxes, predictions)

    def read(self, image: Readable | Prepared, cuts: bool = True) -> Prediction | NumberReading:
        """Read a number if there are several digits, all of them legible, otherwise a single digit.

        Args:
            image: as for `predict`.
            cuts: look for touching digits as well, which takes several times as long.

        Raises:
            ImageError: it is not such a picture.
        """
        prepared = prepare(image)
        if prepared.network_input is None:
            return NOTHING
        if not self.subject.is_digits:  # a shirt and trousers are not a number
            return self.predict(prepared)
        if len(prepared.parts) == 1:
            (whole,) = wholes = self.read_prepared(prepared.network_input[np.newaxis])
        else:
            inputs = [prepared.network_input, *(normalise(part.ink) for part in prepared.parts)]
            whole, *wholes = self.read_prepared(np.stack(inputs))
        if _is_single(prepared, whole, cuts):
            return whole
        number = self._read_parts(prepared, wholes, cuts)
        return number if len(number.predictions) > 1 and "?" not in number.text else whole

    def read_single(self, prepared: Prepared, cuts: bool = True) -> Prediction | None:
        """Return the same as `read` if a single forward pass over one digit is enough, otherwise None.

        Args:
            prepared: the picture.
            cuts: as for `read`.
        """
        if prepared.network_input is None:
            return NOTHING
        if len(prepared.parts) != 1:
            return None
        (whole,) = self.read_prepared(prepared.network_input[np.newaxis])
        return whole if _is_single(prepared, whole, cuts) else None

    def _read_parts(self, prepared: Prepared, wholes: list[Prediction], cuts: bool = True) -> NumberReading:
        """Read a number from the parts of its ink; `wholes` are the predictions for each part as one digit."""
        parts = prepared.parts
        known = {id(part): whole for part, whole in zip(parts, wholes, strict=True)}
        pieces = cut_parts(parts, [whole.digit is not None for whole in wholes]) if cuts else parts
        candidates = list_candidates(pieces)
        unread = [candidate.piece for candidate in candidates if id(candidate.piece) not in known]
        known |= zip(map(id, unread), self._read_pieces(unread), strict=True)
        predictions = [known[id(candidate.piece)] for candidate in candidates]
        scores = np.array([self._log_probability(prediction) for prediction in predictions])
        path = choose_path(candidates, scores, len(pieces))
        chosen = [predictions[index] for index in path]
        boxes = [candidates[index].piece.box(prepared.scale) for index in path]
        return NumberReading(_spell(chosen), boxes, chosen)

    def _trust(self, prediction: Prediction) -> Prediction:
        """Accept the guess of a doubtful prediction, because digits are expected."""
        if prediction.digit is None and prediction.legibility > self._threshold - EXPECTED:
            return replace(prediction, digit=prediction.guess, confidence=max(prediction.probabilities))
        return prediction

    def _log_probability(self, prediction: Prediction) -> float:
        """Return the log-probability of the guess, including that of being a digit if the network can reject."""
        which = math.log(max(prediction.probabilities))
        return which if self._threshold == -math.inf else which - float(np.logaddexp(0, -prediction.legibility))

    def _read_pieces(self, pieces: list[Piece]) -> list[Prediction]:
        return self.read_prepared(np.stack([normalise(piece.ink) for piece in pieces])) if pieces else []

    def evaluate(self, split: Split) -> Evaluation:
        """Evaluate the network on a whole split."""
        return evaluate(self._model, split)

    @torch.inference_mode()
    def read_prepared(self, pictures: NDArray[Any] | Tensor) -> list[Prediction]:
        """Read pictures in MNIST's format, such as those of a Split, without any preparation.

        Args:
            pictures: (N, 28, 28) or (N, 1, 28, 28), or a single one, (28, 28); uint8, or floats in [0, 1].

        Raises:
            ImageError: they are something else.
        """
        network_inputs = to_prepared(pictures)
        images = torch.from_numpy(network_inputs).to(self._device)
        # In float64, so that ten printed probabilities sum to 1.
        logits = torch.cat([self._model(to_input(part)) for part in torch.split(images, MAX_FORWARD)]).cpu().double()
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


def _is_single(prepared: Prepared, whole: Prediction, cuts: bool) -> bool:
    """Return whether the ink is one digit: a single part which, with `cuts`, cannot be several touching digits."""
    parts = prepared.parts
    return len(parts) == 1 and not (cuts and may_be_several(measure_widths(parts)[0], whole.digit is not None))


def _spell(predictions: list[Prediction]) -> str:
    return "".join("?" if prediction.digit is None else str(prediction.digit) for prediction in predictions)
