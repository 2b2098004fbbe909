"""Any picture of a digit -> the 28x28 picture that the makers of MNIST would have cut from it.

picture -> to_grey -> find_ink -> keep_digit -> normalise -> what a network sees
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_demo.reading.connected import Components, find_ink_components
from mnist_demo.reading.ink import INK_STEPS, find_ink
from mnist_demo.reading.normalisation import crop, normalise, normalise_weight
from mnist_demo.reading.pictures import Grey, Picture, to_grey

SPECK = 0.015  # of the largest part's area: less is a speck, wherever it lies
FAR_SPECK = 0.1  # the same for a part that does not lie beside the digit
BESIDE = 0.3  # of the digit's size: what is as near may be the bar of its 5 or a half of its 4


INK_TITLES = ("Dark on light", "Light evened out", "Grain smoothed", "Ink at full strength", "Ruling removed")


@dataclass(frozen=True, eq=False)
class Step:
    """One step of the preparation of a picture, for those who ask how: its title and its result, (H, W) uint8."""

    title: str
    picture: Grey


def prepare(picture: Picture) -> Grey | None:
    """Return what a network sees of a picture: (28, 28) uint8, ink is 255 on 0; None if there is no ink.

    Args:
        picture: a PIL picture of any mode, or a uint8 array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4).

    Raises:
        ImageError: an array of another type or shape.
    """
    ink = find_ink(to_grey(picture))
    return cut_digit(ink, find_ink_components(ink))


def cut_digit(ink: Grey, parts: Components) -> Grey | None:
    """Return what a network sees of (H, W) ink and its connected parts, (28, 28) uint8; None if there is none."""
    digit = keep_digit(ink, parts)
    return normalise(digit) if (digit > 127).any() else None


def list_steps(picture: Picture) -> list[Step]:
    """Return what `prepare` does with a picture, step by step, as far as it gets.

    Raises:
        ImageError: an array of another type or shape.
    """
    result = to_grey(picture)
    steps = [Step("Grey levels", result)]
    for step, title in zip(INK_STEPS, INK_TITLES, strict=True):
        result = step(result)
        steps.append(Step(title, result))
    digit = keep_digit(result, find_ink_components(result))
    steps.append(Step("Specks dropped", digit))
    if (digit > 127).any():
        steps.append(Step("Cut out, pen of normal width", normalise_weight(crop(digit))))
        steps.append(Step("28 x 28, centred by mass", normalise(digit)))
    return steps


def keep_digit(ink: Grey, parts: Components) -> Grey:
    """Return the ink without specks and stains: the largest of its connected parts, and those that belong to it."""
    if len(parts.areas) < 2:
        return ink
    kept = np.concatenate([[False], _belongs(parts)])
    # The soft edge of a part is not in its labels: all ink but that of the parts that go stays.
    return np.where((parts.labels > 0) & ~kept[parts.labels], 0, ink)


def _belongs(parts: Components) -> NDArray[np.bool_]:
    """Return which parts are of the same drawing as the largest one."""
    main = int(parts.areas.argmax())
    top, left, bottom, right = parts.boxes[main]
    reach = BESIDE * max(bottom - top, right - left)
    rows = np.maximum(parts.boxes[:, 0] - bottom, top - parts.boxes[:, 2])
    columns = np.maximum(parts.boxes[:, 1] - right, left - parts.boxes[:, 3])
    share = parts.areas / parts.areas[main]
    beside = np.maximum(rows, columns) <= reach
    # What is cut by the border, away from the digit, is the edge of a shadow or of the sheet.
    cut = (parts.boxes[:, :2] == 0).any(axis=1) | (parts.boxes[:, 2:] == parts.labels.shape).any(axis=1)
    belongs: NDArray[np.bool_] = (beside & (share >= SPECK)) | (~cut & (share >= FAR_SPECK))
    return belongs
