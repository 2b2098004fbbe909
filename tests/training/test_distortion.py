import pytest
import torch

from mnist_demo.data.datasets import load_split
from mnist_demo.training.distortion import DISTORTIONS, distort, drop_blocks, map_tones, overlay, posterise


@pytest.fixture(scope="module")
def images():
    return torch.from_numpy(load_split(train=True).images[:240]).unsqueeze(1) / 255


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def is_changed(images, varied):
    return (images - varied).abs().amax(dim=(1, 2, 3)) > 1e-6


@pytest.mark.parametrize("step", [*DISTORTIONS, lambda images, random: distort(images, random, 1.0)])
def test_pictures_stay_pictures_and_a_seed_repeats_them(images, step):
    varied = step(images, generator())
    assert varied.shape == images.shape
    assert varied.dtype == images.dtype
    assert varied.min() >= 0
    assert varied.max() <= 1
    assert torch.equal(varied, step(images, generator()))
    assert not torch.equal(varied, step(images, generator(1)))


@pytest.mark.parametrize("step", DISTORTIONS)
def test_each_distorts_pictures_each_in_its_own_way(images, step):
    same = images[:1].expand(60, -1, -1, -1) if step is not overlay else images[:60]
    varied = step(same, generator())
    assert is_changed(same, varied).float().mean() > 0.5
    assert len({picture.numpy().tobytes() for picture in varied}) > 3


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_share_of_the_pictures_is_distorted_and_the_others_stay(images, share):
    changed = is_changed(images, distort(images, generator(), share)).float().mean()
    assert share * 0.8 <= changed <= share


def test_the_given_pictures_are_not_written_to(images):
    before = images.clone()
    distort(images, generator(), 1.0)
    assert torch.equal(images, before)


def test_a_distorted_picture_is_mixed_with_itself(images):
    distances = (distort(images, generator(), 1.0) - images).abs().mean(dim=(1, 2, 3))
    assert distances.min() < 0.01 < distances.max()


def test_a_tone_curve_sends_equal_greys_to_equal_greys(images):
    mapped = map_tones(images, generator())
    for picture, after in zip(images, mapped, strict=True):
        assert after[picture == 0].std() < 1e-6


def test_posterising_leaves_a_few_levels(images):
    assert max(len(picture.unique()) for picture in posterise(images, generator())) <= 5


def test_some_blocks_are_blank_and_the_rest_is_untouched(images):
    ones = torch.ones_like(images)
    assert drop_blocks(ones, generator()).mean() == pytest.approx(0.85, abs=0.02)
    assert set(drop_blocks(ones, generator()).unique().tolist()) == {0.0, 1.0}
