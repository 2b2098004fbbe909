"""Darkness on paper -> a picture: light, camera or scanner, resolution, compression."""

import io

import numpy as np
from PIL import Image

from mnist_demo.reading.pictures import Grey
from mnist_demo.training.synthetic.clutter import Layer, blur, half_plane, smooth_field

LEAST_SIZE = 8  # px of what is written: coarser than that, nobody reads it
LIGHT_INK = 0.35  # share of the pictures with light ink on a dark ground


def expose(random: np.random.Generator, darkness: Layer, ink: Layer, visible: Layer, size: float) -> tuple[Grey, Grey]:
    """Return the picture, uint8 and perhaps smaller, and its ink, (H, W) uint8.

    Args:
        random: source of randomness.
        darkness: (H, W), 1 for the pen's own.
        ink: (H, W), what is written.
        visible: (H, W), 1 where the paper shows, 0 where the table does.
        size: of what is written, px.
    """
    paper = random.uniform(0.35, 1.0)
    contrast = paper * (0.07 + 0.9 * random.random() ** 0.7)
    levels = _light(random, paper, contrast, darkness)
    table = _table(random, visible, paper)
    levels = levels * visible + table * (1 - visible)
    if chance(random, 0.18):
        levels, ink = _turn(random, levels, ink)
    levels = _focus(random, levels, size)
    levels = _resolve(random, levels, size)
    levels = levels + random.normal(0, 1, levels.shape).astype(np.float32) * _noise(random, contrast)
    if chance(random, 0.08):
        levels = (levels > np.median(levels) - contrast / 2).astype(np.float32)
    grey = (np.clip(levels, 0, 1) * 255).astype(np.uint8)
    if chance(random, LIGHT_INK):
        grey = 255 - grey
    if chance(random, 0.3):
        grey = _compress(random, grey)
    if chance(random, 0.1):
        grey = (grey // int(random.choice([2, 4, 16, 64]))).astype(np.uint8)  # files of few levels
    return grey, (np.clip(ink, 0, 1) * 255).astype(np.uint8)


def _light(random: np.random.Generator, paper: float, contrast: float, darkness: Layer) -> Layer:
    """Return the brightness of paper and ink, 0 to 1, in uneven light."""
    shape = darkness.shape
    ground = np.full(shape, paper, np.float32)
    if chance(random, 0.25):  # mottled paper
        ground += smooth_field(random, shape, int(random.integers(3, 40))) * contrast * random.uniform(0.02, 0.15)
    if chance(random, 0.08):  # areas of other shades, as on a map or a screen
        ground -= half_plane(random, shape, 1.0) * contrast * random.uniform(-0.5, 0.6)
    levels = ground - contrast * darkness
    if chance(random, 0.25):
        field = smooth_field(random, shape, int(random.integers(2, 4)))
        levels = levels * np.clip(1 + field * random.uniform(0.03, 0.3), 0.15, 1.5)
    if chance(random, 0.12):  # a shadow
        levels = levels * (1 - half_plane(random, shape, random.uniform(1, 40)) * random.uniform(0.1, 0.6))
    return levels.astype(np.float32)


def _table(random: np.random.Generator, visible: Layer, paper: float) -> Layer:
    tone = random.uniform(0, 0.6) * paper if random.random() < 0.65 else random.uniform(0, 1)
    return (tone + smooth_field(random, visible.shape, 20) * random.uniform(0, 0.06)).astype(np.float32)


def _turn(random: np.random.Generator, levels: Layer, ink: Layer) -> tuple[Layer, Layer]:
    """Turn the whole picture by up to 25 degrees; its corners become black, white or grey."""
    angle = random.uniform(-25, 25)
    fill = float(random.choice([0.0, 0.0, 1.0, random.random()]))
    picture, mask = (Image.fromarray(field.astype(np.float32)) for field in (levels, ink))
    turned = picture.rotate(angle, Image.Resampling.BILINEAR, fillcolor=fill)
    return np.asarray(turned), np.asarray(mask.rotate(angle, Image.Resampling.BILINEAR))


def _focus(random: np.random.Generator, levels: Layer, size: float) -> Layer:
    """Blur half of the pictures, a few of them much, but no more than the size of the writing allows."""
    kind = random.random()
    if kind < 0.5:
        return levels
    radius = random.uniform(0.2, 1.2) if kind < 0.85 else random.uniform(1.0, 4.0)
    return blur(levels, min(radius, 0.05 * size))


def _resolve(random: np.random.Generator, levels: Layer, size: float) -> Layer:
    """Reduce two thirds of the pictures, and enlarge some of these again."""
    finest = LEAST_SIZE / max(size, LEAST_SIZE)
    if random.random() < 0.35:
        return levels
    scale = float(np.exp(random.uniform(np.log(finest), 0)))
    height, width = (max(4, round(side * scale)) for side in levels.shape)
    method = random.choice([Image.Resampling.BOX, Image.Resampling.BILINEAR, Image.Resampling.LANCZOS])
    small = Image.fromarray(levels).resize((width, height), Image.Resampling(method))
    if random.random() < 0.35:
        method = random.choice([Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC])
        small = small.resize(levels.shape[::-1], Image.Resampling(method))
    return np.asarray(small, np.float32)


def _noise(random: np.random.Generator, contrast: float) -> float:
    """Return the deviation of the noise: none in a third of the pictures, else below the contrast of the ink."""
    return 0.0 if random.random() < 0.35 else float(contrast * random.uniform(0, 0.22) ** 1.3)


def _compress(random: np.random.Generator, grey: Grey) -> Grey:
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "JPEG", quality=int(random.integers(12, 90)))
    return np.asarray(Image.open(file))


def chance(random: np.random.Generator, share: float) -> bool:
    """Return whether something happens that happens in this share of the cases."""
    return bool(random.random() < share)
