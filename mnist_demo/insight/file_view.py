"""Where a sample lies in a raw IDX file: the header's bytes with their meaning, and the sample's own bytes.

describe_sample("train-images-idx3-ubyte.gz", 10).offset  # 7856 = 16 + 784 * 10
"""

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_demo.data.idx import Header, read_entry

KINDS = {"u": "unsigned integer", "i": "signed integer", "f": "floating-point number"}


@dataclass(frozen=True)
class Field:
    """Bytes of a file's header.

    Attributes:
        offset: of the first of them, in the uncompressed file.
        content: the bytes.
        meaning: what they say.
    """

    offset: int
    content: bytes
    meaning: str


@dataclass(frozen=True, eq=False)
class FileView:
    """A sample in its file.

    Attributes:
        name: of the file.
        is_compressed: whether it is packed by gzip; all offsets are those in the unpacked file.
        size: bytes of the unpacked file.
        header: its fields, in order.
        index: of the sample.
        offset: of its first byte.
        content: its bytes, as they lie in the file.
        values: the same as numbers, of the shape of one sample: (28, 28) for an image of MNIST, () for a label.
    """

    name: str
    is_compressed: bool
    size: int
    header: tuple[Field, ...]
    index: int
    offset: int
    content: bytes
    values: NDArray[Any]


def describe_sample(path: str | os.PathLike[str], index: int) -> FileView:
    """Return where sample `index` lies in an IDX file, of images or labels, plain or compressed.

    Raises:
        IdxError: the file is missing or damaged.
        SettingsError: it has no such sample.
    """
    path = Path(path)
    entry = read_entry(path, index)
    header, content = entry.header, entry.content
    shape = header.shape[1:]
    return FileView(
        path.name,
        entry.is_compressed,
        len(header.content) + math.prod(header.shape) * header.dtype.itemsize,
        _list_fields(header),
        index,
        len(header.content) + index * len(content),
        content,
        np.frombuffer(content, header.dtype).reshape(shape).astype(header.dtype.newbyteorder("=")),
    )


def _list_fields(header: Header) -> tuple[Field, ...]:
    content, dtype, shape = header.content, header.dtype, header.shape
    element = f"{8 * dtype.itemsize}-bit {KINDS[dtype.kind]}"
    what = ["samples", *(f"size of axis {axis}" for axis in range(1, len(shape)))]
    if len(shape) == 3:
        what = ["images", "rows", "columns"]
    elif len(shape) == 1:
        what = ["labels"]
    fields = [
        Field(0, content[:2], "always 0"),
        Field(2, content[2:3], f"type of an element: {element}"),
        Field(3, content[3:4], f"dimensions: {len(shape)}"),
    ]
    sizes = zip(what, shape, strict=True)
    fields += [
        Field(at, content[at : at + 4], f"{name}: {size:,}, big-endian")
        for at, (name, size) in zip(range(4, len(content), 4), sizes, strict=True)
    ]
    return tuple(fields)
