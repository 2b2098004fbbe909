import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image, ImageDraw

from mnist_demo.data.datasets import load_split
from mnist_demo.errors import ImageError
from mnist_demo.reading.connected import find_ink_components
from mnist_demo.reading.preparation import keep_digit, list_steps, prepare


def see(picture):
    """What a network sees of a picture."""
    return prepare(picture).network_input


def drawing(size=(280, 280), box=(60, 40, 180, 240), ink=255, paper=0):
    """A zero, `box` is (left, top, right, bottom)."""
    image = Image.new("L", size, paper)
    ImageDraw.Draw(image).ellipse(box, outline=ink, width=max(3, (box[3] - box[1]) // 10))
    return image


def centre_of_mass(picture):
    levels = picture.astype(float)
    rows, columns = np.indices(levels.shape)
    return (rows * levels).sum() / levels.sum(), (columns * levels).sum() / levels.sum()


def box_of(picture, above=50):
    rows, columns = np.where(picture > above)
    return np.ptp(rows) + 1, np.ptp(columns) + 1


@pytest.mark.parametrize("box", [(0, 0, 60, 99), (180, 150, 240, 249), (20, 20, 150, 253)])
def test_a_drawing_of_any_size_anywhere_is_fitted_to_20_px_and_centred(box):
    seen = see(drawing(box=box))
    assert seen.shape == (28, 28)
    assert seen.dtype == np.uint8
    assert max(box_of(seen)) == 20
    assert centre_of_mass(seen) == pytest.approx((14, 14), abs=0.5)


def test_ink_is_the_brightest_level_however_faint_it_was():
    assert see(drawing(ink=60)).max() == 255


@pytest.mark.parametrize(("ink", "paper"), [(255, 0), (0, 255), (40, 200), (230, 90)])
def test_light_on_dark_and_dark_on_light_look_alike(ink, paper):
    expected = see(drawing())
    assert np.abs(see(drawing(ink=ink, paper=paper)).astype(int) - expected).mean() < 8


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I", "F", "I;16"])
def test_every_mode_of_pillow_is_read(mode):
    deep = Image.fromarray(np.asarray(drawing()).astype(np.uint16) * 257)
    picture = deep if mode == "I;16" else drawing().convert(mode)
    np.testing.assert_allclose(see(picture).astype(int), see(drawing()).astype(int), atol=3)


@pytest.mark.parametrize("shape", ["HW", "HW1", "HW3", "HW4"])
def test_arrays_of_grey_and_colour_are_read(shape):
    grey = np.asarray(drawing())
    array = {
        "HW": grey,
        "HW1": grey[:, :, None],
        "HW3": np.stack([grey] * 3, axis=2),
        "HW4": np.stack([grey, grey, grey, np.full_like(grey, 255)], axis=2),
    }[shape]
    np.testing.assert_array_equal(see(array), see(grey))


@pytest.mark.parametrize("ink", ["white", "black"])
def test_ink_on_a_transparent_ground_is_seen(ink):
    mask = drawing()
    picture = Image.new("RGBA", mask.size, (0, 0, 0, 0))
    picture.paste(Image.new("RGBA", mask.size, ink), mask=mask)
    assert np.abs(see(picture).astype(int) - see(mask)).mean() < 8


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_picture_has_nothing_to_read(level):
    assert see(Image.new("L", (280, 280), level)) is None


def test_faint_noise_is_not_ink():
    noise = np.random.default_rng(0).normal(200, 5, (280, 280)).clip(0, 255).astype(np.uint8)
    assert see(noise) is None


@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=60)))
@settings(max_examples=200, deadline=None)
def test_any_picture_gives_28_by_28_or_nothing(picture):
    seen = see(picture)
    assert seen is None or (seen.shape == (28, 28) and seen.any())


def test_a_sample_of_mnist_comes_out_nearly_as_it_went_in():
    split = load_split(train=False)
    differences = [np.abs(see(image).astype(int) - image.astype(int)).mean() for image in split.images[:100]]
    assert np.mean(differences) < 8  # of 255; a shift by one pixel makes 20, and some pens become wider or narrower


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((28, 28), np.int64), r"expected uint8, or floats in \[0, 1\], found int64"),
        (np.full((28, 28), 255.0), "found float64 from 255 to 255"),
        (np.full((28, 28), -0.5, np.float32), "found float32 from -0.5 to -0.5"),
        (np.full((28, 28), np.nan), "found NaN"),
        (np.full((28, 28), np.inf), "from inf to inf"),
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


def test_dust_is_not_ink():
    picture = np.zeros((1000, 1000), np.uint8)
    picture[3, 5] = picture[990, 900] = 255
    assert see(picture) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 3)])
def test_the_smallest_pictures_are_no_trouble(shape):
    assert see(np.zeros(shape, np.uint8)) is None


@pytest.mark.parametrize("pen", [1, 2, 3, 40])
def test_a_hairline_and_a_marker_look_alike(pen):
    def ring(pen):
        image = Image.new("L", (280, 280))
        ImageDraw.Draw(image).ellipse((60, 40, 220, 240), outline=255, width=pen)
        return see(image)

    covered = (ring(pen) / 255).sum()
    assert covered == pytest.approx((ring(20) / 255).sum(), rel=0.65)  # unchanged, they differ by a factor of 10


def test_specks_go_and_the_parts_of_a_digit_stay():
    ink = np.zeros((200, 200), np.uint8)
    ink[60:160, 60:140] = 255  # the body of a 5
    ink[40:50, 80:150] = 255  # its bar, apart
    ink[100:103, 170:173] = 255  # a speck
    ink[0:20, 0:60] = 255  # the edge of a shadow
    ink[180:199, 20:80] = 255  # as large, but whole
    kept = keep_digit(ink, find_ink_components(ink))
    assert kept[45, 100] == 255
    assert kept[101, 171] == 0
    assert kept[10, 10] == 0
    assert kept[190, 50] == 255


def test_the_steps_lead_from_the_picture_to_what_the_network_sees():
    picture = drawing()
    steps = list_steps(picture)
    np.testing.assert_array_equal(steps[0].picture, np.asarray(picture))
    np.testing.assert_array_equal(steps[-1].picture, see(picture))
    assert len({step.title for step in steps}) == len(steps) == 5


def test_the_steps_of_a_blank_picture_end_where_nothing_is_left():
    assert len(list_steps(np.zeros((280, 280), np.uint8))) == 3


@pytest.mark.parametrize("side", [280, 560, 1500])
@pytest.mark.parametrize("pen", [1, 2, 3, 6])
def test_a_hairline_in_a_large_drawing_is_not_lost(side, pen):
    image = Image.new("L", (side, side))
    box = (0.1 * side, 0.1 * side, 0.9 * side, 0.9 * side)
    ImageDraw.Draw(image).ellipse(box, outline=255, width=pen * -(-side // 560))
    seen = see(image)
    assert max(box_of(seen)) == 20
    assert (seen > 127).sum() > 60


@pytest.mark.parametrize(("height", "pen"), [(28, 3), (40, 3), (28, 5)])
def test_a_small_thin_one_is_seen(height, pen):
    picture = np.zeros((280, 280), np.uint8)
    picture[200 : 200 + height, 40 : 40 + pen] = 255
    assert box_of(see(picture))[0] == 20
