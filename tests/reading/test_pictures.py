from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_demo.errors import ImageError, ImageTooLargeError
from mnist_demo.reading import pictures
from mnist_demo.reading.pictures import open_picture, to_grey


def drawing(size=(280, 280), box=(60, 40, 120, 240)):
    """A filled rectangle, `box` is (left, top, right, bottom)."""
    image = Image.new("L", size)
    ImageDraw.Draw(image).rectangle(box, fill=255)
    return image


def test_a_large_photo_is_reduced_first():
    assert max(to_grey(Image.new("RGB", (4000, 3000))).shape) <= 1000


def test_a_drawing_of_the_pad_keeps_its_size():
    assert to_grey(drawing()).shape == (280, 280)


def test_a_photo_is_turned_as_its_exif_says():
    upright = drawing(size=(100, 200), box=(20, 20, 60, 180))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 270 degrees to look at it
    content = BytesIO()
    upright.rotate(90, expand=True).save(content, "JPEG", exif=exif)
    assert open_picture(content.getvalue()).grey.shape == (200, 100)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 50])
def test_a_file_that_is_no_picture_is_told(tmp_path, content):
    path = tmp_path / "digit.png"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=r"digit\.png: "):
        open_picture(path)


def test_a_damaged_picture_that_was_opened_elsewhere_is_told(tmp_path):
    path = tmp_path / "digit.png"
    drawing().save(path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ImageError, match="the picture: cannot be read"):
        to_grey(Image.open(path))


def test_a_cut_picture_and_a_missing_one_are_told(tmp_path):
    path = tmp_path / "digit.png"
    drawing().save(path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ImageError, match=r"digit\.png: cannot be read"):
        open_picture(path)
    with pytest.raises(ImageError, match=r"none\.png: cannot be read: No such file"):
        open_picture(tmp_path / "none.png")


def test_a_picture_that_promises_too_many_pixels_is_refused(tmp_path):
    path = tmp_path / "bomb.png"
    drawing().save(path)
    with pytest.raises(ImageError, match=r"bomb\.png: too large: expected at most 1,000 pixels, found 280 x 280"):
        open_picture(path, max_pixels=1000)


def test_a_photo_that_was_opened_elsewhere_is_turned_too():
    exif = Image.Exif()
    exif[0x0112] = 6
    content = BytesIO()
    drawing(size=(100, 200)).save(content, "JPEG", exif=exif)
    assert to_grey(Image.open(content)).shape == (100, 200)


@pytest.mark.parametrize("value", ["seven.png", None, [[0, 1]]])
def test_what_is_no_picture_is_told(value):
    with pytest.raises(ImageError, match=f"expected a picture .* found {type(value).__name__}"):
        to_grey(value)


def test_a_deep_picture_of_any_range_is_stretched_to_grey_levels():
    deep = Image.fromarray(np.array([[-5.0, np.inf], [np.nan, 20.0]], np.float32))
    assert to_grey(deep).tolist() == [[0, 51], [51, 255]]


def encoded(kind, mode="L", **options):
    content = BytesIO()
    drawing().convert(mode).save(content, kind, **options)
    return content.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "1", {}),
        ("PNG", "LA", {}),
        ("PNG", "P", {}),
        ("PNG", "I;16", {}),
        ("JPEG", "RGB", {"quality": 95}),
        ("JPEG", "CMYK", {"quality": 95, "progressive": True}),
        ("MPO", "RGB", {"quality": 95, "save_all": True, "append_images": [Image.new("RGB", (9, 9))]}),  # many phones'
        ("WEBP", "RGB", {"quality": 95}),
        ("GIF", "P", {}),
        ("BMP", "L", {}),
        ("TIFF", "RGB", {"compression": "tiff_lzw"}),
        ("AVIF", "RGB", {"quality": 95, "speed": 10}),
    ],
)
def test_what_people_hand_in_is_opened(kind, mode, options):
    content = encoded(kind, mode, **options)
    opened = open_picture(content)
    assert opened.scale == 1
    seen = opened.grey > 127 if mode != "I;16" else opened.grey > 0
    assert (seen == (np.asarray(drawing()) > 127)).mean() > 0.99


def test_a_file_may_also_be_named(tmp_path):
    path = tmp_path / "digit.png"
    path.write_bytes(encoded("PNG"))
    np.testing.assert_array_equal(open_picture(path).grey, np.asarray(drawing()))


@pytest.mark.parametrize(("size", "side"), [((4000, 3000), 1000), ((1800, 300), 900), ((5000, 20), 625)])
def test_a_large_jpeg_is_decoded_reduced_and_says_by_how_much(monkeypatch, size, side):
    content = BytesIO()
    Image.new("RGB", size, "white").save(content, "JPEG")
    unpacked = []
    decode = pictures._decode
    monkeypatch.setattr(pictures, "_decode", lambda image: unpacked.append(image.size) or decode(image))
    opened = open_picture(content.getvalue())
    assert max(opened.grey.shape) == side
    assert opened.scale == max(size) / side
    assert unpacked == [(1000, 750)] if size == (4000, 3000) else unpacked[0][0] >= side


def test_a_picture_with_an_opaque_background_is_what_it_is_without_one():
    levels = np.arange(80 * 80, dtype=np.uint32).reshape(80, 80).astype(np.uint8)
    opaque = np.dstack([levels, levels, levels, np.full_like(levels, 255)])
    np.testing.assert_array_equal(to_grey(opaque), levels)


def test_a_file_with_too_many_bytes_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "MAX_BYTES", 100)
    path = tmp_path / "digit.bmp"
    path.write_bytes(encoded("BMP"))
    with pytest.raises(ImageTooLargeError, match=r"digit\.bmp: too large: expected at most 100 bytes"):
        open_picture(path)
