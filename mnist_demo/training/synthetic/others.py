"""Ink of non-digits, from which a network learns to reject."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.strokes import Stroke, render
from mnist_demo.training.synthetic.drawings import CANVAS, PENS, draw, make_digit
from mnist_demo.training.synthetic.glyphs import Glyph
from mnist_demo.training.synthetic.hands import Hand, smooth, trace_glyph
from mnist_demo.training.synthetic.letters import WRITTEN, print_letter
from mnist_demo.training.synthetic.other_glyphs import OTHERS

GRAIN = 4  # px

Maker = Callable[[np.random.Generator], Grey]


def make_other(random: np.random.Generator) -> Grey:
    """Return ink of a non-digit, of any size: a letter, a picture, a scribble, what a ruled cell leaves ..."""
    makers, weights = list(KINDS), np.array(list(KINDS.values()))
    return makers[random.choice(len(makers), p=weights / weights.sum())](random)


def write_letter(random: np.random.Generator) -> Grey:
    """Return a written letter."""
    styles = list(WRITTEN.values())[random.integers(len(WRITTEN))]
    return _write(styles[random.integers(len(styles))], random)


def draw_thing(random: np.random.Generator) -> Grey:
    """Return a thing that people draw on a pad."""
    return _write(OTHERS[random.integers(len(OTHERS))], random)


def scribble(random: np.random.Generator) -> Grey:
    """Return one to three scribbles."""
    return draw([_wander(random) for _ in range(random.integers(1, 4))], random)


def join_digits(random: np.random.Generator) -> Grey:
    """Return two digits side by side, which are not a digit."""
    left, right = make_digit(random)[0], make_digit(random)[0]
    return np.concatenate([left[:, 10:-14], right[:, 14:-10]], axis=1)


def cross_out(random: np.random.Generator) -> Grey:
    """Return a digit under two to five strokes or a zigzag; a single one could be the bar of a 7, the slash of a 0."""
    ink, count = make_digit(random)[0], int(random.integers(2, 6))
    turn = random.uniform(0, np.pi)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    places = np.linspace(-1, 1, count)[:, None] * across * random.uniform(6, 26)
    reach = random.uniform(24, 44, (count, 1)) * along
    starts, ends = (CANVAS / 2 + places + side * reach + random.normal(0, 3, (count, 2)) for side in (-1, 1))
    kind = random.random()
    if kind < 0.4:
        strokes = [np.stack(line) for line in zip(starts, ends, strict=True)]
    elif kind < 0.7:
        strokes = [np.stack([starts, ends], axis=1).reshape(-1, 2)]  # to and fro
    else:  # a cross
        spread = random.uniform(0.5, 1.1) * np.array([[-1, 1], [1, 1]]) @ np.stack([along, across])
        strokes = [CANVAS / 2 + np.outer([-1, 1], line) * random.uniform(22, 36) for line in spread]
    return np.maximum(ink, render(strokes, random.uniform(*PENS) * 0.7, ink.shape))


def leave_lines(random: np.random.Generator) -> Grey:
    """Return what is left of ruled lines: parts of a frame, of a grid, of the lines of a notebook.

    A single upright line is left out, because it is a 1.
    """
    left, right = random.uniform(10, 36), random.uniform(60, 86)
    top, bottom = random.uniform(10, 36), random.uniform(60, 86)
    level, shift = random.uniform(20, 76, 2)
    frame = [((left, top), (right, top)), ((left, bottom), (right, bottom))]  # the two horizontal lines
    frame += [((left, top), (left, bottom)), ((right, top), (right, bottom)), ((shift, 8), (shift, 88))]
    first = frame[random.integers(2)] if random.random() < 0.7 else ((4, level), (92, level))
    chosen = [first, *(line for line in frame if random.random() < 0.4)]
    strokes = [np.array(line) + random.normal(0, 1, (2, 2)) for line in chosen]
    ink = render(strokes, random.uniform(2, 8), (CANVAS, CANVAS))
    return np.maximum(_wear(ink, random), render(strokes[:1], 2, ink.shape)) if random.random() < 0.3 else ink


def leave_specks(random: np.random.Generator) -> Grey:
    """Return what an empty cell leaves: a few specks, and sometimes a short piece of a line."""
    count = int(random.integers(1, 9))
    specks = [np.array([place, place + random.normal(0, 2, 2)]) for place in random.normal(48, 14, (count, 2))]
    ink = np.zeros((CANVAS, CANVAS), np.uint8)
    for speck in specks:
        ink = np.maximum(ink, render([speck], random.uniform(2, 9), ink.shape))
    return np.maximum(_wear(ink, random), render(specks[:1], 4, ink.shape))


def fill_shapes(random: np.random.Generator) -> Grey:
    """Return one to four filled shapes."""
    picture = Image.new("L", (CANVAS, CANVAS))
    canvas = ImageDraw.Draw(picture)
    for _ in range(random.integers(1, 5)):
        centre, radius = random.uniform(28, 68, 2), random.uniform(6, 24) * random.uniform(0.8, 1.25, 2)
        corners = int(random.choice([3, 4, 5, 24]))
        angles = np.sort(random.uniform(0, 2 * np.pi, corners)) if corners < 6 else np.linspace(0, 2 * np.pi, corners)
        shape = centre + np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius
        canvas.polygon([(float(x), float(y)) for x, y in shape], fill=255)
    canvas.ellipse((46, 46, 50, 50), fill=255)  # so that there is always some ink
    return np.asarray(picture)


KINDS: dict[Maker, int] = {  # how often each is made, relative to the others
    write_letter: 6,
    print_letter: 6,
    draw_thing: 4,
    scribble: 3,
    fill_shapes: 4,
    join_digits: 3,
    cross_out: 3,
    leave_lines: 2,
    leave_specks: 2,
}


def _wear(ink: Grey, random: np.random.Generator) -> Grey:
    """Return ink into which the grain of paper has eaten holes."""
    kept = random.random((CANVAS // GRAIN, CANVAS // GRAIN)) < 0.6
    return ink * kept.repeat(GRAIN, axis=0).repeat(GRAIN, axis=1)


def _write(glyph: Glyph, random: np.random.Generator) -> Grey:
    hand = Hand.draw_lot(random)
    return draw(hand.write(trace_glyph(glyph, hand.looseness, random), random), random)


def _wander(random: np.random.Generator) -> Stroke:
    """Return a random walk of the pen, in which each step partly keeps its direction."""
    steps = int(random.integers(20, 60))  # with fewer it could be a digit
    turns = random.normal(random.choice([0.0, 0.5, -0.5]), random.uniform(0.6, 1.5), steps)
    direction = np.cumsum(turns)
    path = np.cumsum(np.stack([np.cos(direction), np.sin(direction)], axis=1), axis=0)
    return smooth(path * random.uniform(0.5, 2, 2))
