"""Any picture of a digit -> a 28x28 picture, normalised like those of MNIST.

picture -> to_grey -> find_ink -> keep_digit -> normalise -> network input
strokes ---------------> draw  ->

`predict`, `read`, `read_number` and the steps shown on the page all start from `prepare` or `prepare_drawing`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_demo.reading.connected import Components, find_ink_components
from mnist_demo.reading.drawing import Drawing, draw, draw_over
from mnist_demo.reading.ink import Ink, find_ink
from mnist_demo.reading.inputs import Readable, to_picture
from mnist_demo.reading.lines import find_lines
from mnist_demo.reading.normalisation import crop, has_ink, normalise, normalise_weight
from mnist_demo.reading.pictures import Grey, PictureFile, to_grey
from mnist_demo.reading.segmentation import Box, Piece

SPECK = 0.015  # of the largest part's area: anything smaller is a speck, wherever it is
FAR_SPECK = 0.1  # the same for a part that is not close to the digit
BESIDE = 0.3  # of the digit's size: a part this close may be the bar of a 5 or half of a 4


@dataclass(frozen=True, eq=False)
class Step:
    """One preparation step, for display: its title and its result, (H, W) uint8."""

    title: str
    picture: Grey


@dataclass(frozen=True, eq=False)
class Prepared:
    """A picture prepared for networks; expensive results are computed on first access and cached.

    Attributes:
        grey: (H, W) uint8, its grey levels.
        scale: px of the picture per px of `grey`.
        drawn: the ink, where it need not be found: `grey` itself, drawn on a pad of 1000 units, which count as px.
    """

    grey: Grey
    scale: float
    drawn: Ink | None = None

    @cached_property
    def found(self) -> Ink:
        """The ink, and where in the picture it is."""
        return self.drawn or find_ink(self.grey)

    @property
    def ink(self) -> Grey:
        """(H, W) uint8, 255 where the pen was."""
        return self.found.levels

    @cached_property
    def components(self) -> Components:
        """The connected components of the ink."""
        return find_ink_components(self.ink)

    @cached_property
    def network_input(self) -> Grey | None:
        """The network input for a single digit: (28, 28) uint8, ink is 255 on 0; None if there is no ink."""
        digit = keep_digit(self.ink, self.components)
        return normalise(digit) if has_ink(digit) else None

    def box(self, piece: Piece) -> Box:
        """Return where a piece of the ink is: left, top, right and bottom in px of the picture."""
        height, width = piece.ink.shape
        corners = (piece.left, piece.top), (piece.left + width, piece.top + height)
        left, top, right, bottom = (
            round(place * self.scale) for corner in corners for place in self.found.to_picture(*corner)
        )
        return left, top, right, bottom

    @cached_property
    def lines(self) -> list[list[Piece]]:
        """The parts of each line of numbers, from top to bottom and from left to right; empty if there is no ink."""
        return [] if self.network_input is None else find_lines(self.ink, self.components)


def prepare(picture: Readable | Prepared) -> Prepared:
    """Prepare a picture for networks; one that is already prepared is returned unchanged.

    Args:
        picture: the path of a picture file, the result of `open_picture`, a PIL picture of any mode, an array (H, W),
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


def prepare_drawing(drawing: Drawing, picture: Readable | Prepared | None = None) -> Prepared:
    """Prepare pen strokes from a pad for networks, on an empty pad or over a picture.

    Raises:
        ImageError: as for `prepare`.
    """
    if picture is None:
        ink = draw(drawing)
        return Prepared(ink.levels, 1, ink)
    prepared = prepare(picture)
    return Prepared(draw_over(prepared.grey, drawing), prepared.scale)


def list_steps(picture: Readable | Prepared) -> list[Step]:
    """Return the steps from a picture to the network input for one digit, as far as they get.

    Raises:
        ImageError: as for `prepare`.
    """
    prepared = prepare(picture)
    if prepared.drawn is None:
        first, *closer = prepared.found.looks
        steps = [Step("Grey levels", prepared.grey), Step("Ink", first)]
        steps += [Step("Ink, seen from closer", look) for look in closer]
    else:
        steps = [Step("Ink, pen fitted to the digit", prepared.ink)]
    digit = keep_digit(prepared.ink, prepared.components)
    steps.append(Step("Specks dropped", digit))
    if prepared.network_input is not None:
        steps.append(Step("Cut out, pen of normal width", normalise_weight(crop(digit))))
        steps.append(Step("28 x 28, centred by mass", prepared.network_input))
    return steps


def keep_digit(ink: Grey, parts: Components) -> Grey:
    """Return the ink without specks and stains: the largest connected component, and those that belong to it."""
    if len(parts.areas) < 2:
        return ink
    kept = np.concatenate([[False], _belongs(parts)])
    # Labels do not cover the soft edge of a part, so only the ink of the dropped parts is cleared.
    return np.where((parts.labels > 0) & ~kept[parts.labels], 0, ink)


def _belongs(parts: Components) -> NDArray[np.bool_]:
    """Return which parts belong to the same drawing as the largest one."""
    main = int(parts.areas.argmax())
    top, left, bottom, right = parts.boxes[main]
    reach = BESIDE * max(bottom - top, right - left)
    rows = np.maximum(parts.boxes[:, 0] - bottom, top - parts.boxes[:, 2])
    columns = np.maximum(parts.boxes[:, 1] - right, left - parts.boxes[:, 3])
    share = parts.areas / parts.areas[main]
    beside = np.maximum(rows, columns) <= reach
    # A part that touches the border, away from the digit, is the edge of a shadow or of the sheet.
    cut = (parts.boxes[:, :2] == 0).any(axis=1) | (parts.boxes[:, 2:] == parts.labels.shape).any(axis=1)
    belongs: NDArray[np.bool_] = (beside & (share >= SPECK)) | (~cut & (share >= FAR_SPECK))
    return belongs
