"""Make the map of a dataset that the Browse tab shows, and keep it beside the data, where the page finds it.

python -m mnist_demo.map [--data DIR] [--seed N]

Without --data this makes mnist_demo/data/map.safetensors again, in two minutes on two cores. It needs scikit-learn,
which the page does not.
"""

import argparse
import importlib.util
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from mnist_demo.data.datasets import Split, load_split
from mnist_demo.errors import MnistDemoError, SettingsError
from mnist_demo.insight.last_hidden import last_hidden
from mnist_demo.insight.sample_map import TSNE, SampleMap, choose_samples, fit_square
from mnist_demo.insight.sample_map_file import describe_origin, place_of, write_map
from mnist_demo.networks.checkpoints import WEIGHTS, load_checkpoint
from mnist_demo.networks.registry import DEFAULT_MODEL

PERPLEXITY = 30  # the number of neighbours that count, roughly: what van der Maaten and Hinton propose


def main() -> None:
    """Make the map of both splits, and write it."""
    parser = argparse.ArgumentParser(description="Make the map of a dataset.")
    parser.add_argument("--data", type=Path, metavar="DIR", help="IDX files with MNIST's names; default: MNIST")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    arguments = parser.parse_args()
    try:
        splits = {name: load_split(arguments.data, train=name == "train") for name in ("train", "test")}
        path = place_of(arguments.data)
        if not os.access(path.parent, os.W_OK):  # told at once, not after all the work
            raise SettingsError(f"{path}: cannot be written; copy the data to a folder that can, and name that one")
        if importlib.util.find_spec("sklearn") is None:
            raise SettingsError("scikit-learn is missing; install it with: pip install scikit-learn")
        made, origin = make_map(splits, arguments.seed)
        write_map(path, made, origin, {"seed": str(arguments.seed), "date": date.today().isoformat()})
    except MnistDemoError as error:
        parser.exit(1, f"{error}\n")
    print(f"{path}: {', '.join(f'{len(indices):,} of {name}' for name, indices in made.indices.items())}")


def make_map(splits: dict[str, Split], seed: int) -> tuple[SampleMap, dict[str, str]]:
    """Make the map of splits, and return it with what it depends on.

    It is made from the last hidden layer of the best network, or from pixels if that has learned other classes.

    Raises:
        CheckpointError: the weights are missing or damaged.
    """
    from sklearn.manifold import TSNE as Embedding  # which only this needs

    indices = choose_samples(splits)
    images = np.concatenate([splits[name].images[chosen] for name, chosen in indices.items()])
    checkpoint = load_checkpoint(WEIGHTS / f"{DEFAULT_MODEL}.safetensors")
    is_known = checkpoint.subject.classes == splits["train"].subject.classes
    vectors = last_hidden(checkpoint.model, images) if is_known else images.reshape(len(images), -1)
    made = SampleMap.of(indices, vectors)
    perplexity = min(PERPLEXITY, (len(images) - 1) / 3)
    places = Embedding(perplexity=perplexity, random_state=seed, n_jobs=-1).fit_transform(made.codes)
    return replace(made, layouts={**made.layouts, TSNE: fit_square(places)}), describe_origin(splits, is_known)


if __name__ == "__main__":
    main()
