import numpy as np
import pytest

from mnist_demo.data.datasets import load_split
from mnist_demo.data.unipen import WrittenDigit
from mnist_demo.training.ink_finding import make_batch
from mnist_demo.training.synthetic.clutter import LINEWORK, corner_marks, neighbours, sheet
from mnist_demo.training.synthetic.scenes import NO_DIGIT, Scene, is_visible, make_scene
from mnist_demo.training.synthetic.writing import PATCH, Hands

BOX = (30.0, 20.0, 80.0, 90.0)
SHAPE = (112, 120)


@pytest.fixture(scope="module")
def hands():
    split = load_split(train=False)
    stroke = np.array([[0.0, 0.0], [50.0, 0.0], [20.0, 90.0]])
    return Hands(split.images[:200], split.labels[:200], [WrittenDigit(7, 1, [stroke])])


def test_the_same_seed_gives_the_same_scene(hands):
    one, two = (make_scene(hands, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one.grey, two.grey)
    np.testing.assert_array_equal(one.ink, two.ink)


def test_scenes_hold_digits_other_things_several_digits_and_nothing(hands):
    random = np.random.default_rng(0)
    scenes = [make_scene(hands, random) for _ in range(300)]
    labels = [scene.label for scene in scenes]
    assert set(labels) == {*range(10), NO_DIGIT, None}
    assert all(scene.ink.any() for scene in scenes if scene.label != NO_DIGIT)
    assert 0.1 < np.mean([not scene.ink.any() for scene in scenes]) < 0.3
    assert all(scene.grey.dtype == scene.ink.dtype == np.uint8 for scene in scenes)


def test_ink_that_nobody_could_see_is_noticed():
    ink = np.zeros((40, 40), np.uint8)
    ink[10:30, 18:22] = 255
    noise = np.random.default_rng(0).normal(128, 20, (40, 40)).clip(0, 255).astype(np.uint8)
    assert is_visible(Scene(255 - ink, ink, 1))
    assert not is_visible(Scene(noise, ink, 1))
    assert not is_visible(Scene(np.full_like(ink, 90), ink, 1))
    assert is_visible(Scene(noise, np.zeros_like(ink), NO_DIGIT))


@pytest.mark.parametrize("name", LINEWORK)
def test_linework_covers_some_of_the_picture_but_not_all(name):
    random = np.random.default_rng(0)
    covers = [LINEWORK[name](random, SHAPE, BOX) for _ in range(30)]
    assert all(layer.shape == SHAPE and layer.min() >= 0 and layer.max() <= 1 for layer in covers)
    assert 0.001 < np.mean([layer.mean() for layer in covers]) < 0.5


def test_neighbours_and_notes_leave_the_writing_alone(hands):
    random = np.random.default_rng(0)
    left, top, right, bottom = map(round, BOX)
    layers = [make(hands, random, SHAPE, BOX) for make in (neighbours, corner_marks) for _ in range(30)]
    assert sum(layer.any() for layer in layers) > 40
    assert not any(layer[top + 2 : bottom - 2, left + 2 : right - 2].any() for layer in layers)


def test_a_sheet_holds_the_writing():
    random = np.random.default_rng(0)
    sheets = [sheet(random, SHAPE, BOX) for _ in range(30)]
    assert all(layer[20:90, 30:80].min() > 0.99 for layer in sheets)
    assert any(layer.min() == 0 for layer in sheets)


def test_patches_are_cropped_and_of_one_size(hands):
    random = np.random.default_rng(0)
    patches = [hands.digit(random)[0] for _ in range(40)] + [hands.other(random) for _ in range(40)]
    assert all(max(patch.shape) in range(PATCH, PATCH + 6) and patch.max() > 127 for patch in patches)


def test_a_batch_is_the_same_wherever_it_is_made(hands):
    one, two = make_batch(hands, 0, 4), make_batch(hands, 0, 4)
    np.testing.assert_array_equal(one.canvases, two.canvases)
    assert one.canvases.shape[3] == 3 * one.canvases.shape[2]  # every fifth is of lines
    assert one.inks.any()
