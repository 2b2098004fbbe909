"""RECIPES: the unchanged settings of public tutorials, and two of our own."""

from dataclasses import dataclass, replace
from typing import Any

from mnist_demo.checks import require_choice
from mnist_demo.training.config import TrainConfig

RECIPES: dict[str, TrainConfig] = {
    config.recipe: config
    for config in (
        TrainConfig("mlp-relu", "mlp-relu", "adam", 1e-3, momentum=0.9, batch_size=64, epochs=3, cores=1),
        TrainConfig("mlp-sigmoid", "mlp-sigmoid", "sgd", 0.2, momentum=0.9, batch_size=50, epochs=25, cores=1),
        TrainConfig("cnn", "cnn", "adam", 1e-3, momentum=0.9, batch_size=8, epochs=2, cores=1),
        TrainConfig(
            "fast",
            "fastnet",
            "adam",
            learning_rate=0.045,
            momentum=0.7,
            batch_size=256,
            epochs=1,
            schedule="one-cycle",
            label_smoothing=0.1,
            pass_size=256,
        ),
        TrainConfig(
            "digitnet",
            "digitnet",
            "sgd",
            learning_rate=0.1,
            momentum=0.9,
            batch_size=128,
            epochs=24,
            schedule="one-cycle",
            weight_decay=5e-4,
            augmentation="drawing",
            validation_size=5_000,
        ),
    )
}


@dataclass(frozen=True)
class Tutorial:
    """The tutorial that a recipe comes from.

    Attributes:
        title: what it is.
        train_accuracy, test_accuracy: the final values that it printed, in [0, 1]; None if it printed none.
        ours: our results with the recipe, mean of three seeds: benchmarks/recipes.py.
    """

    title: str
    train_accuracy: float | None
    test_accuracy: float | None
    ours: str


TUTORIALS = {
    "mlp-relu": Tutorial(
        "a PyTorch notebook for beginners",
        train_accuracy=0.9769,
        test_accuracy=0.9687,
        ours="96.2% and 95.8% after its 3 epochs; 97.7% and 96.7%, as printed, after 6",
    ),
    "mlp-sigmoid": Tutorial(
        "a PyTorch tutorial that reads the raw IDX files",
        train_accuracy=None,
        test_accuracy=None,
        ours="100% and 97.9%; best epoch 98.0%",
    ),
    "cnn": Tutorial(
        "a PyTorch tutorial on convolutional networks",
        train_accuracy=None,
        test_accuracy=0.9885,
        ours="98.7% and 98.6%, best seed 98.87%",
    ),
}


def configure(recipe: str, **changes: Any) -> TrainConfig:
    """Return the settings of a recipe with some of them changed.

    Args:
        recipe: a key of RECIPES.
        changes: fields of TrainConfig; None keeps the recipe's value.

    Raises:
        SettingsError: there is no such recipe, or a setting is out of range.
    """
    require_choice("recipe", recipe, RECIPES)
    return replace(RECIPES[recipe], **{name: value for name, value in changes.items() if value is not None})
