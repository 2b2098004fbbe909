"""The result of reading a picture: a Prediction for one digit, or a NumberReading for several."""

import math
from dataclasses import dataclass

import numpy as np

from mnist_demo.data.datasets import SIDE
from mnist_demo.data.subject import CLASSES
from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.segmentation import Box


@dataclass(frozen=True)
class Prediction:
    """A network's prediction for a picture.

    Attributes:
        digit: 0 to 9, or None for a reject: no ink, or not a digit.
        confidence: probability of that digit, in [0, 1]; 0 for a reject.
        probabilities: of the digits 0 to 9, given that it is a digit; they sum to 1.
        network_input: (28, 28) uint8, the network's input.
        legibility: the network's log-odds that this is a digit at all; -inf without ink. Only DigitNet is trained
            for it; the other networks never reject.
    """

    digit: int | None
    confidence: float
    probabilities: list[float]
    network_input: Grey
    legibility: float

    def __eq__(self, other: object) -> bool:
        """Compare all fields, including the picture: the method that `dataclass` generates cannot compare arrays."""
        if not isinstance(other, Prediction):
            return NotImplemented
        return self._values() == other._values()

    def _values(self) -> tuple[object, ...]:
        answer = self.digit, self.confidence, self.probabilities, self.legibility
        return *answer, self.network_input.tobytes()

    @property
    def guess(self) -> int | None:
        """The most likely digit, even for a reject; None without ink."""
        return None if self.legibility == -math.inf else int(np.argmax(self.probabilities))


NOTHING = Prediction(None, 0.0, [1 / CLASSES] * CLASSES, np.zeros((SIDE, SIDE), np.uint8), -math.inf)


@dataclass(frozen=True)
class NumberReading:
    """A network's reading of a picture of several digits.

    Attributes:
        text: the digits from left to right, "?" for a reject; "" if there are none.
        boxes: left, top, right and bottom of each digit, in px of the picture, the latter two one past the end.
        predictions: one for each digit.
    """

    text: str
    boxes: list[Box]
    predictions: list[Prediction]
