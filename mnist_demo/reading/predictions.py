"""The result of reading a picture: a Prediction for one digit, or a NumberReading for several."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mnist_demo.data.datasets import SIDE
from mnist_demo.data.subject import CLASSES
from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.segmentation import Box

SPACE = 1.5  # heights of a line: a wider gap separates two numbers
# Why a picture is rejected, for the user; see also `could_be`.
NOTHING_DRAWN = "nothing drawn"
TOO_SMALL = "too small"
SEVERAL_LINES = "several lines"
OTHER = "more like a letter or a drawing than a digit"
UNLIKE = "unlike anything that this network knows"  # one that was trained on something other than digits


def could_be(names: Sequence[str]) -> str:
    """Return the reason for rejecting a picture that is one of several things, such as "could be 3, 5 or 8"."""
    return f"could be {', '.join(names[:-1])} or {names[-1]}"


@dataclass(frozen=True)
class Prediction:
    """A network's prediction for a picture.

    Attributes:
        digit: 0 to 9, or None for a reject.
        confidence: probability of that digit, in [0, 1]; 0 for a reject.
        probabilities: of the digits 0 to 9, given that it is a digit; they sum to 1.
        network_input: (28, 28) uint8, the network's input.
        legibility: the network's log-odds that this is a digit at all; -inf without ink. Only DigitNet is trained
            for it; the other networks never reject.
        candidates: the digits that it may be, from the most likely one on: on pictures of digits like those of its
            calibration, 99% of these sets contain the true one. Empty without ink.
        reason: why it is rejected; None if there is a digit.
    """

    digit: int | None
    confidence: float
    probabilities: list[float]
    network_input: Grey
    legibility: float
    candidates: list[int]
    reason: str | None = None

    def __eq__(self, other: object) -> bool:
        """Compare all fields, including the picture: the method that `dataclass` generates cannot compare arrays."""
        if not isinstance(other, Prediction):
            return NotImplemented
        return self._values() == other._values()

    def _values(self) -> tuple[object, ...]:
        answer = self.digit, self.confidence, self.probabilities, self.legibility, self.candidates, self.reason
        return *answer, self.network_input.tobytes()

    @property
    def guess(self) -> int | None:
        """The most likely digit, even for a reject; None without ink."""
        return None if self.legibility == -math.inf else int(np.argmax(self.probabilities))

    def reject(self, reason: str) -> "Prediction":
        """Return the same without a digit, and why."""
        return replace(self, digit=None, confidence=0.0, reason=reason)


NOTHING = Prediction(None, 0.0, [1 / CLASSES] * CLASSES, np.zeros((SIDE, SIDE), np.uint8), -math.inf, [], NOTHING_DRAWN)

Digit = tuple[Box, Prediction]


@dataclass(frozen=True)
class NumberReading:
    """A network's reading of a picture of several digits.

    Attributes:
        lines: the digits of each line from left to right, "?" for a reject, with a space in a wide gap.
        boxes: left, top, right and bottom of each digit, in px of the picture, the latter two one past the end.
        predictions: one for each digit, in the order of the text.
    """

    lines: list[str]
    boxes: list[Box]
    predictions: list[Prediction]

    @classmethod
    def of(cls, lines: Iterable[Sequence[Digit]]) -> "NumberReading":
        """Put the digits of each line together; a line without any is left out."""
        lines = [line for line in lines if line]
        digits = [digit for line in lines for digit in line]
        return cls([_spell(line) for line in lines], [box for box, _ in digits], [digit for _, digit in digits])

    @property
    def text(self) -> str:
        """The lines as one text; "" if there are none."""
        return "\n".join(self.lines)


def _spell(line: Sequence[Digit]) -> str:
    height = max(bottom - top for (_, top, _, bottom), _ in line)
    text, end = "", math.inf
    for (left, _, right, _), prediction in line:
        space = " " if left - end > SPACE * height else ""
        text += space + ("?" if prediction.digit is None else str(prediction.digit))
        end = right
    return text
