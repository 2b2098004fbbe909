"""Network inputs as the ink finder leaves them: digits somewhat broken or thick, and what it takes for writing."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.preparation import Prepared, keep_digit
from mnist_demo.training.synthetic.drawings import NO_DIGIT
from mnist_demo.training.synthetic.scenes import Scene, make_scene
from mnist_demo.training.synthetic.writing import Hands

# Overlap of what was found with what is there (Dice): from `SAME` on it is the digit, below `OTHER` it is not.
SAME, OTHER = 0.6, 0.3


def find_digits(hands: Hands, count: int, seed: int | tuple[int, ...] = 0) -> Iterator[tuple[Grey, int]]:
    """Yield (28, 28) network inputs, prepared from random scenes, with their labels; that of non-digits is 10.

    Args:
        hands: who writes.
        count: how many to yield.
        seed: of the scenes; the same one gives the same inputs.
    """
    random = np.random.default_rng(seed)
    while count > 0:
        scene = make_scene(hands, random)
        prepared = Prepared(scene.grey, 1.0)
        if prepared.network_input is None or (label := _label(scene, prepared)) is None:
            continue
        yield prepared.network_input, label
        count -= 1


def _label(scene: Scene, prepared: Prepared) -> int | None:
    """Return which digit was found, 10 for something else, None if that is hard to say."""
    if scene.label is None or scene.label == NO_DIGIT:
        return scene.label
    overlap = measure_overlap(scene, prepared)
    return scene.label if overlap >= SAME else NO_DIGIT if overlap < OTHER else None


def measure_overlap(scene: Scene, prepared: Prepared) -> float:
    """Return the Dice coefficient of the ink that was found and that of the scene, in [0, 1]."""
    found = prepared.found
    digit = keep_digit(found.levels, prepared.components)
    height, width = scene.grey.shape
    # The finer of the two grids is that of what was found.
    left, top = round(-found.left * found.scale), round(-found.top * found.scale)
    size = max(1, round(width * found.scale)), max(1, round(height * found.scale))
    truth = Image.fromarray(np.ascontiguousarray(scene.ink)).resize(size, Image.Resampling.BOX)
    field = Image.new("L", digit.shape[::-1])
    field.paste(truth, (left, top))
    mask = np.asarray(field) > 127
    outside = np.count_nonzero(np.asarray(truth) > 127) - np.count_nonzero(mask)
    found_mask = digit > 127
    total = int(np.count_nonzero(mask) + outside + np.count_nonzero(found_mask))
    return 2 * int(np.count_nonzero(mask & found_mask)) / max(1, total)
