"""How reading holds up as a picture gets worse: every kind of disturbance as a function of its strength.

python benchmarks/disturbed.py --drawings DIR [--images 1000] [--processes 2] [--seed 0]

DIR holds `drawings.json`: a list of {"digit", "strokes": [[[x, y], ...], ...]} with y pointing down. Beside these stand
MNIST test images. All are dark ink on light paper before they are disturbed. Three readers see the same pictures: ours,
plain resizing, and Otsu's threshold with MNIST's box; all have the same network. Where ours refuses to read, it counts
as wrong; of the others the best guess counts, refused or not. Writes `docs/disturbed.svg` and `docs/disturbed.md`.
"""

import argparse
import datetime
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from curves import Curve, Panel, draw_panels
from disturbances import DISTURBANCES, INK, PAPER, UNDISTURBED, Disturbance, Picture
from numpy.typing import NDArray
from PIL import Image
from plain_readers import resize_whole, threshold
from reading import interval

PROJECT = Path(__file__).parent.parent
sys.path.insert(0, str(PROJECT))

from mnist_demo import Predictor, load_split
from mnist_demo.reading.strokes import bounds, render

DRAWN, FIT, PEN = 280, 0.64, 16  # px a side; the longer side of the digit, as a share of it; px, the pen's width
ENLARGED = 140  # px: the side of an MNIST image
READERS = ("ours", "resized", "Otsu")
CURVES = PROJECT / "docs" / "disturbed.svg"
PAGE = PROJECT / "docs" / "disturbed.md"

Right = NDArray[np.int64]  # (sets, strengths, readers): how many are read rightly


def main() -> None:
    """Measure, and write the curves and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drawings", type=Path, required=True, metavar="DIR")
    parser.add_argument("--images", type=int, default=1_000, help="of the MNIST test set")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    drawings = arguments.drawings / "drawings.json"
    if not drawings.exists():
        parser.error(f"{drawings}: missing; --drawings expects a directory with this file")
    totals = [len(pictures) for pictures, _ in load_sets(drawings, arguments.images)]
    measure_kind = partial(measure, drawings=drawings, images=arguments.images, seed=arguments.seed)
    kinds, results = (UNDISTURBED, *DISTURBANCES), []
    with ProcessPoolExecutor(arguments.processes, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        for kind, right in zip(kinds, pool.map(measure_kind, kinds), strict=True):
            print(kind.title, flush=True)
            results.append(right)
    undisturbed, *disturbed = results
    CURVES.write_text(draw(undisturbed, disturbed, totals))
    PAGE.write_text(describe(undisturbed, disturbed, totals))


@cache
def load_sets(drawings: Path, images: int) -> list[tuple[list[Picture], NDArray[np.int64]]]:
    """Return pictures and labels of the drawings and of the first MNIST test images, dark ink on light paper."""
    drawn = json.loads(drawings.read_text())
    split = load_split(train=False)
    enlarged = [
        Image.fromarray(image).resize((ENLARGED, ENLARGED), Image.Resampling.BICUBIC) for image in split.images[:images]
    ]
    return [
        ([write(draw_strokes(entry["strokes"])) for entry in drawn], np.array([entry["digit"] for entry in drawn])),
        ([write(np.asarray(image)) for image in enlarged], split.labels[:images].astype(int)),
    ]


def draw_strokes(strokes: list[list[list[float]]]) -> Picture:
    """Return the ink of a drawing, centred."""
    arrays = [np.array(stroke, float) for stroke in strokes]
    low, high = bounds(arrays)
    scale = FIT * DRAWN / max(1e-6, (high - low).max())
    return render([(array - (low + high) / 2) * scale + DRAWN / 2 for array in arrays], PEN, (DRAWN, DRAWN))


def write(ink: Picture) -> Picture:
    """Return ink, 255 on 0, as a pen on paper."""
    return (PAPER - (PAPER - INK) * ink.astype(float) / 255).round().astype(np.uint8)


def measure(kind: Disturbance, drawings: Path, images: int, seed: int) -> Right:
    """Count what is read rightly with one kind of disturbance in all its strengths."""
    sets = load_sets(drawings, images)
    return np.array([[count_right(kind, strength, *each, seed) for strength in kind.strengths] for each in sets])


def count_right(
    kind: Disturbance, strength: float, pictures: list[Picture], labels: NDArray[np.int64], seed: int
) -> list[int]:
    """Return for each reader how many disturbed pictures it reads rightly."""
    random, predictor = np.random.default_rng(seed), load_predictor()  # the same draws for every strength
    disturbed = [kind.disturb(picture, strength, random) for picture in pictures]
    answers = [[prediction.digit for prediction in predictor.predict_batch(disturbed)]]
    for prepare in (resize_whole, threshold):
        prepared = np.stack([prepare(picture) for picture in disturbed])
        answers.append([prediction.guess for prediction in predictor.read_prepared(prepared)])
    return [int((np.array(digits) == labels).sum()) for digits in answers]


@cache
def load_predictor() -> Predictor:
    """Return the default network."""
    return Predictor.load()


def draw(undisturbed: Right, disturbed: list[Right], totals: list[int]) -> str:
    """Return the curves, one panel a kind; each begins where nothing is disturbed."""
    panels = []
    for kind, right in zip(DISTURBANCES, disturbed, strict=True):
        right = np.concatenate([undisturbed, right], axis=1)
        curves = [
            Curve((right[place, :, reader] / total).tolist(), reader, dashed=place == 1)
            for reader in range(len(READERS))
            for place, total in enumerate(totals)
        ]
        panels.append(Panel(kind.title, ["none", *kind.labels()], curves))
    legend = [
        (f"{reader}, {name}", colour, dashed)
        for colour, reader in enumerate(READERS)
        for name, dashed in (("drawings", False), ("MNIST", True))
    ]
    return draw_panels(panels, legend, "Share of digits read rightly, by kind and strength of a disturbance")


def describe(undisturbed: Right, disturbed: list[Right], totals: list[int]) -> str:
    """Return the page: how it was measured, the curves and the table."""
    head = " | ".join(f"{name}: {reader}" for name in ("drawings", "MNIST") for reader in READERS)
    lines = []
    for kind, right in zip((UNDISTURBED, *DISTURBANCES), (undisturbed, *disturbed), strict=True):
        for place, label in enumerate(kind.labels()):
            pairs = zip(right[:, place], totals, strict=True)
            cells = [interval(count, total) for counts, total in pairs for count in counts]
            lines.append(f"| {kind.title} | {label} | {' | '.join(cells)} |")
    return TEMPLATE.format(
        day=datetime.date.today(),
        drawn=DRAWN,
        enlarged=ENLARGED,
        ink=INK,
        paper=PAPER,
        drawings=totals[0],
        images=totals[1],
        network=load_predictor().name,
        head=head,
        rule="---|" * (2 + 2 * len(READERS)),
        table="\n".join(lines),
    )


TEMPLATE = """# Disturbed pictures

How many digits are read rightly as a picture gets worse, for every kind of disturbance as a function of its strength.

![Curves: the share read rightly over the strength of each disturbance](disturbed.svg)

Written by `python benchmarks/disturbed.py --drawings DIR` on {day}; the disturbances are the functions of
[benchmarks/disturbances.py](../benchmarks/disturbances.py).

- Solid: {drawings} drawings by two people, {drawn}x{drawn} px. Dashed: the first {images:,} MNIST test images,
  enlarged to {enlarged}x{enlarged} px. All are dark ink (grey {ink}) on light paper ({paper}) before they are
  disturbed. Widths, gaps, radii and sizes are shares of the picture's side, a margin is one of the ink's.
- *ours*: `Predictor.predict`; a refusal counts as wrong.
- *resized*: the whole picture in grey at 28x28, inverted if its border is light.
- *Otsu*: Otsu's threshold, the minority as ink, its box at 20 px, centred by mass.
- All three have the same network, `{network}`; of the last two the best guess counts, even where it is refused.

In % with the 95% interval (Wilson's):

| disturbance | strength | {head} |
|{rule}
{table}
"""


if __name__ == "__main__":
    main()
