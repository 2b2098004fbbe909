"""Reading digits: a picture in, a Prediction out.

Predictor.load().predict(Image.open("seven.png")).digit  # 7
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from mnist_demo.checkpoints import WEIGHTS, Checkpoint, load_checkpoint
from mnist_demo.datasets import CLASSES, SIDE, Split
from mnist_demo.devices import choose_device
from mnist_demo.errors import CheckpointError, SettingsError
from mnist_demo.meters import Evaluation
from mnist_demo.models import DEFAULT_MODEL, MODELS
from mnist_demo.preprocessing import Grey, Picture, prepare
from mnist_demo.training import evaluate, to_input


@dataclass(frozen=True)
class Prediction:
    """What a network says of a picture.

    Attributes:
        digit: 0 to 9, or None where there is nothing to read.
        confidence: probability of that digit, in [0, 1]; 0 where there is nothing to read.
        probabilities: of the digits 0 to 9; they sum to 1.
        network_input: (28, 28) uint8, what the network saw.
    """

    digit: int | None
    confidence: float
    probabilities: list[float]
    network_input: Grey


NOTHING = Prediction(None, 0.0, [1 / CLASSES] * CLASSES, np.zeros((SIDE, SIDE), np.uint8))


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
        self._model = checkpoint.model.to(device).to(memory_format=torch.channels_last).eval()

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
            raise SettingsError(f"there is no network {str(name_or_path)!r}, only {names} and .safetensors files")
        return cls(load_checkpoint(name_or_path), target)

    def predict(self, image: Picture) -> Prediction:
        """Read one digit.

        Args:
            image: a PIL picture, or a uint8 array of any size, grey, RGB or RGBA, light on dark or dark on light.

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

    def evaluate(self, split: Split) -> Evaluation:
        """Measure the network on a whole split."""
        return evaluate(self._model, split)

    @torch.inference_mode()
    def read_prepared(self, network_inputs: NDArray[np.uint8]) -> list[Prediction]:
        """Read (N, 28, 28) uint8 pictures that are cut as MNIST's are, such as those of a Split, as they stand."""
        images = torch.from_numpy(network_inputs).to(self._device)
        # In float64, so that ten printed probabilities sum to 1.
        probabilities = self._model(to_input(images)).double().softmax(dim=1).cpu()
        confidences, digits = probabilities.max(dim=1)
        return [
            Prediction(int(digit), float(confidence), row.tolist(), network_input)
            for digit, confidence, row, network_input in zip(
                digits, confidences, probabilities, network_inputs, strict=True
            )
        ]
