"""Which pixels speak for a digit, and which against it: integrated gradients, and occlusion.

integrated_gradients(load_checkpoint(path).model, split.images[:1], split.labels[:1])[0]  # (28, 28)
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from mnist_demo.data.batches import to_input
from mnist_demo.data.datasets import SIDE
from mnist_demo.data.subject import CLASSES
from mnist_demo.errors import ImageError, SettingsError
from mnist_demo.insight.modes import evaluating

STEPS = 256  # points on the way from black to the picture, enough for 98 of 100 images
MISSED = 0.01  # the share of the change that the sum may miss; where it misses more, there are more points
FINER = (4, 16)  # times as many
PATCH = 5  # px a side of what is covered at a time: about the width of a stroke and what is beside it
PASS = 256  # images in one pass

Images = NDArray[np.uint8]  # (N, 28, 28), ink is 255 on 0
Digits = NDArray[np.integer] | list[int]
Relevance = NDArray[np.float32]


def integrated_gradients(
    model: nn.Module, images: Images, digits: Digits, steps: int = STEPS, against: Digits | None = None
) -> Relevance:
    """Return how much each pixel adds to the logit of a digit, on the way from a black picture to the image.

    They sum to the change of the logit within 1%: where a network bends so often that the sum which stands for an
    integral misses more, it is done again with 4, and then with 16 times as many points. Source: Sundararajan, Taly,
    Yan, "Axiomatic attribution for deep networks", ICML 2017, arXiv:1703.01365.

    Args:
        model: any network of MODELS, whose batch normalisation may be folded; it is used in eval mode.
        images: (N, 28, 28) uint8, ink is 255 on 0.
        digits: (N,) the digit in question for each.
        steps: points on the way, at first.
        against: (N,) other digits; then it is the lead of the first digit over them that is shared out.

    Returns:
        (N, 28, 28) float32, in units of the logit; 0 where there is no ink.

    Raises:
        ImageError: the images are not in MNIST's format.
        SettingsError: a digit is none, their number differs from that of the images, or there are no steps.
    """
    if steps < 1:
        raise SettingsError(f"steps: expected at least 1, found {steps}")
    ends, chosen = _check(model, images, digits, against)
    with evaluating(model):
        relevance = _integrate(model, ends, chosen, steps)
        changes = _change(model, ends, chosen)
        for times in FINER:
            missed = (relevance.sum(dim=(1, 2, 3)) - changes).abs() > MISSED * changes.abs()
            if missed.any():
                relevance[missed] = _integrate(model, ends[missed], chosen[missed], times * steps)
    return relevance[:, 0].cpu().numpy()


def _integrate(model: nn.Module, ends: Tensor, chosen: Tensor, steps: int) -> Tensor:
    """Return the (N, 1, 28, 28) sums for inputs (N, 1, 28, 28) and the weights of their logits (N, 10)."""
    # Dense near black, where networks change most: points at the squares of midpoints, weighted by their distances.
    roots = (torch.arange(steps, device=ends.device) + 0.5) / steps
    relevance = torch.zeros_like(ends)
    for some in torch.split(roots, max(1, PASS // max(1, len(ends)))):
        root = some[:, None, None, None, None]
        points = (root**2 * ends).flatten(0, 1).requires_grad_()
        score = (model(points) * chosen.repeat(len(some), 1)).sum()
        (gradients,) = torch.autograd.grad(score, points)
        relevance += (2 * root * gradients.view(len(some), *ends.shape)).sum(dim=0)
    return relevance * ends / steps


@torch.no_grad()
def _change(model: nn.Module, ends: Tensor, chosen: Tensor) -> Tensor:
    """Return by how much the score of each input differs from that of a black picture, (N,)."""
    scores: Tensor = model(ends) - model(torch.zeros_like(ends[:1]))
    return (scores * chosen).sum(dim=1)


@torch.inference_mode()
def occlusion(
    model: nn.Module, images: Images, digits: Digits, size: int = PATCH, against: Digits | None = None
) -> Relevance:
    """Return by how much the logit of a digit falls where the image is covered with black.

    A pixel has the mean over all patches of `size` px a side that cover it; those at the border are cut off. Source:
    Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV 2014, arXiv:1311.2901.

    Args:
        model, images, digits, against: as for `integrated_gradients`.
        size: px, odd.

    Returns:
        (N, 28, 28) float32, in units of the logit.

    Raises:
        ImageError, SettingsError: as for `integrated_gradients`, or the size is none.
    """
    if not (1 <= size <= SIDE and size % 2):
        raise SettingsError(f"size: expected an odd number from 1 to {SIDE}, found {size}")
    whole, chosen = _check(model, images, digits, against)
    covers = _covers(size).to(whole)  # (784, 1, 28, 28): 0 under the patch around each pixel
    falls = []
    with evaluating(model):
        for image, weights in zip(whole, chosen, strict=True):
            score = (model(image[None]) @ weights).squeeze()
            falls.append(torch.cat([score - model(image * some) @ weights for some in torch.split(covers, PASS)]))
    maps = torch.stack(falls).view(-1, 1, SIDE, SIDE)
    # The mean over all patches that cover a pixel is the mean of the falls at their centres.
    means = functional.avg_pool2d(maps, size, stride=1, padding=size // 2, count_include_pad=False)
    return means[:, 0].cpu().numpy()


def _covers(size: int) -> Tensor:
    patches = torch.eye(SIDE * SIDE).view(-1, 1, SIDE, SIDE)
    return 1 - functional.max_pool2d(patches, size, stride=1, padding=size // 2)


def _check(model: nn.Module, images: Images, digits: Digits, against: Digits | None) -> tuple[Tensor, Tensor]:
    """Return the network's input (N, 1, 28, 28), and the weights of the logits that make up the score, (N, 10)."""
    if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE):
        raise ImageError(f"expected images (N, {SIDE}, {SIDE}) of uint8, found {images.shape} of {images.dtype}")
    weights = _one_hot("digits", digits, len(images))
    if against is not None:
        weights = weights - _one_hot("against", against, len(images))
    parameter = next(model.parameters())
    inputs = to_input(torch.from_numpy(np.ascontiguousarray(images)))
    return inputs.to(parameter.device), weights.to(parameter.device)


def _one_hot(name: str, digits: Digits, count: int) -> Tensor:
    chosen = np.asarray(digits, None if len(digits) else np.int64)
    if chosen.shape != (count,) or not np.issubdtype(chosen.dtype, np.integer):
        raise SettingsError(f"{name}: expected {count} whole numbers, found {chosen.shape} of {chosen.dtype}")
    if count and not (chosen.min() >= 0 and chosen.max() < CLASSES):
        raise SettingsError(f"{name}: expected 0 to {CLASSES - 1}, found {chosen.min()} to {chosen.max()}")
    return functional.one_hot(torch.from_numpy(chosen.astype(np.int64)), CLASSES).float()
