"""Damages to a picture, each with a strength, to try what a network still reads.

damage(split.images[:1], "rotate", 30)[0]  # (28, 28), turned by 30 degrees
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from mnist_demo.checks import finite_number
from mnist_demo.data.datasets import SIDE
from mnist_demo.errors import ImageError, NotFoundError, SettingsError
from mnist_demo.insight.filters import Ink, blur, warp


@dataclass(frozen=True)
class Damage:
    """A kind of damage.

    Attributes:
        unit: of its strength.
        low, high: the strengths that make sense.
        none: the strength that changes nothing.
        apply: maps ink (N, 28, 28) in [0, 1] and a strength to damaged ink.
    """

    unit: str
    low: float
    high: float
    none: float
    apply: Callable[[Ink, float], Ink]


def damage(images: NDArray[np.uint8], name: str, strength: float) -> NDArray[np.uint8]:
    """Return damaged copies of pictures; the same ones each time.

    Args:
        images: (N, 28, 28) uint8, ink is 255 on 0.
        name: a key of DAMAGES.
        strength: in the unit of the damage, within its range.

    Raises:
        NotFoundError: there is no damage of that name.
        SettingsError: the strength is out of range.
        ImageError: the pictures are not in MNIST's format.
    """
    if name not in DAMAGES:
        raise NotFoundError(f"there is no damage {name!r}, only {', '.join(DAMAGES)}")
    if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE):
        raise ImageError(f"expected (N, {SIDE}, {SIDE}) uint8, found {images.shape} {images.dtype}")
    kind, strength = DAMAGES[name], finite_number("strength", strength)
    if not kind.low <= strength <= kind.high:
        raise SettingsError(f"strength: expected {kind.low:g} to {kind.high:g} {kind.unit}, found {strength:g}")
    damaged = kind.apply(images.astype(np.float32) / np.float32(255), strength)
    return (damaged.clip(0, 1) * 255).round().astype(np.uint8)


def rotate(ink: Ink, degrees: float) -> Ink:
    """Turn the picture clockwise."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return warp(ink, _maps(ink, cosine, sine, -sine, cosine))


def shift(ink: Ink, pixels: float) -> Ink:
    """Move the picture to the right, by a part of a pixel, too; what leaves it is gone."""
    whole, share = int(np.floor(pixels)), np.float32(pixels - np.floor(pixels))
    moved: Ink = (1 - share) * _move(ink, whole) + share * _move(ink, whole + 1)
    return moved


def scale(ink: Ink, factor: float) -> Ink:
    """Make the picture larger or smaller, from its centre."""
    return warp(ink, _maps(ink, 1 / factor, 0, 0, 1 / factor))


def shear(ink: Ink, degrees: float) -> Ink:
    """Slant the picture to the right."""
    return warp(ink, _maps(ink, 1, np.tan(np.radians(degrees)), 0, 1))


def thicken(ink: Ink, pixels: float) -> Ink:
    """Make strokes wider by so much on each side, narrower where it is negative."""
    grown = torch.from_numpy(ink if pixels > 0 else 1 - ink)[:, None]
    for step in np.arange(abs(pixels), 0, -1):
        wider = functional.max_pool2d(grown, 3, stride=1, padding=1)
        grown = grown + min(1.0, float(step)) * (wider - grown)
    thickened: Ink = grown[:, 0].numpy()
    return thickened if pixels > 0 else 1 - thickened


def soften(ink: Ink, sigma: float) -> Ink:
    """Blur with a Gaussian."""
    return blur(ink, sigma) if sigma else ink


def add_noise(ink: Ink, deviation: float) -> Ink:
    """Add normal noise, in shares of the full range."""
    noise = np.random.default_rng(0).standard_normal(ink.shape, np.float32)
    return ink + np.float32(deviation) * noise


def erase(ink: Ink, share: float) -> Ink:
    """Blacken a share of the pixels, any of them."""
    erased = np.random.default_rng(0).random(ink.shape, np.float32) < share
    return np.where(erased, 0, ink).astype(np.float32)


DAMAGES = {
    "rotate": Damage("degrees", -90, 90, 0, rotate),
    "shift": Damage("px", -10, 10, 0, shift),
    "scale": Damage("times", 0.4, 1.6, 1, scale),
    "shear": Damage("degrees", -50, 50, 0, shear),
    "thicken": Damage("px", -2, 4, 0, thicken),
    "blur": Damage("px", 0, 4, 0, soften),
    "noise": Damage("of the range", 0, 1, 0, add_noise),
    "erase": Damage("of the pixels", 0, 0.95, 0, erase),
}


def _move(ink: Ink, columns: int) -> Ink:
    moved = np.zeros_like(ink)
    if columns >= 0:
        moved[..., columns:] = ink[..., : SIDE - columns]
    else:
        moved[..., :columns] = ink[..., -columns:]
    return moved


def _maps(ink: Ink, a: float, b: float, c: float, d: float) -> NDArray[np.float32]:
    """Return the linear map from places of the result to places of the picture, (N, 2, 2), for each picture."""
    return np.broadcast_to(np.array([[a, b], [c, d]], np.float32), (len(ink), 2, 2)).copy()
