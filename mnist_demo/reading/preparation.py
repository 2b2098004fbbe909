"""Any picture of a digit -> the 28x28 picture that the makers of MNIST would have cut from it.

picture -> to_grey -> find_ink -> keep_digit -> normalise -> what a network sees

`predict`, `read`, `read_number` and the steps that the page shows all start from `prepare`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_demo.reading.connected import Components, find_ink_components
from mnist_demo.reading.ink import INK_STEPS, find_ink
from mnist_demo.reading.inputs import Readable, to_picture
from mnist_demo.reading.normalisation import crop, has_ink, normalise, normalise_weight
from mnist_demo.reading.pictures import Grey, PictureFile, to_grey
from mnist_demo.reading.segmentation import Piece, find_parts

SPECK = 0.015  # of the largest part's area: less is a speck, wherever it lies
FAR_SPECK = 0.1  # the same for a part that does not lie beside the digit
BESIDE = 0.3  # of the digit's size: what is as near may be the bar of its 5 or a half of its 4


@dataclass(frozen=True, eq=False)
class Step:
    """One step of the preparation of a picture, for those who ask how: its title and its result, (H, W) uint8."""

    title: str
    picture: Grey


@dataclass(frozen=True, eq=False)
class Prepared:
    """A picture made ready for networks, once: what is costly is computed when it is first asked for.

    Attributes:
        grey: (H, W) uint8, its grey levels.
        scale: px of the picture to one px of `grey`.
    """

    grey: Grey
    scale: float

    @cached_property
    def ink(self) -> Grey:
        """(H, W) uint8, 255 where the pen was."""
        return find_ink(self.grey)

    @cached_property
    def components(self) -> Components:
        """The connected parts of the ink."""
        return find_ink_components(self.ink)

    @cached_property
    def network_input(self) -> Grey | None:
        """What a network sees of it as one digit: (28, 28) uint8, ink is 255 on 0; None if there is no ink."""
        digit = keep_digit(self.ink, self.components)
        return normalise(digit) if has_ink(digit) else None

    @cached_property
    def parts(self) -> list[Piece]:
        """The parts of it as a number, from left to right; none if there is no ink."""
        return [] if self.network_input is None else find_parts(self.ink, self.components)


def prepare(picture: Readable | Prepared) -> Prepared:
    """Make a picture ready for networks; what is ready already is returned as it is.

    Args:
        picture: the path of a picture file, what `open_picture` returns, a PIL picture of any mode, an array (H, W),
            (H, W, 1), (H, W, 3) or (H, W, 4), or a tensor (H, W) or (1, 3 or 4, H, W), of uint8 or of floats in [0, 1].

    Raises:
        ImageError: it is not such a picture, or the file cannot be read.
    """
    if isinstance(picture, Prepared):
        return picture
    picture = to_picture(picture)
    grey = to_grey(picture)
    if isinstance(picture, PictureFile):
        return Prepared(grey, picture.scale)
    width, height = picture.size if isinstance(picture, Image.Image) else picture.shape[:2]
    return Prepared(grey, max(width, height) / max(grey.shape))


def list_steps(picture: Readable | Prepared) -> list[Step]:
    """Return how a picture becomes what a network sees of one digit, step by step, as far as it gets.

    Raises:
        ImageError: as for `prepare`.
    """
    prepared = prepare(picture)
    result = prepared.grey
    steps = [Step("Grey levels", result)]
    for title, step in INK_STEPS.items():
        result = step(result)
        steps.append(Step(title, result))
    digit = keep_digit(result, prepared.components)
    steps.append(Step("Specks dropped", digit))
    if prepared.network_input is not None:
        steps.append(Step("Cut out, pen of normal width", normalise_weight(crop(digit))))
        steps.append(Step("28 x 28, centred by mass", prepared.network_input))
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
