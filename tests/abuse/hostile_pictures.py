"""Picture files that are made to do harm, and drawings that are merely costly; all built here, as bytes.

For the tests beside this file, and for benchmarks/abuse.py.
"""

import struct
import zlib
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw


def many_scans_jpeg(scans: int = 20_000, side: int = 1_000) -> bytes:
    """Return a progressive JPEG of 12 bytes a scan, each of which goes over all of its pixels."""
    frame = struct.pack(">BHHBBBB", 8, side, side, 1, 1, 0x11, 0)
    tables = b"".join(_segment(0xC4, bytes([number, 1, *[0] * 15, 0])) for number in (0x00, 0x10))
    scan = _segment(0xDA, bytes([1, 1, 0, 1, 5, 0])) + b"\0\0"
    return (
        b"\xff\xd8"
        + _segment(0xDB, bytes([0] + [1] * 64))
        + _segment(0xC2, frame)
        + tables
        + scans * scan
        + b"\xff\xd9"
    )


def many_segments_jpeg(segments: int = 60_000) -> bytes:
    """Return a JPEG whose EXIF data comes in pieces of a byte, which a decoder joins one by one."""
    picture = encoded("JPEG")
    return picture[:2] + segments * _segment(0xE1, b"Exif\0\0x") + picture[2:]


def junk_jpeg(size: int = 4_000_000) -> bytes:
    """Return a JPEG with nothing but zeros before its scan, which Pillow goes over one by one."""
    picture = encoded("JPEG")
    return picture[:20] + bytes(size) + picture[20:]  # behind the first segment


def overlapping_exif_jpeg(entries: int = 900, size: int = 60_000) -> bytes:
    """Return a JPEG of 64 kB whose EXIF tags all hold the same 60 kB."""
    body = struct.pack(">2sHIH", b"MM", 42, 8, entries)
    body += b"".join(struct.pack(">HHII", 1 + number, 7, size, 8) for number in range(entries)) + bytes(4)
    body = body.ljust(size + 8, b"x")
    picture = encoded("JPEG")
    return picture[:2] + _segment(0xE1, b"Exif\0\0" + body) + picture[2:]


def progressive_jpeg(width: int = 7_000, height: int = 7_000) -> bytes:
    """Return a progressive JPEG of one colour that would be held whole, in 6 bytes a pixel, while it is decoded."""
    small = encoded("JPEG", "RGB", 64, progressive=True, subsampling=0)
    at = small.index(b"\xff\xc2") + 5
    return small[:at] + struct.pack(">HH", height, width) + small[at + 4 :]


def many_chunks_png(count: int = 300_000, name: bytes = b"teSt") -> bytes:
    """Return a PNG with that many empty chunks before its pixels, 12 bytes each."""
    picture = encoded("PNG")
    return picture[:33] + count * _chunk(name, b"") + picture[33:]


def text_bomb_png(chunks: int = 60) -> bytes:
    """Return a PNG whose texts unpack to 1 MB each."""
    text = b"Comment\0\0" + zlib.compress(bytes(1_000_000))
    picture = encoded("PNG")
    return picture[:33] + chunks * _chunk(b"zTXt", text) + picture[33:]


def pixel_bomb_png(width: int = 20_000, height: int = 20_000, depth: int = 1, colour: int = 0) -> bytes:
    """Return a PNG of some kilobytes that unpacks to width x height pixels."""
    bands = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = bytes(1 + width * bands * depth // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def many_comments_gif(count: int = 40_000) -> bytes:
    """Return a GIF with that many comments before its picture, which Pillow joins one by one."""
    picture = encoded("GIF")
    at = 13 + (3 << ((picture[10] & 7) + 1) if picture[10] & 0x80 else 0)
    return picture[:at] + count * (b"\x21\xfe\x40" + 64 * b"x" + b"\0") + picture[at:]


def many_frames_gif(frames: int = 50_000) -> bytes:
    """Return a GIF of that many frames, of which only the first one may be looked at."""
    picture = encoded("GIF")
    at = picture.index(b"\x2c", 13 + (3 << ((picture[10] & 7) + 1)))
    return picture[:at] + frames * picture[at:-1] + b";"


def many_frames_webp(frames: int = 100_000) -> bytes:
    """Return an animated WebP of that many frames."""
    picture = encoded("WEBP", "RGB", 16)
    frame = bytes(6) + bytes([15, 0, 0, 15, 0, 0, 1, 0, 0, 0]) + picture[12:]
    chunks = b"VP8X" + struct.pack("<I", 10) + bytes([2, 0, 0, 0, 15, 0, 0, 15, 0, 0])
    chunks += b"ANIM" + struct.pack("<I", 6) + bytes(6)
    chunks += frames * (b"ANMF" + struct.pack("<I", len(frame)) + frame + bytes(len(frame) % 2))
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def looping_tiff() -> bytes:
    """Return a TIFF whose directory names itself as the next one."""
    picture = bytearray(encoded("TIFF"))
    (at,) = struct.unpack_from("<I", picture, 4)
    (entries,) = struct.unpack_from("<H", picture, at)
    struct.pack_into("<I", picture, at + 2 + 12 * entries, at)
    return bytes(picture)


def overlapping_tiff(entries: int = 900, size: int = 700_000) -> bytes:
    """Return a TIFF whose tags all hold the same 700 kB: 630 MB once they are read."""
    tags = b"".join(struct.pack("<HHII", 1 + number, 7, size, 8) for number in range(entries))
    return (struct.pack("<2sHIH", b"II", 42, 8, entries) + tags + bytes(4)).ljust(size + 8, b"x")


def many_strips_tiff(strips: int = 1_000_000) -> bytes:
    """Return a TIFF of as many strips, each of which becomes an object."""
    at = 8 + 2 + 12 * 8 + 4
    tags = [(256, 4, 1, 1), (257, 4, 1, strips), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (278, 4, 1, 1)]
    tags = [*tags[:5], (273, 4, strips, at), *tags[5:], (279, 4, strips, at)]
    body = struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return body + bytes(4) + bytes(4 * strips)


def large(kind: str, width: int, height: int, mode: str = "RGB", **options: object) -> bytes:
    """Return a picture of one colour: few bytes, many pixels."""
    content = BytesIO()
    Image.new(mode, (width, height), 255 if mode in ("1", "L", "P") else None).save(content, kind, **options)
    return content.getvalue()


def ico_bomb(side: int = 8_000) -> bytes:
    """Return an icon of 16x16, by its own word, that is a PNG of many more."""
    png = pixel_bomb_png(side, side, depth=8)
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 32, len(png), 22) + png


def icns_bomb(side: int = 8_000) -> bytes:
    """Return an icon of macOS that is a PNG of many more pixels than it says."""
    png = pixel_bomb_png(side, side, depth=8)
    return b"icns" + struct.pack(">I", 16 + len(png)) + b"ic07" + struct.pack(">I", 8 + len(png)) + png


def iptc_bomb(side: int = 60_000) -> bytes:
    """Return an IPTC record that promises a picture of side x side."""
    fields = [(3, 60, b"\1\0"), (3, 20, struct.pack(">H", side)), (3, 30, struct.pack(">H", side)), (3, 120, b"\1")]
    return b"".join(bytes([0x1C, first, second, 0, len(data)]) + data for first, second, data in fields) + bytes(100)


def eps() -> bytes:
    """Return an EPS that hung Pillow 12.0 to 12.2, and holds a program for Ghostscript."""
    return (
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EndComments\n%" + b"\r" + b"(x) (w) file closefile\n"
    )


def xpm(side: int = 3_000) -> bytes:
    """Return an XPM, whose rows Pillow parses as text."""
    rows = b",\n".join([b'"' + b"a" * side + b'"'] * side)
    return b'/* XPM */\nstatic char *x[] = {\n"%d %d 1 1",\n"a c #000000",\n' % (side, side) + rows + b"};\n"


def heic() -> bytes:
    """Return the beginning of a phone's HEIC photo."""
    return struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(200)


def encoded(kind: str, mode: str = "L", side: int = 40, **options: object) -> bytes:
    """Return a small picture of a bar in a format of Pillow's."""
    image = Image.new("L", (side, side))
    ImageDraw.Draw(image).rectangle((side // 3, side // 8, side // 2, side - side // 8), fill=255)
    content = BytesIO()
    image.convert(mode).save(content, kind, **options)
    return content.getvalue()


def samples() -> dict[str, bytes]:
    """Return small sound files of all formats that are read, several of each."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return {
        "grey.png": encoded("PNG"),
        "palette.png": encoded("PNG", "P", transparency=0),
        "deep.png": encoded("PNG", "I;16"),
        "alpha.png": encoded("PNG", "LA", exif=exif),
        "grey.jpg": encoded("JPEG"),
        "turned.jpg": encoded("JPEG", "RGB", exif=exif),
        "progressive.jpg": encoded("JPEG", "RGB", progressive=True),
        "print.jpg": encoded("JPEG", "CMYK"),
        "phone.jpg": encoded("MPO", "RGB", save_all=True, append_images=[Image.new("RGB", (20, 20))]),
        "lossy.webp": encoded("WEBP", "RGB"),
        "lossless.webp": encoded("WEBP", "RGBA", lossless=True, exif=exif),
        "moving.webp": encoded("WEBP", "RGB", save_all=True, append_images=[Image.new("RGB", (40, 40))]),
        "still.gif": encoded("GIF"),
        "moving.gif": encoded("GIF", "P", save_all=True, append_images=[Image.new("P", (40, 40))], comment=b"two"),
        "grey.bmp": encoded("BMP"),
        "colour.bmp": encoded("BMP", "RGB"),
        "plain.tif": encoded("TIFF", "RGB"),
        "lzw.tif": encoded("TIFF", compression="tiff_lzw"),
        "jpeg.tif": encoded("TIFF", "RGB", compression="jpeg"),
        "fax.tif": encoded("TIFF", "1", compression="group4"),
        "colour.avif": encoded("AVIF", "RGB", 64, speed=10),
        "alpha.avif": encoded("AVIF", "RGBA", 64, speed=10),
    }


def damaged(content: bytes, random: np.random.Generator) -> bytes:
    """Return a file with some bytes changed, cut out, doubled or set to extremes, or its end cut off."""
    data = bytearray(content)
    for _ in range(random.integers(1, 6)):
        at = int(random.integers(min(len(data), 200) if random.random() < 0.5 else len(data)))
        length = int(random.integers(1, 9))
        match random.integers(5):
            case 0:
                data[at : at + length] = random.bytes(length)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length]
            case 3:
                data[at : at + length] = bytes([random.choice([0, 255, 127, 128])]) * length
            case _:
                data = data[: max(at, 12)]
    return bytes(data)


def joined_parts(parts: int = 8, side: int = 280) -> bytes:
    """Return a drawing of wide parts, each of which may be joined digits: at most 20 pieces would come of four."""
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    step = side / parts
    height = 0.6 * step
    for part in range(parts):
        left, top = part * step + 1, side / 2 - height / 2
        points = [
            (left + share * (step - 4), top + height * (number % 2))
            for number, share in enumerate(np.linspace(0, 1, 7))
        ]
        draw.line(points, fill=255, width=2)
    return _png(image)


def dots(count: int = 28, rows: int = 2, side: int = 280) -> bytes:
    """Return a drawing of dots in rows."""
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    step = side * rows / count
    for dot in range(count):
        row, column = divmod(dot, count // rows)
        left, top = column * step + 1, side * (row + 0.5) / rows - step / 3
        draw.ellipse((left, top, left + step * 0.6, top + step * 0.6), fill=255)
    return _png(image)


def grid(columns: int = 20, rows: int = 180, side: int = 560) -> bytes:
    """Return a drawing of thousands of small parts in as many columns as a number may have digits."""
    levels = np.zeros((side, side), np.uint8)
    step, height = side // columns, side // rows
    for row in range(rows - 1):
        for column in range(columns):
            levels[row * height + 1 : row * height + height, column * step + 2 : column * step + step // 2] = 255
    return _png(Image.fromarray(levels))


def strokes(count: int = 20, side: int = 280) -> bytes:
    """Return a drawing of upright strokes side by side."""
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    for stroke in range(count):
        left = (stroke + 0.5) * side / count
        draw.line((left, side * 0.3, left, side * 0.7), fill=255, width=3)
    return _png(image)


def noise(side: int = 280) -> bytes:
    """Return a drawing in which every second pixel is ink, in tens of thousands of runs."""
    return _png(Image.fromarray((np.random.default_rng(0).integers(2, size=(side, side)) * 255).astype(np.uint8)))


def _png(image: Image.Image) -> bytes:
    content = BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(body)) + body


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
