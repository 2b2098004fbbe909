from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image, ImageDraw

from mnist_demo.datasets import load_split
from mnist_demo.errors import ImageError
from mnist_demo.preprocessing import centre_by_mass, find_ink, fit_to_box, open_picture, prepare, to_grey


def drawing(size=(280, 280), box=(60, 40, 120, 240), ink=255, paper=0):
    """A filled rectangle, `box` is (left, top, right, bottom)."""
    image = Image.new("L", size, paper)
    ImageDraw.Draw(image).rectangle(box, fill=ink)
    return image


def centre_of_mass(picture):
    levels = picture.astype(float)
    rows, columns = np.indices(levels.shape)
    return (rows * levels).sum() / levels.sum(), (columns * levels).sum() / levels.sum()


def box_of(picture, above=50):
    rows, columns = np.where(picture > above)
    return np.ptp(rows) + 1, np.ptp(columns) + 1


@pytest.mark.parametrize("box", [(0, 0, 30, 99), (180, 150, 210, 249), (20, 20, 90, 253)])
def test_a_drawing_of_any_size_anywhere_is_fitted_to_20_px_and_centred(box):
    seen = prepare(drawing(box=box))
    assert seen.shape == (28, 28)
    assert seen.dtype == np.uint8
    assert max(box_of(seen)) == 20
    assert centre_of_mass(seen) == pytest.approx((14, 14), abs=0.5)


def test_the_aspect_is_kept():
    height, width = box_of(prepare(drawing(box=(100, 40, 149, 239))))
    assert (height, width) == (20, 5)


def test_ink_is_the_brightest_level_however_faint_it_was():
    assert prepare(drawing(ink=60)).max() == 255


@pytest.mark.parametrize(("ink", "paper"), [(255, 0), (0, 255), (40, 200), (230, 90)])
def test_light_on_dark_and_dark_on_light_look_alike(ink, paper):
    expected = prepare(drawing())
    np.testing.assert_allclose(prepare(drawing(ink=ink, paper=paper)).astype(int), expected.astype(int), atol=3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I", "F", "I;16"])
def test_every_mode_of_pillow_is_read(mode):
    deep = Image.fromarray(np.asarray(drawing()).astype(np.uint16) * 257)
    picture = deep if mode == "I;16" else drawing().convert(mode)
    np.testing.assert_allclose(prepare(picture).astype(int), prepare(drawing()).astype(int), atol=3)


@pytest.mark.parametrize("shape", ["HW", "HW1", "HW3", "HW4"])
def test_arrays_of_grey_and_colour_are_read(shape):
    grey = np.asarray(drawing())
    array = {
        "HW": grey,
        "HW1": grey[:, :, None],
        "HW3": np.stack([grey] * 3, axis=2),
        "HW4": np.stack([grey, grey, grey, np.full_like(grey, 255)], axis=2),
    }[shape]
    np.testing.assert_array_equal(prepare(array), prepare(grey))


@pytest.mark.parametrize("ink", ["white", "black"])
def test_ink_on_a_transparent_ground_is_seen(ink):
    mask = drawing()
    picture = Image.new("RGBA", mask.size, (0, 0, 0, 0))
    picture.paste(Image.new("RGBA", mask.size, ink), mask=mask)
    np.testing.assert_allclose(prepare(picture).astype(int), prepare(mask).astype(int), atol=3)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_picture_has_nothing_to_read(level):
    assert prepare(Image.new("L", (280, 280), level)) is None


def test_faint_noise_is_not_ink():
    noise = np.random.default_rng(0).normal(200, 5, (280, 280)).clip(0, 255).astype(np.uint8)
    assert prepare(noise) is None


@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=60)))
@settings(max_examples=200, deadline=None)
def test_any_picture_gives_28_by_28_or_nothing(picture):
    seen = prepare(picture)
    assert seen is None or (seen.shape == (28, 28) and seen.max() >= 254)


def test_specks_far_apart_in_a_large_picture_are_seen():
    picture = np.zeros((1000, 1000), np.uint8)
    picture[3, 5] = picture[990, 900] = 255
    assert prepare(picture).max() >= 254


def test_one_pixel_is_ink():
    picture = np.zeros((1, 1), np.uint8)
    assert prepare(picture) is None
    picture = np.zeros((5, 5), np.uint8)
    picture[2, 2] = 255
    assert max(box_of(prepare(picture))) == 20


def test_a_sample_of_mnist_comes_out_nearly_as_it_went_in():
    split = load_split(train=False)
    differences = [np.abs(prepare(image).astype(int) - image.astype(int)).mean() for image in split.images[:100]]
    assert np.mean(differences) < 5  # of 255; a shift by one pixel makes 20


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((28, 28), np.float32), "expected a picture of uint8, .* found float32"),
        (np.zeros((28, 28), bool), "found bool"),
        (np.zeros((28,), np.uint8), r"found the shape \(28,\)"),
        (np.zeros((28, 28, 2), np.uint8), r"found the shape \(28, 28, 2\)"),
        (np.zeros((1, 28, 28, 3), np.uint8), r"found the shape \(1, 28, 28, 3\)"),
        (np.zeros((0, 28), np.uint8), r"found the shape \(0, 28\)"),
    ],
)
def test_an_array_that_is_no_picture_is_refused(array, message):
    with pytest.raises(ImageError, match=message):
        prepare(array)


def test_a_large_photo_is_reduced_first():
    assert max(to_grey(Image.new("L", (4000, 3000))).shape) <= 1000


def test_background_of_any_level_is_zero_in_the_ink():
    ink = find_ink(np.asarray(drawing(ink=40, paper=200)))
    assert ink.min() == 0
    assert ink.max() == 160


def test_the_box_leaves_out_the_faint_blur_around_a_stroke():
    ink = np.zeros((50, 50), np.uint8)
    ink[10:40, 20:30] = 255
    ink[5:10, 20:30] = 20
    assert fit_to_box(ink).shape == (20, 7)


def test_centring_is_by_mass_not_by_box():
    digit = np.zeros((20, 20), np.uint8)
    digit[:, 4:9] = 255  # a stem left of the middle
    digit[0, :] = 255
    assert centre_of_mass(centre_by_mass(digit))[1] == pytest.approx(14, abs=0.51)


def test_a_photo_is_turned_as_its_exif_says():
    upright = drawing(size=(100, 200), box=(20, 20, 60, 180))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 270 degrees to look at it
    content = BytesIO()
    upright.rotate(90, expand=True).save(content, "JPEG", exif=exif)
    content.seek(0)
    assert open_picture(content).size == (100, 200)


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
    with pytest.raises(ImageError, match="the picture cannot be read"):
        prepare(Image.open(path))


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
