"""What can be wrong with a picture of a digit, in growing strengths.

Every picture is dark ink on light paper, (side, side) uint8, with room around the digit; lengths are shares of its
side.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

PAPER, INK, TABLE = 225, 35, 50  # grey levels
LIGHT, DARK = (90, 190, 90), (220, 100, 215)  # a green and a purple of the same grey

Picture = NDArray[np.uint8]  # (height, width) or (height, width, 3)
Disturb = Callable[[Picture, float, np.random.Generator], Picture]


@dataclass(frozen=True)
class Disturbance:
    """A kind of disturbance.

    Attributes:
        title: what it is, and what its strength means.
        strengths: from weak to strong.
        disturb: returns the disturbed copy of a picture.
        unit: of the strengths; those in % are shares.
    """

    title: str
    strengths: tuple[float, ...]
    disturb: Disturb
    unit: str = "%"

    def labels(self) -> list[str]:
        """Return the strengths as text."""
        factor = 100 if self.unit == "%" else 1
        return [f"{factor * strength:g}{self.unit}" for strength in self.strengths]


def find_ink(picture: Picture) -> tuple[int, int, int, int]:
    """Return the box of the ink: top, bottom, left and right, the last ones excluded."""
    ink = picture < (PAPER + INK) / 2
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


def leave(picture: Picture, strength: float, random: np.random.Generator) -> Picture:
    """Change nothing."""
    return picture


def add_frame(picture: Picture, width: float, random: np.random.Generator) -> Picture:
    """Darken all four edges."""
    thick = max(1, round(width * len(picture)))
    framed = np.full_like(picture, TABLE)
    framed[thick:-thick, thick:-thick] = picture[thick:-thick, thick:-thick]
    return framed


def add_box(picture: Picture, gap: float, random: np.random.Generator) -> Picture:
    """Draw a box round the ink, as on a form."""
    side = len(picture)
    line, away = max(1, round(0.01 * side)), round(gap * side)
    top, bottom, left, right = find_ink(picture)
    outer = (
        slice(max(0, top - away - line), bottom + away + line),
        slice(max(0, left - away - line), right + away + line),
    )
    inner = slice(max(0, top - away), bottom + away), slice(max(0, left - away), right + away)
    boxed = picture.copy()
    boxed[outer] = INK
    boxed[inner] = picture[inner]
    return boxed


def darken_edges(picture: Picture, width: float, random: np.random.Generator) -> Picture:
    """Let the table show at the left and at the top."""
    thick = round(width * len(picture))
    darkened = picture.copy()
    darkened[:thick] = darkened[:, :thick] = TABLE
    return darkened


def underline(picture: Picture, gap: float, random: np.random.Generator) -> Picture:
    """Draw a line from edge to edge below the ink; a negative gap leads it through the ink."""
    side = len(picture)
    top = find_ink(picture)[1] + round(gap * side)
    lined = picture.copy()
    lined[top : top + max(1, round(0.02 * side))] = INK
    return lined


def rotate(picture: Picture, angle: float, random: np.random.Generator) -> Picture:
    """Turn the picture to the left or the right, as scanners do: its corners become black."""
    turned = Image.fromarray(picture).rotate(angle * random.choice((-1, 1)), Image.Resampling.BICUBIC, fillcolor=0)
    return np.asarray(turned)


def rule(picture: Picture, darkness: float, random: np.random.Generator, squared: bool = False) -> Picture:
    """Print lines on the paper, eight on its height; `squared` adds those across."""
    side = len(picture)
    distance, line = round(side / 8), max(1, round(0.008 * side))
    on_line = (np.arange(side) + random.integers(distance)) % distance < line
    lines = on_line[:, np.newaxis] | (on_line & squared)
    return np.where(lines, np.minimum(picture, PAPER - darkness * (PAPER - INK)), picture).astype(np.uint8)


def shade(picture: Picture, depth: float, random: np.random.Generator) -> Picture:
    """Let the light fade across the picture, in any direction."""
    angle, ramp = random.uniform(0, 2 * np.pi), np.linspace(-0.5, 0.5, len(picture))
    across = ramp[:, np.newaxis] * np.sin(angle) + ramp * np.cos(angle)
    share = (across - across.min()) / np.ptp(across)
    return (picture * (1 - depth * share)).astype(np.uint8)


def add_noise(picture: Picture, deviation: float, random: np.random.Generator) -> Picture:
    """Add normal noise."""
    return (picture + random.normal(0, deviation, picture.shape)).clip(0, 255).astype(np.uint8)


def add_specks(picture: Picture, share: float, random: np.random.Generator) -> Picture:
    """Make a share of the pixels black or white."""
    hit = random.random(picture.shape) < share
    return np.where(hit, 255 * random.integers(2, size=picture.shape), picture).astype(np.uint8)


def blur(picture: Picture, radius: float, random: np.random.Generator) -> Picture:
    """Photograph out of focus."""
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius * len(picture))))


def compress(picture: Picture, quality: float, random: np.random.Generator) -> Picture:
    """Store as a JPEG."""
    file = BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=round(quality))
    return np.asarray(Image.open(file))


def fade(picture: Picture, contrast: float, random: np.random.Generator) -> Picture:
    """Leave so many grey levels between ink and paper."""
    return (PAPER - (PAPER - picture.astype(float)) * contrast / (PAPER - INK)).round().astype(np.uint8)


def lay_on_table(picture: Picture, share: float, random: np.random.Generator) -> Picture:
    """Show the sheet on a dark table, where it takes a share of the picture's side, slightly turned and off-centre."""
    side = round(len(picture) / share)
    sheet = Image.fromarray(picture).rotate(
        random.uniform(-6, 6), Image.Resampling.BICUBIC, expand=True, fillcolor=TABLE
    )
    room = side - sheet.width
    place = (round(room / 2 + random.uniform(-0.25, 0.25) * max(0, room)) for _ in range(2))
    scene = Image.new("L", (side, side), TABLE)
    scene.paste(sheet, tuple(place))
    return np.asarray(scene)


def cut(picture: Picture, margin: float, random: np.random.Generator) -> Picture:
    """Cut the picture round the ink with a margin, a share of the ink's longer side; a negative one cuts into it."""
    top, bottom, left, right = find_ink(picture)
    away = round(margin * max(bottom - top, right - left))
    beside, above = max(away, (left - right) // 3), max(away, (top - bottom) // 3)  # a third of a thin 1 is left
    return picture[max(0, top - above) : bottom + above, max(0, left - beside) : right + beside]


def place_small(picture: Picture, share: float, random: np.random.Generator) -> Picture:
    """Write the digit as large as a share of the picture's side, anywhere on 280x280."""
    side = 280
    digit = Image.fromarray(cut(picture, 0, random))
    scale = share * side / max(digit.size)
    width, height = (max(1, round(length * scale)) for length in digit.size)
    sheet = Image.new("L", (side, side), PAPER)
    place = int(random.integers(side - width + 1)), int(random.integers(side - height + 1))
    sheet.paste(digit.resize((width, height), Image.Resampling.LANCZOS), place)
    return np.asarray(sheet)


def add_neighbours(picture: Picture, width: float, random: np.random.Generator) -> Picture:
    """Let pieces of the same digit, written before and after it, reach into the picture."""
    piece = round(width * len(picture))
    _, _, left, right = find_ink(picture)
    crowded = picture.copy()
    crowded[:, :piece] = picture[:, right - piece : right]
    crowded[:, -piece:] = picture[:, left : left + piece]
    return crowded


def resize(picture: Picture, side: float, random: np.random.Generator) -> Picture:
    """Store at so many px a side."""
    return np.asarray(Image.fromarray(picture).resize((round(side),) * 2, Image.Resampling.LANCZOS))


def colour(picture: Picture, difference: float, random: np.random.Generator) -> Picture:
    """Write in purple on green paper, of which only so many grey levels are left in a grey picture."""
    cover = (PAPER - picture[..., np.newaxis].astype(float)) / (PAPER - INK)
    return (np.array(LIGHT) * (1 - cover) + (np.array(DARK) - difference) * cover).clip(0, 255).round().astype(np.uint8)


UNDISTURBED = Disturbance("none", (0,), leave, "")
DISTURBANCES = (
    Disturbance("dark frame: width", (0.01, 0.02, 0.04, 0.08, 0.12), add_frame),
    Disturbance("printed box: gap to the ink", (0.1, 0.06, 0.03, 0.01, 0), add_box),
    Disturbance("dark edges left and top: width", (0.02, 0.05, 0.1, 0.15, 0.2), darken_edges),
    Disturbance("line below: gap to the ink", (0.08, 0.04, 0.02, 0, -0.05), underline),
    Disturbance("rotation, black corners", (5, 10, 15, 20, 30), rotate, "°"),
    Disturbance("ruled paper: darkness", (0.1, 0.2, 0.4, 0.6, 0.8), rule),
    Disturbance("squared paper: darkness", (0.1, 0.2, 0.4, 0.6, 0.8), partial(rule, squared=True)),
    Disturbance("shade: loss of light", (0.2, 0.4, 0.6, 0.75, 0.9), shade),
    Disturbance("noise: deviation, grey levels", (5, 10, 20, 40, 60), add_noise, ""),
    Disturbance("specks: share of the pixels", (0.005, 0.01, 0.02, 0.05, 0.1), add_specks),
    Disturbance("blur: radius", (0.01, 0.02, 0.03, 0.045, 0.06), blur),
    Disturbance("JPEG: quality", (50, 25, 10, 5, 2), compress, ""),
    Disturbance("low contrast: grey levels", (100, 60, 30, 15, 8), fade, ""),
    Disturbance("sheet on a table: share of the side", (0.9, 0.8, 0.7, 0.6, 0.5), lay_on_table),
    Disturbance("cut to the ink: margin", (0.3, 0.15, 0.05, 0, -0.05), cut),
    Disturbance("size: share of the side", (1, 0.5, 0.3, 0.2, 0.1), place_small),
    Disturbance("pieces of neighbours: width", (0.02, 0.04, 0.06, 0.08, 0.1), add_neighbours),
    Disturbance("resolution: px a side", (280, 64, 28, 20, 16), resize, ""),
    Disturbance("colours: difference in grey", (60, 30, 15, 5, 0), colour, ""),
)
