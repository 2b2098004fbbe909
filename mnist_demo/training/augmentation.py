"""Data augmentation: pictures of digits, varied the way handwriting and pens vary.

Sources: elastic distortions, Simard, Steinkraus, Platt, "Best practices for convolutional neural networks applied to
visual document analysis", ICDAR 2003; cut-outs, DeVries and Taylor, arXiv:1708.04552.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

# For each picture these are multiplied by a random number from 0 to 1, so that some stay almost unchanged.
TURN, SLANT = 0.18, 0.22  # standard deviations: radians; tangent of the angle
STRETCH = 0.14  # of the width, and of the height: standard deviation of its logarithm
SHIFT = 0.1  # of half the side, standard deviation
BEND = 0.09  # of half the side: standard deviation at the knots of the elastic grid
KNOTS = 5  # of that grid, along each side
MAX_WIDENING = 0.6  # share of the pixels around a stroke that a wider pen covers
COARSE_SHARE = 0.15  # of the pictures are shown at half the resolution
CUT_SHARE = 0.15  # of the pictures lose a patch
CUT_SIDES = (4, 9)  # px, the upper bound excluded


def augment(images: Tensor, generator: torch.Generator, strength: float = 1.0) -> Tensor:
    """Vary every picture as if somebody else had drawn it with another pen.

    Args:
        images: (batch, 1, side, side) in [0, 1], ink is 1.
        generator: source of randomness, on any device; on that of the pictures nothing waits for a copy.
        strength: from 0, no change, to 1, full augmentation.
    """
    for vary in (vary_weight, warp, vary_ink, cut_out):
        images = vary(images, generator, strength)
    return images


def vary_weight(images: Tensor, generator: torch.Generator, strength: float = 1.0) -> Tensor:
    """Widen the strokes of a third of the pictures, and narrow those of another third."""
    choice = _per_picture(uniform, images, generator)
    amount = strength * MAX_WIDENING * _per_picture(uniform, images, generator)
    wider = functional.max_pool2d(images, 3, stride=1, padding=1)
    narrower = -functional.max_pool2d(-images, 3, stride=1, padding=1)
    changed = torch.where(choice < 0.5, wider, narrower)
    return torch.where((choice < 0.33) | (choice > 0.67), images + amount * (changed - images), images)


def warp(images: Tensor, generator: torch.Generator, strength: float = 1.0) -> Tensor:
    """Rotate, slant, stretch, shift and bend each picture at random."""
    count, _, _, side = images.shape

    strengths = strength * uniform(count, generator=generator)

    def vary(*shape: int) -> Tensor:
        varied = normal(count, *shape, generator=generator) * strengths.view(-1, *[1] * len(shape))
        return varied.to(images.device)

    turn, slant = TURN * vary(), SLANT * vary()
    stretch = torch.exp(STRETCH * vary(2))
    row_x = torch.stack([turn.cos() * stretch[:, 0], (slant - turn.sin()) * stretch[:, 0]], dim=1)
    row_y = torch.stack([turn.sin() * stretch[:, 1], turn.cos() * stretch[:, 1]], dim=1)
    matrices = torch.cat([torch.stack([row_x, row_y], dim=1), SHIFT * vary(2, 1)], dim=2)  # (batch, 2, 3)
    grid = functional.affine_grid(matrices, list(images.shape), align_corners=False)  # (batch, side, side, 2)
    bend = functional.interpolate(BEND * vary(2, KNOTS, KNOTS), size=side, mode="bicubic", align_corners=True)
    return functional.grid_sample(images, grid + bend.permute(0, 2, 3, 1), align_corners=False)


def vary_ink(images: Tensor, generator: torch.Generator, strength: float = 1.0) -> Tensor:
    """Make ink softer, paler or harder, and some pictures as coarse as a low-resolution scan."""
    soft = functional.avg_pool2d(images, 3, stride=1, padding=1)
    coarse = functional.interpolate(functional.avg_pool2d(images, 2), scale_factor=2, mode="bilinear")
    softness = 0.5 * strength * (_per_picture(uniform, images, generator) - 0.4).clamp(min=0)
    images = images + softness * (soft - images)
    images = torch.where(_per_picture(uniform, images, generator) < strength * COARSE_SHARE, coarse, images)
    darkness = 1 - 0.4 * strength * _per_picture(uniform, images, generator) ** 2
    hardness = 0.35 * strength * _per_picture(normal, images, generator)
    return darkness * images.clamp(0, 1) ** torch.exp(hardness)


def cut_out(images: Tensor, generator: torch.Generator, strength: float = 1.0) -> Tensor:
    """Blank out a random patch in a few of the pictures."""
    count, _, height, width = images.shape
    device = generator.device
    sides = torch.randint(*CUT_SIDES, (count, 2), generator=generator, device=device)
    sides *= uniform(count, 1, generator=generator) < strength * CUT_SHARE
    corners = uniform(count, 2, generator=generator) * torch.tensor([height, width], device=device)
    top, left = corners.int().unbind(1)
    rows, columns = torch.arange(height, device=device), torch.arange(width, device=device)
    row_cut = (rows >= top[:, None]) & (rows < (top + sides[:, 0])[:, None])
    column_cut = (columns >= left[:, None]) & (columns < (left + sides[:, 1])[:, None])
    cut = (row_cut[:, :, None] & column_cut[:, None, :]).unsqueeze(1)
    return images.masked_fill(cut.to(images.device), 0)


def uniform(*shape: int, generator: torch.Generator) -> Tensor:
    """Return random numbers in [0, 1) on the generator's device: float32 like pictures, whatever PyTorch's default."""
    return torch.rand(shape, generator=generator, device=generator.device, dtype=torch.float32)


def normal(*shape: int, generator: torch.Generator) -> Tensor:
    """Return normally distributed numbers, likewise."""
    return torch.randn(shape, generator=generator, device=generator.device, dtype=torch.float32)


def _per_picture(draw: Callable[..., Tensor], images: Tensor, generator: torch.Generator) -> Tensor:
    """Return a random number for each picture, (batch, 1, 1, 1), on its device."""
    return draw(len(images), 1, 1, 1, generator=generator).to(images.device)
