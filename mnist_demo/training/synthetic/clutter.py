"""What surrounds digits in the world, and is not their ink: frames, lines, tables, shadows, stains.

A layer is (H, W) float from 0 to 1: how much of a pixel it covers. All lengths are shares of the shorter side of the
picture, `box` is the place of the writing: left, top, right, bottom in px.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from mnist_demo.training.synthetic.writing import Hands

Layer = NDArray[np.floating[Any]]
Box = tuple[float, float, float, float]
Segment = tuple[float, float, float, float]  # x, y of both ends

OVERSAMPLING = 2
Thing = TypeVar("Thing")


def draw_lines(shape: tuple[int, int], segments: list[Segment], width: float) -> Layer:
    """Return straight lines, `width` px wide, anti-aliased."""
    height, columns = shape
    picture = Image.new("L", (columns * OVERSAMPLING, height * OVERSAMPLING))
    canvas = ImageDraw.Draw(picture)
    thickness = max(1, round(width * OVERSAMPLING))
    for segment in segments:
        canvas.line([place * OVERSAMPLING for place in segment], fill=255, width=thickness)
    strength = min(1.0, width * OVERSAMPLING)  # a hairline covers only a part of its pixels
    return np.asarray(picture.reduce(OVERSAMPLING), np.float32) * (strength / 255)


def rectangle(left: float, top: float, right: float, bottom: float) -> list[Segment]:
    """Return the four sides of a rectangle: left, top, right, bottom."""
    return [
        (left, top, left, bottom),
        (left, top, right, top),
        (right, top, right, bottom),
        (left, bottom, right, bottom),
    ]


def frame(random: np.random.Generator, shape: tuple[int, int], box: Box) -> Layer:
    """Return a frame at the border of the picture, of one to four sides."""
    height, width = shape
    side = min(shape)
    pen = _width(random, side)
    inset = pen / 2 if random.random() < 0.5 else random.uniform(-0.01, 0.07) * side
    jitter = random.normal(0, 0.01 * side, 4) if random.random() < 0.5 else np.zeros(4)
    left, top, right, bottom = np.array([inset, inset, width - inset, height - inset]) + jitter
    return draw_lines(shape, _some(random, rectangle(left, top, right, bottom)), pen)


def cell_walls(random: np.random.Generator, shape: tuple[int, int], box: Box) -> Layer:
    """Return the lines of a table around its cell: near the border, each on its own, running on, slightly turned."""
    height, width = shape
    side = min(shape)
    lean = random.normal(0, 0.03)
    segments: list[Segment] = []
    for is_row, start in _some(random, [(True, 0.0), (True, 1.0), (False, 0.0), (False, 1.0)]):
        across, along = (height, width) if is_row else (width, height)
        place = start * across + (1 - 2 * start) * random.uniform(-0.02, 0.14) * side
        tilt = (lean + random.normal(0, 0.01)) * along / 2
        row = -2.0, place - tilt, along + 2.0, place + tilt
        segments.append(row if is_row else (row[3], row[0], row[1], row[2]))
    layer = np.zeros(shape, np.float32)
    for segment in segments:  # thick and thin ones
        layer = np.maximum(layer, draw_lines(shape, [segment], _width(random, side)))
    return layer


def printed_box(random: np.random.Generator, shape: tuple[int, int], box: Box) -> Layer:
    """Return a printed box round the writing, or a comb of such boxes."""
    left, top, right, bottom = box
    size = max(right - left, bottom - top)
    margins = random.uniform(0.04, 0.35) * size + random.uniform(0, 0.12, 4) * size
    left, top, right, bottom = left - margins[0], top - margins[1], right + margins[2], bottom + margins[3]
    segments = rectangle(left, top, right, bottom)
    if random.random() < 0.35:  # its neighbours in the comb
        step = right - left
        for count in (1, 2):
            segments += [(x, top, x, bottom) for x in (left - count * step, right + count * step)]
            segments += [(left - count * step, y, right + count * step, y) for y in (top, bottom)]
    elif random.random() < 0.15:
        segments = segments[::2]  # only walls
    return draw_lines(shape, segments, _width(random, min(shape)))


def ruling(random: np.random.Generator, shape: tuple[int, int], box: Box) -> Layer:
    """Return the lines of ruled or squared paper."""
    height, width = shape
    side = min(shape)
    gap = random.uniform(0.07, 0.5) * side
    lean, both, is_column = random.normal(0, 0.03), random.random() < 0.5, random.random() < 0.25
    reach = max(height, width)
    segments: list[Segment] = []
    offset = random.uniform(0, gap)
    for place in np.arange(offset - gap, reach + gap, gap):
        if both or not is_column:
            segments.append((0, place - lean * width / 2, width, place + lean * width / 2))
        if both or is_column:
            segments.append((place + lean * height / 2, 0, place - lean * height / 2, height))
    return draw_lines(shape, segments, max(0.4, random.uniform(0.002, 0.02) * side))


def line_below(random: np.random.Generator, shape: tuple[int, int], box: Box) -> Layer:
    """Return one line across the picture below the writing, above it or beside it, which it may touch."""
    height, width = shape
    left, top, right, bottom = box
    size = max(right - left, bottom - top)
    distance = random.uniform(-0.06, 0.3) * size
    lean = random.normal(0, 0.02)
    # Across the whole picture if it may touch the writing, or it could be a stroke of it.
    is_short = distance > 0.1 * size and random.random() < 0.4
    start, end = (random.uniform(0, 0.25), -random.uniform(0, 0.25)) if is_short else (-2.0, 2.0)
    kind = random.random()
    if kind < 0.75:
        place = bottom + distance if kind < 0.6 else top - abs(distance)
        first, last = max(start, start * width), width + (end if end > 0 else end * width)
        segment = (first, place - lean * width / 2, last, place + lean * width / 2)
    else:
        place = right + abs(distance) + 2 if kind < 0.88 else left - abs(distance) - 2
        first, last = max(start, start * height), height + (end if end > 0 else end * height)
        segment = (place + lean * height / 2, first, place - lean * height / 2, last)
    return draw_lines(shape, [segment], _width(random, min(shape)))


def dark_edges(random: np.random.Generator, shape: tuple[int, int], box: Box) -> Layer:
    """Return dark slivers along one to four sides, as a scanner leaves them."""
    height, width = shape
    layer = np.zeros(shape, np.float32)
    for side in _some(random, [0, 1, 2, 3]):
        room = (box[0], box[1], width - box[2], height - box[3])[side]
        most = max(0.02 * min(shape), min(0.15 * min(shape), room))
        thick = max(1, round(random.uniform(0.01 * min(shape), most)))
        edge = slice(0, thick) if side < 2 else slice(-thick, None)
        layer[(slice(None), edge) if side % 2 == 0 else edge] = 1
    return layer


def stray_lines(random: np.random.Generator, shape: tuple[int, int], box: Box) -> Layer:
    """Return some thin lines that run across the whole picture with a bend, as on a map."""
    height, width = shape
    segments: list[Segment] = []
    for _ in range(int(random.integers(1, 4))):
        sides = random.permutation(4)[:2]
        ends = [
            ((-3.0, y), (x, -3.0), (width + 3.0, y), (x, height + 3.0))[side]
            for side, x, y in zip(sides, random.uniform(0, width, 2), random.uniform(0, height, 2), strict=True)
        ]
        x, y = np.mean(ends, axis=0) + random.normal(0, 0.1 * min(shape), 2)
        segments += [(*ends[0], x, y), (x, y, *ends[1])]
    return draw_lines(shape, segments, max(0.5, random.uniform(0.004, 0.025) * min(shape)))


def specks(random: np.random.Generator, shape: tuple[int, int], box: Box) -> Layer:
    """Return dust and stains, far smaller than the writing."""
    height, width = shape
    picture = Image.new("L", (width * OVERSAMPLING, height * OVERSAMPLING))
    canvas = ImageDraw.Draw(picture)
    size = max(box[2] - box[0], box[3] - box[1]) * OVERSAMPLING
    for _ in range(int(random.integers(1, 25))):
        x, y = random.uniform(0, 1, 2) * (width * OVERSAMPLING, height * OVERSAMPLING)
        across, down = random.uniform(0.2, 1, 2) * size * random.choice([0.015, 0.03, 0.05])
        canvas.ellipse((x - across, y - down, x + across, y + down), fill=255)
    return np.asarray(picture.reduce(OVERSAMPLING), np.float32) / 255


def neighbours(hands: Hands, random: np.random.Generator, shape: tuple[int, int], box: Box) -> Layer:
    """Return pieces of other writing, cut off by one or two sides of the picture, away from the writing."""
    height, width = shape
    left, top, right, bottom = box
    layer = np.zeros(shape, np.float32)
    size = max(right - left, bottom - top)
    for side in _some(random, [0, 1, 2, 3])[:2]:
        patch = Image.fromarray(hands.digit(random)[0])
        scale = size * random.uniform(0.7, 1.2) / max(patch.size)
        patch = patch.resize([max(1, round(length * scale)) for length in patch.size], Image.Resampling.BILINEAR)
        piece = np.asarray(patch, np.float32) / 255
        along = (height if side % 2 == 0 else width) * random.uniform(-0.1, 1)
        # At most a third of it shows, and never within reach of the writing.
        room = 0.9 * (left, top, width - right, height - bottom)[side]
        shown = min(random.uniform(0.05, 0.4) * piece.shape[1 - side % 2], room)
        if shown < 1:
            continue
        x = (shown - piece.shape[1], along, width - shown, along)[side]
        y = (along, shown - piece.shape[0], along, height - shown)[side]
        paste(layer, piece, round(x), round(y))
    return layer


def corner_marks(hands: Hands, random: np.random.Generator, shape: tuple[int, int], box: Box) -> Layer:
    """Return small notes beside the writing, like the pencil marks in a sudoku: at most a third of its height."""
    height, width = shape
    layer = np.zeros(shape, np.float32)
    size = (box[3] - box[1]) * random.uniform(0.15, 0.34)
    for _ in range(int(random.integers(1, 4))):
        patch = Image.fromarray(hands.digit(random)[0])
        scale = size / max(patch.size)
        piece = np.asarray(patch.resize([max(1, round(length * scale)) for length in patch.size]), np.float32) / 255
        for _ in range(6):
            x, y = random.uniform(0, width - piece.shape[1]), random.uniform(0, height - piece.shape[0])
            right, bottom = x + piece.shape[1], y + piece.shape[0]
            if right < box[0] - 1 or x > box[2] + 1 or bottom < box[1] - 1 or y > box[3] + 1:
                paste(layer, piece, round(x), round(y))
                break
    return layer


def paste(layer: Layer, piece: Layer, x: int, y: int) -> None:
    """Put a piece onto a layer at its place, the maximum of both; what lies outside is cut off."""
    height, width = layer.shape
    top, left = max(0, y), max(0, x)
    bottom, right = min(height, y + piece.shape[0]), min(width, x + piece.shape[1])
    if top < bottom and left < right:
        window = layer[top:bottom, left:right]
        np.maximum(window, piece[top - y : bottom - y, left - x : right - x], out=window)


def smooth_field(random: np.random.Generator, shape: tuple[int, int], knots: int) -> Layer:
    """Return a smooth random field with mean 0 and deviation of about 1: `knots` random values along each side."""
    values = random.normal(0, 1, (knots, knots)).astype(np.float32)
    return np.asarray(Image.fromarray(values).resize(shape[::-1], Image.Resampling.BICUBIC))


def half_plane(random: np.random.Generator, shape: tuple[int, int], softness: float) -> Layer:
    """Return a random half of the picture, with a soft edge `softness` px wide: a shadow, a fold, another paper."""
    height, width = shape
    angle = random.uniform(0, 2 * np.pi)
    across = (np.arange(width) - width * random.uniform(0.1, 0.9)) * np.cos(angle)
    down = (np.arange(height) - height * random.uniform(0.1, 0.9)) * np.sin(angle)
    distance = across[None, :] + down[:, None]
    layer: Layer = np.clip(distance / max(softness, 1e-3) + 0.5, 0, 1).astype(np.float32)
    return layer


def sheet(random: np.random.Generator, shape: tuple[int, int], box: Box) -> Layer:
    """Return 1 on a sheet of paper, a quadrangle that holds the writing, and 0 on the table around it."""
    height, width = shape
    left, top, right, bottom = box
    away = 0.08 * max(right - left, bottom - top)
    corners = []
    for x, y, reach_x, reach_y in (
        (left - away, top - away, -1, -1),
        (right + away, top - away, 1, -1),
        (right + away, bottom + away, 1, 1),
        (left - away, bottom + away, -1, 1),
    ):
        room_x, room_y = (x if reach_x < 0 else width - x), (y if reach_y < 0 else height - y)
        # Beyond the picture as well, so that one side of the sheet, or all of them, may not show.
        corners.append(
            (
                x + reach_x * random.uniform(0, 1.3) * max(room_x, 0),
                y + reach_y * random.uniform(0, 1.3) * max(room_y, 0),
            )
        )
    if random.random() < 0.5:  # straight edges
        (x0, y0), (x1, y1) = np.min(corners, axis=0), np.max(corners, axis=0)
        corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    picture = Image.new("L", (width * OVERSAMPLING, height * OVERSAMPLING))
    ImageDraw.Draw(picture).polygon([(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in corners], fill=255)
    return np.asarray(picture.reduce(OVERSAMPLING), np.float32) / 255


def blur(field: Layer, radius: float) -> Layer:
    """Return the field, blurred by a Gaussian of `radius` px."""
    image = Image.fromarray((np.clip(field, 0, 1) * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(image, np.float32) / 255


def _width(random: np.random.Generator, side: int) -> float:
    """Return the width of a printed line in px: from a hairline to a bar."""
    return side * float(np.exp(random.uniform(np.log(0.005), np.log(0.06))))


def _some(random: np.random.Generator, things: list[Thing]) -> list[Thing]:
    """Return all of the things in half of the cases, else some, in random order."""
    order = random.permutation(len(things))
    count = len(things) if random.random() < 0.5 else int(random.integers(1, len(things)))
    return [things[index] for index in order[:count]]


LINEWORK: dict[str, Callable[[np.random.Generator, tuple[int, int], Box], Layer]] = {
    "frame": frame,
    "cell walls": cell_walls,
    "printed box": printed_box,
    "ruling": ruling,
    "line below": line_below,
    "dark edges": dark_edges,
    "stray lines": stray_lines,
    "specks": specks,
}
