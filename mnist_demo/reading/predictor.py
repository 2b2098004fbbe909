"""Reading digits and numbers: a picture in, a Prediction or a NumberReading out.

Predictor.load().predict(Image.open("seven.png")).digit  # 7
Predictor.load().read_number(Image.open("year.png")).text  # "2026"
"""

import copy
import hashlib
import math
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mnist_demo.data.batches import to_input
from mnist_demo.data.datasets import Split
from mnist_demo.data.subject import CLASSES
from mnist_demo.errors import CheckpointError, ImageError, NotFoundError
from mnist_demo.networks.calibration import legibility
from mnist_demo.networks.checkpoints import WEIGHTS, Checkpoint, load_checkpoint
from mnist_demo.networks.devices import choose_device
from mnist_demo.networks.digitnet import LIKELY
from mnist_demo.networks.evaluation import MAX_FORWARD, evaluate
from mnist_demo.networks.fusion import fuse_batch_norm
from mnist_demo.networks.meters import Evaluation
from mnist_demo.networks.registry import DEFAULT_MODEL, MODELS
from mnist_demo.networks.spec import can_reject
from mnist_demo.reading.inputs import Readable, to_prepared
from mnist_demo.reading.normalisation import normalise
from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.predictions import (
    NOTHING,
    OTHER,
    SEVERAL_LINES,
    TOO_SMALL,
    UNLIKE,
    Digit,
    NumberReading,
    Prediction,
    could_be,
)
from mnist_demo.reading.preparation import Prepared, prepare
from mnist_demo.reading.segmentation import (
    Box,
    Candidate,
    Piece,
    choose_path,
    cut_parts,
    drop_hopeless,
    list_candidates,
    may_be_several,
    measure_widths,
)

EXPECTED = 3.0  # nats by which the threshold is lowered when the caller asks for a number
# Of the height: half of an M or an H reads as a 1 that is wider. Three in four of the letters that would otherwise be
# read as a number have one, and 3% of the touching pairs of MNIST digits that are read correctly.
WIDE_ONE = 0.5
MAX_NAMED = 3  # digits that it may be: with more, a rejected picture is hardly a digit
# Px of the picture, the larger side of the largest part: of MNIST digits reduced to 4 px, one in eight that are read is
# read wrongly, of those of 5 px one in twelve, of those of 8 px one in fifty.
MIN_SIDE = 5


class Predictor:
    """A trained network that reads pictures.

    Attributes:
        name: the network's key in MODELS.
        metadata: how it was trained, as written by `save_checkpoint`.
        subject: the dataset and the classes that it was trained on; a predicted digit is an index into the classes.
        threshold: on the legibility; pictures at or below it are rejected. -inf: it rejects none.
    """

    def __init__(self, checkpoint: Checkpoint, device: torch.device) -> None:
        self.name = checkpoint.name
        self.metadata = checkpoint.metadata
        self.subject = checkpoint.subject
        self._device = device
        self._model = fuse_batch_norm(checkpoint.model.eval()).to(device).to(memory_format=torch.channels_last)
        self.threshold, self._candidate_threshold = -math.inf, LIKELY
        if can_reject(self._model):
            self.threshold = self._model.get_buffer("threshold").item()
            self._candidate_threshold = self._model.get_buffer("candidate_threshold").item()

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
        inputs: list[Grey | None] = []
        obstacles: list[str | None] = []
        for prepared in map(prepare, images):  # not kept: it is hundreds of times as large as what the network sees
            inputs.append(prepared.network_input)
            obstacles.append(self._find_obstacle(prepared))
        readable = [network_input for network_input in inputs if network_input is not None]
        read = iter(self.read_prepared(np.stack(readable)) if readable else [])
        predictions = [NOTHING if network_input is None else next(read) for network_input in inputs]
        return [
            prediction.reject(obstacle) if obstacle else prediction
            for prediction, obstacle in zip(predictions, obstacles, strict=True)
        ]

    def read_number(self, image: Readable | Prepared) -> NumberReading:
        """Read a number, or several lines of numbers: find the digits, including touching ones, and read each.

        Args:
            image: as for `predict`.

        Raises:
            ImageError: it is not such a picture.
        """
        lines = self._find_numbers(prepare(image))
        return NumberReading.of([(box, self._trust(prediction)) for box, prediction in line] for line in lines)

    def read(self, image: Readable | Prepared, cuts: bool = True) -> Prediction | NumberReading:
        """Read numbers if there are several digits, all of them legible, otherwise a single digit.

        Unlike `read_number`, it is not told that there are digits. Letters such as M and W can be cut into something
        like digits as well; so only a part wider than high is cut, and each of its digits has to be unmistakable.

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
        (whole,) = self.read_prepared(prepared.network_input[np.newaxis])
        if _is_too_small(prepared):
            return whole.reject(TOO_SMALL)
        if _is_single(prepared, cuts):
            return whole
        number = NumberReading.of(self._find_lines(prepared, cuts))
        return number if len(number.predictions) > 1 and "?" not in number.text else whole

    def read_single(self, prepared: Prepared, cuts: bool = True) -> Prediction | None:
        """Return the same as `read` if a single forward pass over one digit is enough, otherwise None.

        Args:
            prepared: the picture.
            cuts: as for `read`.
        """
        if prepared.network_input is None:
            return NOTHING
        if not _is_single(prepared, cuts):
            return None
        (whole,) = self.read_prepared(prepared.network_input[np.newaxis])
        return whole.reject(TOO_SMALL) if _is_too_small(prepared) else whole

    def _find_obstacle(self, prepared: Prepared) -> str | None:
        """Return why a picture is not read as one digit, however legible; None if nothing stands against it."""
        if prepared.network_input is None or not self.subject.is_digits:
            return None
        if _is_too_small(prepared):
            return TOO_SMALL
        if len(prepared.lines) > 1:
            lines = NumberReading.of(self._find_lines(prepared)).lines
            if sum(len(line) > 1 and "?" not in line for line in lines) > 1:
                return SEVERAL_LINES
        return None

    def _find_numbers(self, prepared: Prepared) -> list[list[Digit]]:
        """Return the digits of each line, where digits are expected: every part that may be several is cut."""
        parts = [part for line in prepared.lines for part in line]
        known = self._read_pieces(parts, {})
        are_legible = {piece: prediction.digit is not None for piece, prediction in known.items()}
        lines = [cut_parts(line, [are_legible[part] for part in line]) for line in prepared.lines]
        return self._read_lines(lines, prepared.box, known)

    def _find_lines(self, prepared: Prepared, cuts: bool = True) -> list[list[Digit]]:
        """Return the digits of each line, where there may be letters: only wide parts are cut, if `cuts`."""
        lines = prepared.lines
        if cuts:
            lines = [cut_parts(line, [True] * len(line)) for line in lines]
        return self._read_lines(lines, prepared.box, {}, is_wary=True)

    def _read_lines(
        self,
        lines: list[list[Piece]],
        place: Callable[[Piece], Box],
        known: dict[Piece, Prediction],
        is_wary: bool = False,
    ) -> list[list[Digit]]:
        """Return the digits of the most likely segmentation of each line; all lines are read in one batch.

        Args:
            lines: the pieces of each.
            place: gives the box of a piece in the picture.
            known: predictions for some of them.
            is_wary: reject digits that were cut from a larger part and may be one or another.
        """
        known = self._read_pieces([piece for line in lines for piece in line], known)
        candidates = [self._list_contenders(pieces, known) for pieces in lines]
        known = self._read_pieces([candidate.piece for line in candidates for candidate in line], known)
        digits = []
        for line, pieces in zip(candidates, lines, strict=True):
            scores = np.array([self._log_probability(known[candidate.piece]) for candidate in line])
            chosen = [line[index] for index in choose_path(line, scores, len(pieces))]
            digits.append(
                [
                    (place(piece), self._doubt(known[piece], piece) if is_wary and is_cut else known[piece])
                    for piece, is_cut in ((candidate.piece, candidate.is_cut) for candidate in chosen)
                ]
            )
        return digits

    def _list_contenders(self, pieces: list[Piece], known: dict[Piece, Prediction]) -> list[Candidate]:
        """Return the candidates of a line that are worth reading, given the predictions for its single pieces."""
        candidates = list_candidates(pieces)
        singles = [candidate for candidate in candidates if candidate.end - candidate.first == 1]
        scores = [
            (self._log_probability(known[single.piece]) if single.is_digit else 0.0) - single.cost for single in singles
        ]
        return drop_hopeless(candidates, scores)

    def _read_pieces(self, pieces: list[Piece], known: dict[Piece, Prediction]) -> dict[Piece, Prediction]:
        """Return the known predictions with those for the pieces that are not among them, all read in one batch."""
        unread = [piece for piece in pieces if piece not in known]
        inputs = [normalise(piece.ink) for piece in unread]
        read = self.read_prepared(np.stack(inputs)) if inputs else []
        return known | dict(zip(unread, read, strict=True))

    def _trust(self, prediction: Prediction) -> Prediction:
        """Accept the guess of a doubtful prediction, because digits are expected."""
        if prediction.digit is None and prediction.legibility > self.threshold - EXPECTED:
            return replace(prediction, digit=prediction.guess, confidence=max(prediction.probabilities), reason=None)
        return prediction

    def _doubt(self, prediction: Prediction, piece: Piece) -> Prediction:
        """Reject a digit cut from a part if it may be another, or if it is a 1 too wide for anything but a letter."""
        if prediction.digit is None:
            return prediction
        if len(prediction.candidates) > 1:
            return prediction.reject(could_be(self._name(prediction.candidates)))
        height, width = piece.ink.shape
        return prediction.reject(OTHER) if prediction.digit == 1 and width > WIDE_ONE * height else prediction

    def _name(self, candidates: list[int]) -> list[str]:
        return [self.subject.classes[candidate] for candidate in candidates]

    def _log_probability(self, prediction: Prediction) -> float:
        """Return the log-probability of the guess, including that of being a digit if the network can reject."""
        which = math.log(max(prediction.probabilities))
        return which if self.threshold == -math.inf else which - float(np.logaddexp(0, -prediction.legibility))

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the weights: networks that answer differently have different ones."""
        digest = hashlib.sha256(self.name.encode())
        for name, tensor in self._model.state_dict().items():
            digest.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]

    def copy_network(self) -> nn.Module:
        """Return a copy of the network to look into, in eval mode, with batch normalisation folded where possible."""
        return copy.deepcopy(self._model)

    def list_logits(self, images: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
        """Yield the logits of pictures in MNIST's format, (N, 28, 28) uint8, in batches (B, 10)."""
        for part in torch.split(torch.from_numpy(images), MAX_FORWARD):
            with torch.inference_mode():
                logits = self._model(to_input(part.to(self._device))).cpu().numpy()
            yield logits

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
        scores = legibility(logits).tolist()
        rows = logits.softmax(dim=1).tolist()
        return [self._judge(*answer) for answer in zip(rows, scores, network_inputs, strict=True)]

    def _judge(self, probabilities: list[float], score: float, network_input: Grey) -> Prediction:
        """Return the prediction for a picture, rejected if its legibility, `score`, is too low."""
        guess, *others = sorted(range(CLASSES), key=lambda digit: -probabilities[digit])
        candidates = [guess, *(digit for digit in others if probabilities[digit] >= self._candidate_threshold)]
        prediction = Prediction(guess, probabilities[guess], probabilities, network_input, score, candidates)
        if score > self.threshold:
            return prediction
        if score > self.threshold - EXPECTED and 1 < len(candidates) <= MAX_NAMED:
            return prediction.reject(could_be(self._name(candidates)))
        return prediction.reject(OTHER if self.subject.is_digits else UNLIKE)


def _is_single(prepared: Prepared, cuts: bool) -> bool:
    """Return whether the ink is one digit: a single part which, with `cuts`, is not wide enough for several."""
    parts = [part for line in prepared.lines for part in line]
    return len(parts) == 1 and not (cuts and may_be_several(measure_widths(parts)[0], is_legible=True))


def _is_too_small(prepared: Prepared) -> bool:
    """Return whether the ink is too small for a digit, however legible it seems."""
    boxes = prepared.components.boxes
    return bool((boxes[:, 2:] - boxes[:, :2]).max() * prepared.scale / prepared.found.scale < MIN_SIDE)
