"""Random distortions that teach a network to look past everything but the strokes.

They are chosen at random and mixed with the picture; none imitates a corruption of MNIST-C, which stays a test of what
was never seen (Mu and Gilmer, arXiv:1906.02337).

Sources: mixing, Hendrycks et al., "AugMix", arXiv:1912.02781; random filters, Xu et al., "Robust and Generalizable
Visual Representation Learning via Random Convolutions", arXiv:2007.13003; laying pictures and textures over one
another, Hendrycks et al., "PixMix", arXiv:2112.05135.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from mnist_demo.training.augmentation import normal, uniform

Distortion = Callable[[Tensor, torch.Generator], Tensor]

FILTER_SIDE = 5  # px, of the largest random filters; others are 1 or 3 px
LEVELS = (2, 6)  # of brightness after posterising, the upper bound excluded
TONE_POINTS = 4  # of a random tone curve, between which it is straight
STRONGEST_OVERLAY = 0.6
TILES = 4  # of the picture along each side, in which contrast is changed
BLOCK_SIDE, DROPPED = 4, 0.15  # px; share of the blocks that are blanked out
CHAIN = 2  # distortions applied one after the other


def distort(images: Tensor, generator: torch.Generator, share: float) -> Tensor:
    """Distort a share of the pictures, each mixed with itself as it was.

    Args:
        images: (batch, 1, side, side) in [0, 1].
        generator: source of randomness, on the device of the pictures.
        share: of the pictures that are distorted; which ones is random.
    """
    count = round(share * len(images))
    chosen = uniform(len(images), generator=generator).argsort()[:count]
    distorted = originals = images[chosen]
    for _ in range(CHAIN):
        distorted = _each_with_one(DISTORTIONS, distorted, generator)
    weight = uniform(count, 1, 1, 1, generator=generator)
    return images.index_copy(0, chosen, (originals + weight * (distorted - originals)).clamp(0, 1))


def filter_randomly(images: Tensor, generator: torch.Generator) -> Tensor:
    """Convolve each picture with a random filter of its own, and bring the result back to [0, 1]."""
    count, _, height, width = images.shape
    places = torch.arange(FILTER_SIDE, device=images.device) - FILTER_SIDE // 2
    reach = torch.maximum(places.abs()[:, None], places.abs()[None])  # of each weight from the middle, px
    longest = torch.randint(FILTER_SIDE // 2 + 1, (count, 1, 1, 1), generator=generator, device=images.device)
    filters = normal(count, 1, FILTER_SIDE, FILTER_SIDE, generator=generator) * (reach <= longest)
    as_channels = images.view(1, count, height, width)
    return _stretch(functional.conv2d(as_channels, filters, padding=FILTER_SIDE // 2, groups=count).view_as(images))


def map_tones(images: Tensor, generator: torch.Generator) -> Tensor:
    """Send the brightness of each picture through a random curve, which may also invert it."""
    curves = uniform(len(images), TONE_POINTS, generator=generator)
    places = images.flatten(1) * (TONE_POINTS - 1)
    before = places.long().clamp(max=TONE_POINTS - 2)
    low, high = curves.gather(1, before), curves.gather(1, before + 1)
    return _stretch((low + (places - before) * (high - low)).view_as(images))


def posterise(images: Tensor, generator: torch.Generator) -> Tensor:
    """Reduce each picture to a few levels of brightness."""
    levels = torch.randint(*LEVELS, (len(images), 1, 1, 1), generator=generator, device=generator.device)
    return (images * (levels - 1)).round() / (levels - 1)


def vary_contrast(images: Tensor, generator: torch.Generator) -> Tensor:
    """Strengthen and weaken the contrast from place to place."""
    factors = uniform(len(images), 1, TILES, TILES, generator=generator)
    return images * functional.interpolate(factors, size=images.shape[2:], mode="bilinear", align_corners=True)


def overlay(images: Tensor, generator: torch.Generator) -> Tensor:
    """Lay the mirror image of another picture of the batch over each: its strokes brighten paper and darken ink."""
    others = images[uniform(len(images), generator=generator).argsort()].flip(3)
    return (images - others * uniform(len(images), 1, 1, 1, generator=generator) * STRONGEST_OVERLAY).abs()


def add_texture(images: Tensor, generator: torch.Generator) -> Tensor:
    """Add a random texture to each picture: noise through a random filter."""
    texture = filter_randomly(normal(*images.shape, generator=generator), generator) - 0.5
    return (images + texture * uniform(len(images), 1, 1, 1, generator=generator)).clamp(0, 1)


def drop_blocks(images: Tensor, generator: torch.Generator) -> Tensor:
    """Blank out blocks of each picture: strokes break."""
    blocks = [length // BLOCK_SIDE for length in images.shape[2:]]
    kept = uniform(len(images), 1, *blocks, generator=generator) > DROPPED
    return images * functional.interpolate(kept.to(images.dtype), size=images.shape[2:])


DISTORTIONS: tuple[Distortion, ...] = (
    filter_randomly,
    map_tones,
    posterise,
    vary_contrast,
    overlay,
    add_texture,
    drop_blocks,
)


def _each_with_one(distortions: tuple[Distortion, ...], images: Tensor, generator: torch.Generator) -> Tensor:
    """Apply to each picture one of the distortions: random groups of equal size, each with one."""
    order = uniform(len(images), generator=generator).argsort()
    distorted = images.clone()
    for distortion, group in zip(distortions, order.tensor_split(len(distortions)), strict=True):
        if len(group):
            distorted[group] = distortion(images[group], generator)
    return distorted


def _stretch(images: Tensor) -> Tensor:
    """Map the darkest pixel of each picture to 0, the brightest to 1."""
    low, high = images.amin(dim=(1, 2, 3), keepdim=True), images.amax(dim=(1, 2, 3), keepdim=True)
    return (images - low) / (high - low).clamp(min=1e-6)
