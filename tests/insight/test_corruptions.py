import numpy as np
import pytest

from mnist_demo import load_split
from mnist_demo.errors import ImageError, NotFoundError
from mnist_demo.insight.corruptions import CORRUPTIONS, corrupt

FIXED = {"scale", "brightness", "stripe", "canny_edges"}  # without anything random


@pytest.fixture(scope="module")
def digits():
    """The first 200 test images."""
    return load_split(train=False).images[:200]


@pytest.fixture
def square():
    """Return 50 pictures of a filled square, rows and columns 9 to 18."""
    images = np.zeros((50, 28, 28), np.uint8)
    images[:, 9:19, 9:19] = 255
    return images


def apply(images, name, seed=0):
    return corrupt(images, name, np.random.default_rng(seed))


def box(image, level=127):
    """Return the first and last row, and the first and last column, of ink above a level."""
    rows, columns = np.flatnonzero((image > level).any(1)), np.flatnonzero((image > level).any(0))
    return rows[0], rows[-1], columns[0], columns[-1]


def test_there_are_the_fifteen_of_the_paper_in_its_order():
    assert " ".join(CORRUPTIONS) == (
        "shot_noise impulse_noise glass_blur motion_blur shear scale rotate brightness translate stripe fog spatter "
        "dotted_line zigzag canny_edges"
    )


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_every_corruption_returns_other_pictures_of_the_same_format(name, digits):
    before = digits.copy()
    corrupted = apply(digits, name)
    assert (corrupted.shape, corrupted.dtype) == (digits.shape, np.uint8)
    assert (corrupted != digits).any(axis=(1, 2)).all()
    assert (digits == before).all()


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_generator_alone_decides_what_is_random(name, digits):
    assert (apply(digits, name) == apply(digits, name)).all()
    assert (apply(digits, name) == apply(digits, name, seed=1)).all() == (name in FIXED)


def test_shot_noise_leaves_steps_of_a_photon_whose_mean_is_the_picture():
    grey = np.full((100, 28, 28), 51, np.uint8)  # 0.6 photons, so that few values are clipped at 3
    noisy = apply(grey, "shot_noise")
    assert set(np.unique(noisy)) == {0, 85, 170, 255}
    assert noisy.mean() == pytest.approx(51, rel=0.02)
    assert not apply(np.zeros_like(grey), "shot_noise").any()


def test_impulse_noise_hits_17_percent_half_of_them_white():
    noisy = apply(np.full((100, 28, 28), 100, np.uint8), "impulse_noise")
    assert np.mean(noisy == 0) == pytest.approx(0.085, abs=0.005)
    assert np.mean(noisy == 255) == pytest.approx(0.085, abs=0.005)
    assert np.mean(noisy == 100) == pytest.approx(0.83, abs=0.01)


def test_glass_blur_moves_ink_by_a_few_pixels_and_loses_none(square):
    blurred = apply(square, "glass_blur")
    assert blurred.sum() == pytest.approx(square.sum(), rel=0.01)
    assert blurred[:, 13:15, 13:15].mean() > 245
    assert blurred[:, :3].mean() < 1
    assert 0 < blurred[:, 8].max() < 255


def test_motion_blur_smears_along_its_direction_only():
    bar = np.zeros((50, 28, 28), np.uint8)
    bar[:, 13:15] = 255  # a horizontal line: nothing changes along it, so only the tilt of the motion blurs it
    blurred = apply(bar, "motion_blur").astype(int)
    heights = (blurred[:, :, 5] > 20).sum(axis=1)
    assert heights.min() == 2
    assert 4 < heights.max() < 10  # at 45 degrees three sigma are 6 px
    assert blurred.sum(axis=1)[:, 5] == pytest.approx(510, abs=4)


def test_shear_slants_a_bar_to_both_sides_about_the_middle():
    bar = np.zeros((50, 28, 28), np.uint8)
    bar[:, :, 13:15] = 255
    columns = np.arange(28)
    slants = [
        (image[20] @ columns / image[20].sum() - image[7] @ columns / image[7].sum()) / 13
        for image in apply(bar, "shear").astype(int)
    ]
    assert np.abs(slants) == pytest.approx(np.sin(0.4), abs=0.02)
    assert 10 < sum(slant > 0 for slant in slants) < 40


def test_scale_leaves_70_percent_in_the_middle(square):
    assert {box(image) for image in apply(square, "scale")} == {(10, 17, 10, 17)}
    total = apply(square, "scale")[0].sum() / square[0].sum()
    assert total == pytest.approx(0.49, abs=0.04)


def test_rotate_turns_a_bar_by_23_degrees_to_both_sides():
    bar = np.zeros((50, 28, 28), np.uint8)
    bar[:, 4:24, 13:15] = 255
    columns, turned = np.arange(28), apply(bar, "rotate").astype(int)
    angles = [
        np.arctan((image[20] @ columns / image[20].sum() - image[7] @ columns / image[7].sum()) / 13)
        for image in turned
    ]
    assert np.abs(angles) == pytest.approx(0.4, abs=0.02)
    assert turned.sum(axis=(1, 2)) == pytest.approx(bar[0].sum(), rel=0.01)
    assert 10 < sum(angle > 0 for angle in angles) < 40


def test_brightness_adds_half_of_the_range():
    greys = np.zeros((1, 28, 28), np.uint8)
    greys[0, 0, :3] = 0, 100, 200
    assert apply(greys, "brightness")[0, 0, :3].tolist() == pytest.approx([128, 228, 255], abs=1)


def test_translate_moves_by_3_px_to_each_corner(square):
    moved = apply(square, "translate")
    corners = {(6, 15, 6, 15), (6, 15, 12, 21), (12, 21, 6, 15), (12, 21, 12, 21)}
    assert {box(image) for image in moved} == corners
    assert (moved.sum(axis=(1, 2)) == square[0].sum()).all()


def test_what_translate_moves_out_of_the_picture_is_gone():
    full = np.full((8, 28, 28), 255, np.uint8)
    assert (apply(full, "translate") == 255).sum(axis=(1, 2)).tolist() == [25 * 25] * 8


def test_stripe_inverts_all_but_the_middle_half(digits):
    striped = apply(digits, "stripe")
    assert (striped[..., 7:21] == digits[..., 7:21]).all()
    assert (striped[..., :7] == 255 - digits[..., :7]).all()
    assert (striped[..., 21:] == 255 - digits[..., 21:]).all()


def test_fog_lies_smoothly_over_everything_and_takes_the_contrast(square):
    foggy = apply(square, "fog").astype(int)
    assert foggy[:, 14, 14] - foggy[:, 14, 5] == pytest.approx(255 / 4, abs=35)
    background = foggy[:, :8]
    assert np.abs(np.diff(background, axis=2)).max() < 15
    assert background.mean() > 40
    assert background.mean(axis=(1, 2)).std() > 10  # some are thicker than others


def test_spatter_covers_with_dark_grey_and_leaves_the_rest(square):
    covered = apply(square, "spatter")
    on_ink, beside = covered[square > 0], covered[square == 0]
    assert 0.02 < np.mean(on_ink != 255) < 0.4
    assert 63 <= on_ink.min() < 70
    assert set(np.unique(beside)) <= {0, *range(50, 64)}


def test_a_dotted_line_has_dots_of_two_columns_from_edge_to_edge():
    lines = apply(np.zeros((50, 28, 28), np.uint8), "dotted_line")
    inked = lines.max(axis=1) > 150
    columns = np.arange(28)
    assert (inked == ((columns % 4 >= 2) & (columns < 27))).all()
    rows = lines.argmax(axis=1)[:, [2, 26]].astype(int)
    assert np.abs(rows[:, 0] - rows[:, 1]).max() > 15  # some are steep


def test_a_zigzag_goes_up_and_down_six_times_on_its_way_across():
    lines = apply(np.zeros((50, 28, 28), np.uint8), "zigzag")
    whole = [image for image in lines if box(image)[0] > 6 and box(image)[1] < 21]
    assert len(whole) > 3
    for image in whole:
        assert (box(image)[2:]) == (2, 24)
        along = np.arange(2, 25)
        middle = image[:, 2:25].T.astype(float) @ np.arange(28) / image[:, 2:25].sum(axis=0)
        residue = middle - np.polyval(np.polyfit(along, middle, 1), along)
        assert (np.diff(np.sign(residue[np.abs(residue) > 1])) != 0).sum() == 5


def test_canny_edges_are_the_outline_alone(square):
    edges = apply(square, "canny_edges")[0]
    assert set(np.unique(edges)) == {0, 255}
    assert not edges[12:16, 12:16].any()
    assert not edges[:7].any()
    assert 4 * 8 <= (edges > 0).sum() <= 4 * 2 * 10
    assert (edges[13].nonzero()[0] < 14).any()
    assert (edges[13].nonzero()[0] > 14).any()


def test_canny_follows_a_strong_edge_to_where_it_grows_faint():
    step = np.zeros((2, 28, 28))
    step[0, 14:] = 0.2 * (1 - np.arange(28) / 27)  # above the higher threshold to column 16, above the lower one to 21
    step[1, 14:] = step[0, 14:].clip(max=0.07)  # between the thresholds at best
    strong, faint = (apply((255 * step).round().astype(np.uint8), "canny_edges") > 0).any(axis=1)
    assert strong[1:20].all()
    assert not strong[23:].any()
    assert not faint.any()


def test_a_name_that_does_not_exist_is_refused_with_those_that_do(digits):
    with pytest.raises(NotFoundError, match=r"no corruption 'snow', only shot_noise, .*canny_edges"):
        apply(digits, "snow")


@pytest.mark.parametrize(
    "images", [np.zeros((3, 28, 28)), np.zeros((28, 28), np.uint8), np.zeros((1, 32, 32), np.uint8)]
)
def test_other_pictures_are_refused(images):
    with pytest.raises(ImageError, match=r"expected \(N, 28, 28\) uint8, found"):
        apply(images, "fog")


def test_no_pictures_are_no_trouble():
    for name in CORRUPTIONS:
        assert apply(np.zeros((0, 28, 28), np.uint8), name).shape == (0, 28, 28)
