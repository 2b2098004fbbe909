"""Checks the format and the structure of picture files before anything is unpacked.

A file of a few kilobytes can keep a decoder busy for minutes or exhaust the memory: with thousands of scans or chunks,
or with metadata that overlaps or has to be joined piece by piece. The limits here are far above what cameras, phones
and drawing programs write.
"""

import re
import struct
from collections.abc import Callable, Iterator

from mnist_demo.errors import ImageError, ImageFormatError, ImageTooLargeError

FORMATS = ("PNG", "JPEG", "WebP", "GIF", "BMP", "TIFF", "AVIF")
MAX_SCANS = 100  # of a JPEG; a progressive one has 10, an optimised one a few more
MAX_SCANNED = 400_000_000  # pixels times scans; each scan covers the whole picture, about 5 ms per million
MAX_COEFFICIENTS = 130_000_000  # bytes; a JPEG with several scans is held in memory while it is decoded
MAX_SEGMENTS = 1_000  # of a JPEG, or blocks before the image of a GIF: a decoder joins them one by one
MAX_CHUNKS = 10_000  # of a PNG, a WebP or an AVIF; a PNG of 20 MB has 2,500
MAX_METADATA = 8_000_000  # bytes; phones store a depth map or a second picture of several megabytes there
MAX_VALUES = 100_000  # in one list of a TIFF; one entry per row of the picture is usual
MAX_GAP = 1_000  # bytes of garbage in a JPEG before its scan; Pillow skips them one by one

_MARKER = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)  # of a JPEG, with its fill bytes
_AFTER_SCAN = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)  # restart markers are part of a scan
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # SOF markers
_SCAN, _END = 0xDA, 0xD9
_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_LISTS = frozenset({3, 4, 8, 9, 13, 16, 17, 18})  # types whose lists are unpacked number by number
_HEIC = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs")


def check_structure(content: bytes) -> str:
    """Return the format of a picture file, one of FORMATS.

    Raises:
        ImageFormatError: it has none of these formats.
        ImageTooLargeError: it has too many parts, or too much metadata.
        ImageError: it is damaged.
    """
    name = find_format(content)
    try:
        _CHECKS[name](content)
    except (struct.error, IndexError) as error:
        raise ImageError("cannot be read: the file is truncated") from error
    return name


def find_format(content: bytes) -> str:
    """Return the format of a picture file, detected from its first bytes.

    Raises:
        ImageFormatError: it is not one of FORMATS.
    """
    for name, beginnings in _BEGINNINGS.items():
        if content.startswith(beginnings):
            return name
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WebP"
    if content[4:8] == b"ftyp":
        brands = content[8 : min(int.from_bytes(content[:4]), 400)]
        if b"avif" in brands or b"avis" in brands:
            return "AVIF"
        if any(brand in brands for brand in (*_HEIC, b"mif1", b"msf1")):
            raise ImageFormatError("HEIC (HEIF) pictures are not supported: share or export it as JPEG")
    *others, last = FORMATS
    raise ImageFormatError(f"not a picture in a supported format: expected {', '.join(others)} or {last}")


def _require(count: int, limit: int, what: str) -> None:
    if count > limit:
        raise ImageTooLargeError(f"too large: expected at most {limit:,} {what}, found {count:,}")


def _check_png(content: bytes) -> None:
    metadata = 0
    for name, _, length in _png_chunks(content, MAX_CHUNKS):
        metadata += 0 if name == b"IDAT" else length
        _require(metadata, MAX_METADATA, "bytes of metadata")


def _png_chunks(content: bytes, limit: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name, offset and length of each chunk."""
    at, count = 8, 0
    while at + 8 <= len(content):
        count += 1
        _require(count, limit, "chunks")
        length, name = struct.unpack_from(">I4s", content, at)
        yield name, at + 8, length
        if name == b"IEND":
            return
        at += 12 + length


def _check_jpeg(content: bytes) -> None:
    scans = metadata = segments = 0
    width = height = 0
    samples = 0.0  # per pixel
    at = 2
    while match := (_AFTER_SCAN if scans else _MARKER).search(content, at):
        marker, start = match[1][0], match.end()
        if (not scans and match.start() - at > MAX_GAP) or match.end() - match.start() > MAX_GAP:
            raise ImageError("cannot be read: the file is damaged between its segments")
        segments += 1
        _require(segments, MAX_SEGMENTS, "segments")
        if marker == _END:
            break
        at = start
        if marker in _NO_LENGTH:
            continue
        (length,) = struct.unpack_from(">H", content, start)
        body = content[start + 2 : start + length]
        at += max(length, 2)
        if marker in _FRAMES:
            height, width, parts = struct.unpack_from(">HHB", body, 1)
            factors = [(body[7 + 3 * part] >> 4) * (body[7 + 3 * part] & 15) for part in range(parts)]
            samples = sum(factors) / max(1, *factors) if factors else 0
        elif marker == _SCAN:
            scans += 1
            _require(scans, MAX_SCANS, "scans")
            if scans > 1:
                _require(round(2 * samples * width * height), MAX_COEFFICIENTS, "bytes in a picture with several scans")
                _require(scans * width * height, MAX_SCANNED, "pixels in all of its scans")
        elif marker >= 0xE0:
            metadata += length
            _require(metadata, MAX_METADATA, "bytes of metadata")
            for beginning in (b"Exif\0\0", b"MPF\0"):
                if body.startswith(beginning):
                    _check_directory(body[len(beginning) :])


def _check_gif(content: bytes) -> None:
    at, blocks = 13 + _palette_size(content[10]), 0
    while content[at] == 0x21:  # extensions before the image
        at += 2
        while length := content[at]:
            blocks += 1
            _require(blocks, MAX_SEGMENTS, "blocks before the image")
            at += 1 + length
        blocks += 1
        at += 1


def _palette_size(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _check_webp(content: bytes) -> None:
    at, count, metadata = 12, 0, 0
    while at + 8 <= len(content):
        count += 1
        _require(count, MAX_CHUNKS, "chunks")
        name, length = struct.unpack_from("<4sI", content, at)
        if name not in (b"VP8 ", b"VP8L", b"ALPH", b"ANMF"):
            metadata += length
            _require(metadata, MAX_METADATA, "bytes of metadata")
        if name == b"EXIF":
            _check_directory(content[at + 8 : at + 8 + length].removeprefix(b"Exif\0\0"))
        at += 8 + length + length % 2


def _check_avif(content: bytes) -> None:
    at = count = 0
    while at + 8 <= len(content):
        count += 1
        _require(count, MAX_CHUNKS, "boxes")
        length, name = struct.unpack_from(">I4s", content, at)
        if name == b"meta":
            _require(length, MAX_METADATA, "bytes of metadata")
        if length < 8:  # the box extends to the end of the file, or has a 64-bit length, treated the same
            return
        at += length


def _check_directory(content: bytes) -> None:
    """Check the first directory of a TIFF file or EXIF data: its values must not overlap, or be very long lists."""
    if content[:4] not in _BEGINNINGS["TIFF"]:
        return
    order = "<" if content[:1] == b"I" else ">"
    is_big = content[2:4] in (b"+\0", b"\0+")
    (at,) = struct.unpack_from(order + ("Q" if is_big else "I"), content, 8 if is_big else 4)
    (entries,) = struct.unpack_from(order + ("Q" if is_big else "H"), content, at)
    at += 8 if is_big else 2
    _require(entries, MAX_SEGMENTS, "tags")
    used = 0
    for _ in range(entries):
        _, kind, count = struct.unpack_from(order + ("HHQ" if is_big else "HHI"), content, at)
        at += 20 if is_big else 12
        used += count * _TYPE_SIZES.get(kind, 0)
        if kind in _LISTS:
            _require(count, MAX_VALUES, "values in one tag")
    if used > len(content):
        raise ImageError("cannot be read: its tags overlap, or the file is truncated")


_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "JPEG": (b"\xff\xd8\xff",),
    "GIF": (b"GIF87a", b"GIF89a"),
    "BMP": (b"BM",),
    "TIFF": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
}
_CHECKS: dict[str, Callable[[bytes], None]] = {
    "PNG": _check_png,
    "JPEG": _check_jpeg,
    "GIF": _check_gif,
    "BMP": lambda _: None,
    "WebP": _check_webp,
    "TIFF": _check_directory,
    "AVIF": _check_avif,
}
