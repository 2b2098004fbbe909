"""Whether the pixels that are marked matter: what a network loses when the most marked tenth is blotted out.

    python benchmarks/saliency.py [--images 1000]

For the first images of the test split and their labels, by integrated gradients and by occlusion: by how much the logit
falls when the most marked tenth of the pixels is made black, beside any tenth, chosen at random; ten times, for the
spread. The goal: at least three times as much. Also how far integrated gradients miss their sum, the goal is 1%.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parent.parent))

from mnist_demo import MODELS, load_split
from mnist_demo.data.batches import to_input
from mnist_demo.insight.saliency import Images, integrated_gradients, occlusion
from mnist_demo.networks.checkpoints import WEIGHTS, load_checkpoint

TENTH = 28 * 28 // 10
DRAWS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure whether the pixels that are marked matter.")
    parser.add_argument("--images", type=int, default=1000, help="of the test split; default: %(default)s")
    count = parser.parse_args().images
    split = load_split(train=False)
    images, digits = split.images[:count], split.labels[:count].astype(np.int64)
    print("| network | any tenth | most marked, gradients | ratio | most marked, occlusion | ratio | sum missed by |")
    print("|---|---|---|---|---|---|---|")
    for name in MODELS:
        model = load_checkpoint(WEIGHTS / f"{name}.safetensors").model.eval()
        print(f"| {name} | {measure(model, images, digits)} |", flush=True)


def measure(model: nn.Module, images: Images, digits: np.ndarray) -> str:
    """Return the other cells of a row."""
    random = np.random.default_rng(0)
    pixels = np.tile(np.arange(28 * 28), (len(images), 1))
    before = logits_of(model, images, digits)

    def fall(order: np.ndarray) -> float:
        blotted = images.reshape(len(images), -1).copy()
        np.put_along_axis(blotted, order[:, :TENTH], 0, axis=1)
        return float((before - logits_of(model, blotted.reshape(images.shape), digits)).mean())

    falls = [fall(random.permuted(pixels, axis=1)) for _ in range(DRAWS)]
    any_tenth = float(np.mean(falls))
    gradients, covered = integrated_gradients(model, images, digits), occlusion(model, images, digits)
    change = before - logits_of(model, np.zeros_like(images), digits)
    missed = np.abs(gradients.sum(axis=(1, 2)) - change) / np.abs(change)
    cells = [f"{any_tenth:.2f} ± {np.std(falls):.2f}"]
    for relevance in (gradients, covered):
        marked = fall(np.argsort(-relevance.reshape(len(images), -1), axis=1))
        cells += [f"{marked:.2f}", f"{marked / any_tenth:.1f}" if any_tenth > 0 else "any tenth costs nothing"]
    return " | ".join([*cells, f"{np.median(missed):.2%}, {np.percentile(missed, 99):.2%} in the 99th percentile"])


@torch.inference_mode()
def logits_of(model: nn.Module, images: Images, digits: np.ndarray) -> np.ndarray:
    """Return the logit of the digit for each image."""
    rows = [model(to_input(part)) for part in torch.split(torch.from_numpy(images), 250)]
    return torch.cat(rows).numpy()[np.arange(len(images)), digits]


if __name__ == "__main__":
    main()
