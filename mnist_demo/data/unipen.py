"""Handwritten digits as pen strokes, from files in the UNIPEN format of the Pendigits data set.

Source: Alpaydin and Alimoglu, "Pen-Based Recognition of Handwritten Digits", UCI Machine Learning Repository,
data set 81, 1998, CC BY 4.0: digits that 44 writers drew on a tablet of 500 px a side. Its files are
`pendigits-orig.tra` (30 writers) and `pendigits-orig.tes` (14 others), plain or compressed with gzip.
"""

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_demo.errors import UnipenError

SEGMENT = re.compile(r'\.SEGMENT DIGIT\s.*"(\d)"\s*$')
COMMENT = re.compile(r"\.COMMENT\s+\d+\s+(\d+)\s+\d+\s*$")
GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, eq=False)
class WrittenDigit:
    """A digit as somebody wrote it.

    Attributes:
        digit: 0 to 9.
        writer: the number of the writer, from 1 on.
        strokes: (N, 2) float each: x, y with y pointing down, in units of the tablet.
    """

    digit: int
    writer: int
    strokes: list[NDArray[np.float64]]


def read_unipen(path: Path) -> list[WrittenDigit]:
    """Read all digits of a file, in its order.

    Raises:
        UnipenError: the file cannot be read, or is not in this format.
    """
    try:
        content = path.read_bytes()
        lines = (gzip.decompress(content) if content.startswith(GZIP_MAGIC) else content).decode("ascii").splitlines()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise UnipenError(f"{path}: cannot be read: {error}") from error
    starts = [number for number, line in enumerate(lines) if line.startswith(".SEGMENT")]
    if not starts:
        raise UnipenError(f"{path}: expected digits in UNIPEN format, found no line that begins with .SEGMENT")
    ends = [*starts[1:], len(lines)]
    return [_read_digit(path, start, lines[start:end]) for start, end in zip(starts, ends, strict=True)]


def _read_digit(path: Path, start: int, lines: list[str]) -> WrittenDigit:
    label, comment = SEGMENT.match(lines[0]), next(filter(None, map(COMMENT.match, lines)), None)
    if label is None or comment is None:
        raise UnipenError(f"{path}, line {start + 1}: expected a digit with its label and writer, found {lines[0]!r}")
    strokes = list(_read_strokes(path, start, lines))
    if not strokes:
        raise UnipenError(f"{path}, line {start + 1}: expected pen strokes, found none")
    return WrittenDigit(int(label[1]), int(comment[1]), strokes)


def _read_strokes(path: Path, start: int, lines: list[str]) -> Iterator[NDArray[np.float64]]:
    points: list[list[float]] | None = None  # None while the pen is up
    for number, line in enumerate(lines, start + 1):
        if line.startswith(".PEN_DOWN"):
            points = []
        elif line.startswith(".PEN_UP"):
            if points:
                yield np.array(points) * (1, -1)  # the tablet's y points up
            points = None
        elif points is not None and line.strip():
            try:
                x, y = map(float, line.split())
            except ValueError as error:
                raise UnipenError(f"{path}, line {number}: expected a point x y, found {line!r}") from error
            points.append([x, y])
