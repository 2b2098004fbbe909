"""Letters, which are no digits: written ones as pen strokes, printed ones in the font that Pillow carries.

Those that may also be read as a digit are left out: B, I, O, S, Z, l, o, s, z, and when written also b, g, i and q.
"""

import string
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from mnist_demo.reading.pictures import Grey
from mnist_demo.training.synthetic.glyphs import Glyph, arc, corners

PRINTED = sorted(set(string.ascii_letters) - set("BIOSZlosz"))
FIELD, FONT_SIZE = 128, 72  # px
HEAVIER = 3  # px that a stroke grows on either side, at most; it shrinks by half of that, as thin ones would vanish
SQUEEZE = (0.6, 1.3)  # of the width
SLANT = 0.15  # standard deviation of its tangent

WRITTEN: dict[str, list[Glyph]] = {
    "A": [
        [corners((0, 1), (0.45, 0), (0.9, 1)), corners((0.2, 0.6), (0.7, 0.6))],
        [
            [*corners((0.05, 1)), (0.1, 0.2), (0.45, 0), (0.8, 0.2), *corners((0.85, 1))],
            corners((0.1, 0.55), (0.8, 0.55)),
        ],
    ],
    "C": [[arc(0.55, 0.5, 0.9, 1, -50, -310, 11)]],
    "D": [
        [corners((0.1, 0), (0.1, 1)), [*corners((0.05, 0)), (0.6, 0.05), (0.85, 0.5), (0.6, 0.95), *corners((0.05, 1))]]
    ],
    "E": [
        [corners((0.9, 0), (0.1, 0), (0.1, 1), (0.9, 1)), corners((0.1, 0.5), (0.75, 0.5))],
        [[(0.85, 0.1), (0.4, 0.02), (0.2, 0.25), *corners((0.5, 0.48)), (0.1, 0.7), (0.4, 1), (0.9, 0.88)]],
    ],
    "F": [[corners((0.85, 0), (0.1, 0), (0.1, 1)), corners((0.1, 0.5), (0.7, 0.5))]],
    "G": [[[*arc(0.5, 0.5, 0.9, 1, -40, -350, 11), *corners((0.95, 0.55), (0.55, 0.55))]]],
    "H": [[corners((0.1, 0), (0.1, 1)), corners((0.8, 0), (0.8, 1)), corners((0.1, 0.5), (0.8, 0.5))]],
    "J": [[[*corners((0.75, 0)), (0.75, 0.75), (0.5, 1), (0.2, 0.95), (0.1, 0.75)]]],
    "K": [[corners((0.1, 0), (0.1, 1)), corners((0.8, 0), (0.1, 0.55), (0.85, 1))]],
    "L": [[corners((0.1, 0), (0.1, 1), (0.75, 1))]],
    "M": [[corners((0.05, 1), (0.1, 0), (0.5, 0.7), (0.9, 0), (0.95, 1))]],
    "N": [[corners((0.1, 1), (0.1, 0), (0.85, 1), (0.85, 0))]],
    "P": [[[*corners((0.15, 1), (0.15, 0)), (0.7, 0.05), (0.75, 0.45), *corners((0.15, 0.52))]]],
    "Q": [[arc(0.5, 0.48, 0.9, 0.95, -90, -450, 13), corners((0.6, 0.7), (1, 1.05))]],
    "R": [[[*corners((0.15, 1), (0.15, 0)), (0.7, 0.08), (0.7, 0.4), *corners((0.15, 0.5), (0.85, 1))]]],
    "T": [[corners((0, 0.02), (1, 0.02)), corners((0.5, 0.02), (0.5, 1))]],
    "U": [[[*corners((0.1, 0)), (0.12, 0.7), (0.45, 1), (0.8, 0.7), *corners((0.82, 0))]]],
    "V": [[corners((0.05, 0), (0.45, 1), (0.85, 0))]],
    "W": [[corners((0, 0), (0.25, 1), (0.5, 0.3), (0.75, 1), (1, 0))]],
    "X": [[corners((0.05, 0), (0.9, 1)), corners((0.9, 0), (0.05, 1))]],
    "Y": [[corners((0.05, 0), (0.45, 0.5), (0.85, 0)), corners((0.45, 0.5), (0.45, 1))]],
    "a": [
        [[*arc(0.42, 0.55, 0.8, 0.85, -30, -340, 11), *corners((0.82, 0.15)), (0.82, 0.75), (0.98, 0.98)]],
        [
            [
                (0.1, 0.15),
                (0.5, 0),
                (0.8, 0.2),
                *corners((0.8, 1)),
                (0.8, 0.6),
                (0.3, 0.5),
                (0.1, 0.75),
                (0.4, 1),
                (0.8, 0.8),
            ]
        ],
    ],
    "c": [[arc(0.55, 0.5, 0.9, 0.95, -40, -320, 11)]],
    "d": [[arc(0.4, 0.7, 0.7, 0.6, -30, -390, 11), corners((0.75, 0), (0.75, 1))]],
    "e": [[[*corners((0.1, 0.5), (0.88, 0.5)), (0.75, 0.1), (0.4, 0), (0.08, 0.45), (0.35, 0.98), (0.85, 0.85)]]],
    "f": [[[(0.8, 0.1), (0.6, 0), (0.42, 0.2), *corners((0.4, 1))], corners((0.1, 0.42), (0.75, 0.42))]],
    "h": [[[*corners((0.1, 0), (0.1, 1)), (0.3, 0.5), (0.65, 0.55), *corners((0.7, 1))]]],
    "j": [[[*corners((0.6, 0.3)), (0.6, 0.85), (0.4, 1), (0.1, 0.9)], arc(0.6, 0.05, 0.05, 0.05, 0, 360)]],
    "k": [[corners((0.15, 0), (0.15, 1)), corners((0.65, 0.4), (0.15, 0.7), (0.7, 1))]],
    "m": [
        [
            [
                *corners((0.05, 0), (0.05, 1)),
                (0.2, 0.1),
                (0.45, 0.2),
                *corners((0.5, 1)),
                (0.65, 0.1),
                (0.95, 0.2),
                *corners((0.98, 1)),
            ]
        ],
    ],
    "n": [[[*corners((0.1, 0), (0.1, 1)), (0.3, 0.15), (0.65, 0.1), *corners((0.75, 1))]]],
    "p": [[corners((0.15, 0), (0.15, 1)), arc(0.48, 0.28, 0.66, 0.54, 180, 520, 11)]],
    "r": [[[*corners((0.15, 0), (0.15, 1)), (0.25, 0.3), (0.5, 0.02), (0.75, 0.08)]]],
    "t": [[[*corners((0.4, 0)), (0.4, 0.8), (0.6, 1), (0.8, 0.9)], corners((0.1, 0.3), (0.75, 0.3))]],
    "u": [[[*corners((0.1, 0)), (0.12, 0.75), (0.45, 0.98), (0.75, 0.7), *corners((0.8, 0)), *corners((0.82, 1))]]],
    "v": [[corners((0.05, 0), (0.45, 1), (0.85, 0))]],
    "w": [
        [
            [
                *corners((0.02, 0)),
                (0.15, 0.9),
                (0.35, 0.9),
                *corners((0.5, 0.2)),
                (0.6, 0.9),
                (0.85, 0.9),
                *corners((0.98, 0)),
            ]
        ]
    ],
    "x": [[[(0.05, 0.05), (0.25, 0.1), (0.7, 0.9), (0.95, 0.92)], [(0.9, 0.02), (0.65, 0.2), (0.1, 0.98)]]],
    "y": [[corners((0.1, 0), (0.45, 0.55)), corners((0.85, 0), (0.25, 1))]],
}


def print_letter(random: np.random.Generator) -> Grey:
    """Return the ink of a random printed letter: squeezed, slanted, bolder or lighter than the font has it."""
    letter = _typeset(PRINTED[random.integers(len(PRINTED))])
    weight = random.integers(-HEAVIER // 2, HEAVIER + 1)  # odd sizes of Pillow's filters: 3 px is one on either side
    if weight:
        heavier = ImageFilter.MaxFilter if weight > 0 else ImageFilter.MinFilter
        letter = letter.filter(heavier(2 * abs(int(weight)) + 1))
    width, slant = random.uniform(*SQUEEZE), random.normal(0, SLANT)
    middle = FIELD / 2
    matrix = (1 / width, slant, middle - middle / width - slant * middle, 0, 1, 0)
    return np.asarray(letter.transform(letter.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR))


@cache
def _typeset(letter: str) -> Image.Image:
    """Return the ink (FIELD, FIELD) of a letter in Pillow's own font, in the middle."""
    field = Image.new("L", (FIELD, FIELD))
    ImageDraw.Draw(field).text((FIELD / 2, FIELD / 2), letter, 255, ImageFont.load_default(FONT_SIZE), anchor="mm")
    return field
