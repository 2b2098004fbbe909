"""Reading pen strokes from UNIPEN files."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from mnist_demo.data.unipen import read_unipen
from mnist_demo.errors import UnipenError

FILE = """
.INCLUDE dene.doc
.LEXICON "0" "1"

.SEGMENT DIGIT 0 ? "4"
.COMMENT 4 12  224
.PEN_DOWN
 10  30
 12  25
.PEN_UP
.DT 10
.PEN_DOWN
 20  30
.PEN_UP
.SEGMENT DIGIT 1 ? "7"
.COMMENT 7 3  1
.PEN_DOWN
 1  2
.PEN_UP
"""


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_reads_digits_writers_and_strokes_with_y_pointing_down(tmp_path, pack):
    path = tmp_path / "digits"
    path.write_bytes(pack(FILE.encode()))
    four, seven = read_unipen(path)
    assert (four.digit, four.writer, seven.digit, seven.writer) == (4, 12, 7, 3)
    assert [stroke.tolist() for stroke in four.strokes] == [[[10, -30], [12, -25]], [[20, -30]]]
    assert np.array_equal(seven.strokes[0], [[1, -2]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no line that begins with .SEGMENT"),
        (FILE.replace("12  25", "12  oops").encode(), "line 9: expected a point x y"),
        (FILE.replace(".COMMENT 4 12  224", "").encode(), "line 5: expected a digit with its label and writer"),
        (FILE.replace(".PEN_DOWN", ".PEN_BROKEN").encode(), "line 5: expected pen strokes, found none"),
        (gzip.compress(FILE.encode())[:-20], "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_damaged_file_is_named_with_the_line(tmp_path, content, message):
    path = tmp_path / "digits"
    path.write_bytes(content)
    with pytest.raises(UnipenError, match=message):
        read_unipen(path)


def test_a_missing_file_is_named():
    with pytest.raises(UnipenError, match="nowhere"):
        read_unipen(Path("nowhere"))
