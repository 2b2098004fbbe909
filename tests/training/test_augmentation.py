import pytest
import torch

from mnist_demo.data.datasets import load_split
from mnist_demo.training.augmentation import augment, cut_out, vary_ink, vary_weight, warp


@pytest.fixture(scope="module")
def images():
    return torch.from_numpy(load_split(train=True).images[:256]).unsqueeze(1) / 255


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("step", [augment, vary_weight, warp, vary_ink, cut_out])
def test_pictures_stay_pictures_and_a_seed_repeats_them(images, step):
    varied = step(images, generator())
    assert varied.shape == images.shape
    assert varied.min() >= -1e-6
    assert varied.max() <= 1 + 1e-6
    assert torch.equal(varied, step(images, generator()))
    assert not torch.equal(varied, step(images, generator(1)))


def test_most_of_the_ink_stays_on_the_picture(images):
    kept = augment(images, generator()).sum() / images.sum()
    assert 0.6 < kept < 1.3


def test_some_strokes_become_wider_and_some_narrower(images):
    change = (vary_weight(images, generator()) - images).sum(dim=(1, 2, 3))
    assert (change > 0).float().mean() == pytest.approx(0.33, abs=0.1)
    assert (change < 0).float().mean() == pytest.approx(0.33, abs=0.1)


def test_a_few_pictures_lose_a_patch(images):
    ones = torch.ones_like(images)
    lost = (cut_out(ones, generator()) == 0).flatten(1).sum(dim=1)
    assert (lost > 0).float().mean() == pytest.approx(0.15, abs=0.08)
    assert lost.max() <= 64


def test_pictures_are_warped_each_in_its_own_way(images):
    same = images[:1].expand(64, -1, -1, -1)
    varied = warp(same, generator())
    differences = (varied[:1] - varied[1:]).abs().mean(dim=(1, 2, 3))
    assert (differences > 0).all()


def test_without_strength_pictures_stay_as_they_are(images):
    assert torch.allclose(augment(images, generator(), strength=0.0), images, atol=1e-5)


def test_with_less_strength_pictures_change_less(images):
    change = {strength: (augment(images, generator(), strength) - images).abs().mean() for strength in (0.2, 0.5, 1.0)}
    assert change[0.2] < change[0.5] < change[1.0]


def test_some_pictures_are_as_coarse_as_a_scan_of_few_pixels(images):
    checkers = (torch.arange(28)[:, None] + torch.arange(28)) % 2 * torch.ones_like(images)
    coarse = vary_ink(checkers, generator()).std(dim=(1, 2, 3)) < 0.1
    assert coarse.float().mean() == pytest.approx(0.15, abs=0.08)
