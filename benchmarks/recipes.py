"""Run every tutorial's recipe over several seeds and compare with what the tutorial printed.

python benchmarks/recipes.py [--seeds 3] [--recipe NAME] [--epochs N]
"""

import argparse
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from mnist_demo import RECIPES, build_model, load_split, train
from mnist_demo.training.events import Ended, EpochEnded
from mnist_demo.training.recipes import TUTORIALS, configure


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare our recipes with the tutorials.")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--recipe", choices=list(TUTORIALS), action="append", help="default: all")
    parser.add_argument("--epochs", type=int, help="default: as many as the tutorial names")
    arguments = parser.parse_args()
    print("| recipe | tutorial train / test | ours train | ours test | spread of test | best epoch test | seconds |")
    print("|---|---|---|---|---|---|---|")
    for recipe in arguments.recipe or TUTORIALS:
        results = [run(recipe, seed, arguments.epochs) for seed in range(arguments.seeds)]
        trains, tests, bests, seconds = (list(column) for column in zip(*results, strict=True))
        printed = TUTORIALS[recipe]
        print(
            f"| {recipe} | {percent(printed.train_accuracy)} / {percent(printed.test_accuracy)} "
            f"| {statistics.mean(trains):.2%} | {statistics.mean(tests):.2%} | {min(tests):.2%} to {max(tests):.2%} "
            f"| {statistics.mean(bests):.2%} | {statistics.mean(seconds):.1f} |",
            flush=True,
        )


def run(recipe: str, seed: int, epochs_wanted: int | None = None) -> tuple[float, float, float, float]:
    """Return train accuracy, test accuracy, the best epoch's test accuracy, and the seconds of training."""
    config = configure(recipe, seed=seed, epochs=epochs_wanted)
    model = build_model(RECIPES[recipe].model, seed)
    epochs: list[EpochEnded] = []
    for event in train(model, load_split(train=True), load_split(train=False), config):
        if isinstance(event, EpochEnded):
            epochs.append(event)
        elif isinstance(event, Ended):
            best = max(epoch.test_accuracy for epoch in epochs)
            return event.train_accuracy or 0.0, event.test_accuracy or 0.0, best, epochs[-1].seconds
    raise RuntimeError(f"{recipe} with seed {seed} did not end")


def percent(accuracy: float | None) -> str:
    return "not printed" if accuracy is None else f"{accuracy:.2%}"


if __name__ == "__main__":
    main()
