"""The smallest change of a picture that turns what a network says of it.

fool(model, split.images[0], 7)  # the picture changed, by how much, and what the network says then
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mnist_demo.checks import finite_number, whole_number
from mnist_demo.data.batches import to_input
from mnist_demo.data.datasets import SIDE
from mnist_demo.data.subject import CLASSES
from mnist_demo.errors import ImageError
from mnist_demo.insight.modes import evaluating

LARGEST = 0.5  # of the full range: then black and white are the same grey
HALVINGS = 8  # of the interval in which the size lies: to 1/512 of the range, half a grey level
STEPS = 20  # of the iterated attack, each an eighth of the bound


@dataclass(frozen=True, eq=False)
class Fooling:
    """A picture that a network takes for another digit.

    Attributes:
        picture: (28, 28) float32 in [0, 1].
        change: (28, 28) float32, by how much each pixel differs.
        size: the largest of these differences.
        digit: what the network says of it.
    """

    picture: NDArray[np.float32]
    change: NDArray[np.float32]
    size: float
    digit: int


def gradient_sign(model: nn.Module, images: Tensor, digits: Tensor, size: float) -> Tensor:
    """Change every pixel by `size`, up or down, so that the digits lose most: one step.

    Source: Goodfellow, Shlens, Szegedy, "Explaining and harnessing adversarial examples", ICLR 2015, arXiv:1412.6572.

    Args:
        model: any network of MODELS, in eval mode.
        images: (N, 1, 28, 28) in [0, 1].
        digits: (N,) int64, that they are.
        size: of the change, in [0, 1].

    Returns:
        (N, 1, 28, 28) in [0, 1].
    """
    return (images - size * _lead_gradient(model, images, digits).sign()).clamp(0, 1)


def iterated(model: nn.Module, images: Tensor, digits: Tensor, size: float, steps: int = STEPS) -> Tensor:
    """Change pixels by `size` at most, in many small steps; the arguments are those of `gradient_sign`.

    Source: Madry et al., "Towards deep learning models resistant to adversarial attacks", ICLR 2018, arXiv:1706.06083.
    """
    changed = images
    for _ in range(steps):
        step = size / 8 * _lead_gradient(model, changed, digits).sign()
        changed = torch.clamp(changed - step, images - size, images + size).clamp(0, 1)
    return changed


def fool(model: nn.Module, image: NDArray[np.uint8], digit: int, largest: float = LARGEST) -> Fooling | None:
    """Return the least changed picture, by bisection over the size, that a network takes for another digit.

    Both attacks are tried at each size. The network is used in eval mode.

    Args:
        model: any network of MODELS.
        image: (28, 28) uint8, ink is 255 on 0.
        digit: what it is; of a picture that the network takes for something else anyway, the change is 0.
        largest: the largest change that is tried, in (0, 1].

    Returns:
        None if the network is not fooled by any change of that size.

    Raises:
        ImageError: the picture is not in MNIST's format.
        SettingsError: the digit is none, or the size is out of range.
    """
    if image.dtype != np.uint8 or image.shape != (SIDE, SIDE):
        raise ImageError(f"expected ({SIDE}, {SIDE}) uint8, found {image.shape} {image.dtype}")
    digit = whole_number("digit", digit, 0, CLASSES - 1)
    high = finite_number("largest", largest)
    device = next(model.parameters()).device
    original = to_input(torch.from_numpy(image[np.newaxis].copy())).to(device)
    with evaluating(model):
        if (best := _attack(model, original, digit, 0.0)) is not None:
            return best
        best = _attack(model, original, digit, high)
        low = 0.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            found = _attack(model, original, digit, middle)
            if found is None:
                low = middle
            else:
                best, high = found, middle
    return best


def _attack(model: nn.Module, original: Tensor, digit: int, size: float) -> Fooling | None:
    digits = torch.tensor([digit], device=original.device)
    for attack in (gradient_sign, iterated):
        changed = attack(model, original, digits, size)
        with torch.no_grad():
            guess = int(model(changed).argmax())
        if guess != digit:
            picture = changed[0, 0].cpu().numpy()
            return Fooling(picture, picture - original[0, 0].cpu().numpy(), size, guess)
    return None


def _lead_gradient(model: nn.Module, images: Tensor, digits: Tensor) -> Tensor:
    """Return the gradient of the lead of each digit over the next likeliest one."""
    images = images.detach().requires_grad_()
    logits = model(images)
    own = logits.gather(1, digits[:, None])[:, 0]
    others = logits.scatter(1, digits[:, None], -torch.inf).amax(dim=1)
    (gradient,) = torch.autograd.grad((own - others).sum(), images)
    return gradient
