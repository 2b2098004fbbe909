"""The settings of a training run, and RECIPES: those that the public tutorials used, unchanged, and two of ours."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from mnist_demo.checks import finite_number, require_choice, share, whole_number
from mnist_demo.errors import SettingsError
from mnist_demo.networks.devices import check_device
from mnist_demo.networks.registry import MODELS
from mnist_demo.networks.sizes import check_sizes

RECIPE_NAMES = ("mlp-relu", "mlp-sigmoid", "cnn", "fast", "digitnet")
OPTIMIZERS = ("adam", "sgd")
SCHEDULES = ("constant", "one-cycle")
AUGMENTATIONS = ("none", "drawing")
MAX_EPOCHS = 1_000
MAX_BATCH_SIZE = 10_000
MAX_LEARNING_RATE = 10.0
MAX_SEED = 2**32 - 1
MAX_VALIDATION = 30_000
MAX_CORES = 64


def check_learning_rate(value: Any) -> float:
    """Return `value` as a float.

    Raises:
        SettingsError: it is not a number above 0 and at most 10.
    """
    rate = finite_number("learning_rate", value)
    if not 0 < rate <= MAX_LEARNING_RATE:
        raise SettingsError(f"learning_rate: expected above 0 and at most {MAX_LEARNING_RATE:g}, found {rate:g}")
    return rate


@dataclass(frozen=True)
class TrainConfig:
    """All that decides a training run; every way to start one builds this, and so is checked by it.

    Attributes:
        recipe: a key of RECIPES: where the settings came from.
        model: a key of MODELS.
        optimizer: "adam" or "sgd".
        learning_rate: above 0, at most 10.
        momentum: 0 to less than 1; the momentum of SGD, the first beta of Adam (Kingma and Ba 2015).
        batch_size: 1 to 10,000 images a step.
        epochs: 1 to 1,000 passes over the training split.
        seed: 0 to 2**32 - 1; decides the first weights and the order of the images.
        device: "auto", "cpu", "cuda", "cuda:N" or "mps".
        schedule: "constant", or "one-cycle": the learning rate rises to its value and falls to nothing
            (Smith and Topin, arXiv:1708.07120).
        weight_decay: 0 to 1, added to the gradient as a share of the weights.
        augmentation: "none", or "drawing": pictures vary as people draw, and synthetic drawings, of digits and of
            things that are none, are mixed in.
        validation_size: 0 to 30,000 images at the end of the training split that are not learned from; temperature
            and threshold of DigitNet are fitted on them.
        label_smoothing: 0 to less than 1, the share of each label that is spread over all ten digits (Szegedy et al.,
            arXiv:1512.00567); the losses that are reported are those without it.
        pass_size: 1 to 10,000 images that go through the network at once; the gradients of a larger batch are summed
            over several passes, while batch normalisation sees each by itself.
        cores: 0 to 64 that PyTorch computes on if the device is a CPU; 0 for as many as it takes by itself.
        sizes: of the network's layers, from the picture on, where they can be chosen (SIZES); () for its own.

    Raises:
        SettingsError: a setting is out of its range; the message names it and what is allowed.
    """

    recipe: str
    model: str
    optimizer: str
    learning_rate: float
    momentum: float
    batch_size: int
    epochs: int
    seed: int = 0
    device: str = "auto"
    schedule: str = "constant"
    weight_decay: float = 0.0
    augmentation: str = "none"
    validation_size: int = 0
    label_smoothing: float = 0.0
    pass_size: int = 64  # fits the caches (125 took twice as long with the larger networks), and a stop is soon noticed
    cores: int = 0
    sizes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        require_choice("recipe", self.recipe, RECIPE_NAMES)
        require_choice("model", self.model, MODELS)
        require_choice("optimizer", self.optimizer, OPTIMIZERS)
        require_choice("schedule", self.schedule, SCHEDULES)
        require_choice("augmentation", self.augmentation, AUGMENTATIONS)
        check_device(self.device)
        for name, low, high in (
            ("batch_size", 1, MAX_BATCH_SIZE),
            ("pass_size", 1, MAX_BATCH_SIZE),
            ("epochs", 1, MAX_EPOCHS),
            ("seed", 0, MAX_SEED),
            ("validation_size", 0, MAX_VALIDATION),
            ("cores", 0, MAX_CORES),
        ):
            object.__setattr__(self, name, whole_number(name, getattr(self, name), low, high))
        object.__setattr__(self, "sizes", check_sizes(self.model, self.sizes))
        check_learning_rate(self.learning_rate)
        share("weight_decay", self.weight_decay, includes_one=True)
        share("momentum", self.momentum, includes_one=False)
        share("label_smoothing", self.label_smoothing, includes_one=False)

    def metadata(self, test_accuracy: float | None) -> dict[str, object]:
        """Return what a file of weights tells of the run: its settings, and the accuracy in [0, 1] if measured."""
        accuracy = None if test_accuracy is None else f"{test_accuracy:.4f}"
        return {**asdict(self), "test_accuracy": accuracy}


# The tutorials' batches are so small that a second core is no help, and one is left for those who watch and draw.
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
        train_accuracy, test_accuracy: what it printed at its end, in [0, 1]; None where it printed none.
        ours: what the recipe gives here, mean of three seeds: benchmarks/recipes.py.
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
        changes: fields of TrainConfig; None keeps what the recipe says.

    Raises:
        SettingsError: there is no such recipe, or a setting is out of its range.
    """
    require_choice("recipe", recipe, RECIPES)
    return replace(RECIPES[recipe], **{name: value for name, value in changes.items() if value is not None})
