"""Reading and writing IDX, the file format of MNIST, without trusting the file.

    offset 0    two zero bytes
    offset 2    the element type: 0x08 uint8, 0x09 int8, 0x0B int16, 0x0C int32, 0x0D float32, 0x0E float64
    offset 3    the number of dimensions, 1 to 255
    offset 4    the size of each dimension, an unsigned 32-bit integer each
    then        the elements in C order; all numbers are big-endian

Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits".
"""

import gzip
import math
import os
import struct
import zlib
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from mnist_demo.checks import whole_number
from mnist_demo.errors import IdxError
from mnist_demo.files import write_atomically

DTYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
GZIP_MAGIC = b"\x1f\x8b"
MAX_DEFLATE_RATIO = 1032  # deflate cannot pack more bytes than this into one (zlib's technical notes)
CHUNK = 1 << 20  # bytes of a gzip file read at a time

Array = np.ndarray[Any, np.dtype[Any]]
Bytes = bytearray | memoryview
PathLike = str | os.PathLike[str]


def read_idx(path: PathLike) -> Array:
    """Read an IDX file; its first two bytes tell whether it is gzip-compressed or plain.

    The header is never trusted: memory grows with the bytes actually read, not with the size declared,
    and a compressed file is unpacked no further than one byte past the declared end.

    Returns:
        An array of the shape in the header, in native byte order, writable.

    Raises:
        IdxError: the file is missing, or is not a single complete and undamaged IDX file.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            magic = file.read(len(GZIP_MAGIC))
            file.seek(0)
            source = _GzipSource(path, file) if magic == GZIP_MAGIC else _PlainSource(file)
            return _read(path, source)
    except OSError as error:
        raise IdxError(f"{path}: cannot be read: {error.strerror or error}") from error


@dataclass(frozen=True)
class Header:
    """The header of an IDX file: its bytes, and the type (big-endian) and shape that they declare."""

    content: bytes
    dtype: np.dtype[Any]
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Entry:
    """One entry along the first dimension of an IDX file: its bytes, and where they come from."""

    header: Header
    is_compressed: bool
    content: bytes


def read_entry(path: PathLike, index: int) -> Entry:
    """Read the header of an IDX file and the bytes of one entry along its first dimension, without the rest.

    A compressed file is unpacked up to there, so the last entry of MNIST's training images takes a tenth of a second.

    Raises:
        IdxError: the file is missing, is not an IDX file, or ends before that entry.
        SettingsError: the header declares no such entry.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            is_packed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        with gzip.open(path) if is_packed else path.open("rb") as file:
            header = _read_header(path, file)
            index = whole_number("index", index, 0, max(0, header.shape[0] - 1))
            size = math.prod(header.shape[1:]) * header.dtype.itemsize
            file.seek(len(header.content) + index * size)
            content = file.read(size)
    except (OSError, EOFError, zlib.error) as error:
        raise IdxError(f"{path}: cannot be read: {error}") from error
    if len(content) < size or not header.shape[0]:
        raise IdxError(f"{path}: the file ends before entry {index:,} of {header.shape[0]:,}")
    return Entry(header, is_packed, bytes(content))


def write_idx(path: PathLike, array: Array) -> None:
    """Write `array` as an IDX file in one atomic step, compressed if the name ends in `.gz`.

    Args:
        path: where to; an existing file is replaced.
        array: uint8, int8, int16, int32, float32 or float64, of 1 to 255 dimensions, any byte order.

    Raises:
        IdxError: the format cannot store such an array.
        OSError: the file cannot be written.
    """
    path = Path(path)
    codes = {dtype: code for code, dtype in DTYPES.items()}
    big_endian = array.dtype.newbyteorder(">")
    if big_endian not in codes:
        allowed = ", ".join(dtype.newbyteorder("=").name for dtype in codes)
        raise IdxError(f"{path}: IDX holds {allowed}, not {array.dtype}")
    if not 1 <= array.ndim <= 255:
        raise IdxError(f"{path}: IDX holds arrays of 1 to 255 dimensions, this one has {array.ndim}")
    if max(array.shape) >= 1 << 32:
        raise IdxError(f"{path}: IDX holds at most 4,294,967,295 elements a dimension, found {array.shape}")
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, codes[big_endian], array.ndim, *array.shape)
    content = header + array.astype(big_endian, copy=False).tobytes()
    # mtime=0: the same array gives the same file, whenever it is written.
    write_atomically(path, gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


class _Readable(Protocol):
    """The uncompressed bytes of an IDX file."""

    def read(self, size: int, /) -> Bytes | bytes:
        """Return the next `size` bytes, or fewer at the end of the file."""


class _Source(_Readable, Protocol):
    """The same, of which one knows how much there can be."""

    def read(self, size: int, /) -> Bytes:
        """Return the next `size` bytes, or fewer at the end of the file."""

    def capacity(self) -> int:
        """Return an upper bound on the bytes that can still follow."""


class _PlainSource:
    def __init__(self, file: BufferedReader) -> None:
        self._file = file

    def read(self, size: int) -> Bytes:
        buffer = np.empty(min(size, self.capacity()), np.uint8).data  # a bytearray would be zeroed first
        return buffer[: self._file.readinto(buffer)]

    def capacity(self) -> int:
        return max(0, os.fstat(self._file.fileno()).st_size - self._file.tell())


class _GzipSource:
    def __init__(self, path: Path, file: BufferedReader) -> None:
        self._path = path
        self._file = file
        self._unpacker = _new_unpacker()
        self._packed = b""

    def read(self, size: int) -> bytearray:
        unpacked = bytearray()
        while len(unpacked) < size and self._more_to_unpack():
            try:
                unpacked += self._unpacker.decompress(self._packed, size - len(unpacked))
            except zlib.error as error:
                raise IdxError(f"{self._path}: the gzip data is damaged: {error}") from error
            self._packed = self._unpacker.unconsumed_tail
        return unpacked

    def _more_to_unpack(self) -> bool:
        """Make sure compressed bytes are buffered; False at the end of a complete file."""
        if self._unpacker.eof:
            # gzip allows zero padding and further members after a member.
            self._packed = self._unpacker.unused_data.lstrip(b"\0")
            while not self._packed:
                padding = self._file.read(CHUNK)
                if not padding:
                    return False
                self._packed = padding.lstrip(b"\0")
            self._unpacker = _new_unpacker()
        self._packed = self._packed or self._file.read(CHUNK)
        if not self._packed:
            raise IdxError(f"{self._path}: the gzip data is truncated")
        return True

    def capacity(self) -> int:
        return MAX_DEFLATE_RATIO * os.fstat(self._file.fileno()).st_size


def _new_unpacker() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=31)  # 31: a gzip wrapper, whose checksum zlib verifies


def _read(path: Path, source: _Source) -> Array:
    header = _read_header(path, source)
    dtype, shape = header.dtype, header.shape
    expected = math.prod(shape) * dtype.itemsize
    promise = f"{path}: the header declares {expected:,} bytes of data, {_describe(shape, dtype)}"
    if expected > source.capacity():
        reversed_shape = struct.unpack(f"<{len(shape)}I", header.content[4:])
        is_reversed = math.prod(reversed_shape) * dtype.itemsize <= source.capacity()
        hint = "; its sizes look little-endian, IDX is big-endian" if is_reversed else ""
        raise IdxError(f"{promise}, the file can hold at most {source.capacity():,}{hint}")
    body = source.read(expected)
    if len(body) < expected:
        raise IdxError(f"{promise}, the file has {len(body):,}")
    if source.read(1):
        raise IdxError(f"{promise}, the file has more")
    try:
        array: Array = np.ndarray(shape, dtype, body)
    except ValueError as error:
        raise IdxError(f"{path}: numpy cannot hold {_describe(shape, dtype)}: {error}") from error
    return array.astype(dtype.newbyteorder("="), copy=False)


def _read_header(path: Path, source: _Readable) -> Header:
    magic = bytes(source.read(4))
    dtype, ndim = _parse_magic(path, magic)
    sizes = bytes(source.read(4 * ndim))
    if len(sizes) < 4 * ndim:
        raise IdxError(
            f"{path}: the header of {ndim} dimensions takes {4 + 4 * ndim} bytes, the file has {4 + len(sizes)}"
        )
    return Header(magic + sizes, dtype, struct.unpack(f">{ndim}I", sizes))


def _parse_magic(path: Path, magic: bytes) -> tuple[np.dtype[Any], int]:
    """Return the element type and the number of dimensions encoded in the first four bytes."""
    if not magic:
        raise IdxError(f"{path}: the file is empty, expected an IDX header")
    if len(magic) < 4:
        raise IdxError(f"{path}: expected a magic number of 4 bytes, the file has {len(magic)}")
    expected = f"{path}: expected an IDX header 00 00 TYPE DIMENSIONS, found {magic.hex(' ')}"
    if magic[:2] != b"\0\0":
        if magic[2:] == b"\0\0" and magic[1] in DTYPES and magic[0]:
            raise IdxError(f"{expected}: a little-endian header, IDX is big-endian")
        if magic.lstrip()[:1] == b"<":
            raise IdxError(f"{expected}: an HTML or XML page, perhaps a download that failed")
        raise IdxError(expected)
    if magic[2] not in DTYPES:
        known = ", ".join(f"0x{code:02X} {dtype.newbyteorder('=').name}" for code, dtype in DTYPES.items())
        raise IdxError(f"{path}: unknown element type 0x{magic[2]:02X}, expected one of {known}")
    if not magic[3]:
        raise IdxError(f"{path}: expected 1 to 255 dimensions, found 0")
    return DTYPES[magic[2]], magic[3]


def _describe(shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    sizes = " x ".join(f"{size:,}" for size in shape[:4]) + (" x ..." if len(shape) > 4 else "")
    return f"{sizes} of {dtype.newbyteorder('=').name}"
