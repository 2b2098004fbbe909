"""What a network says of a picture: a Prediction of one digit, or a NumberReading of several."""

import math
from dataclasses import dataclass

import numpy as np

from mnist_demo.data.datasets import SIDE
from mnist_demo.data.subject import CLASSES
from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.segmentation import Box


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

    def __eq__(self, other: object) -> bool:
        """Compare everything, the picture too: what `dataclass` makes cannot compare arrays."""
        if not isinstance(other, Prediction):
            return NotImplemented
        return self._values() == other._values()

    def _values(self) -> tuple[object, ...]:
        answer = self.digit, self.confidence, self.probabilities, self.legibility
        return *answer, self.network_input.tobytes()

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
