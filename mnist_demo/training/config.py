"""TrainConfig: all settings of a training run."""

from dataclasses import asdict, dataclass
from typing import Any

from mnist_demo.checks import finite_number, require_choice, share, whole_number
from mnist_demo.errors import SettingsError
from mnist_demo.networks.devices import check_device
from mnist_demo.networks.registry import MODELS, check_sizes

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
    """All settings of a training run, validated; every way to start a run goes through this class.

    Attributes:
        recipe: a key of RECIPES, where the settings came from.
        model: a key of MODELS.
        optimizer: "adam" or "sgd".
        learning_rate: above 0, at most 10.
        momentum: 0 to less than 1; the momentum of SGD, the first beta of Adam (Kingma and Ba 2015).
        batch_size: 1 to 10,000 images per step.
        epochs: 1 to 1,000 passes over the training split.
        seed: 0 to 2**32 - 1; determines the initial weights and the order of the images.
        device: "auto", "cpu", "cuda", "cuda:N" or "mps".
        schedule: "constant", or "one-cycle": the learning rate rises to its value and falls to almost zero
            (Smith and Topin, arXiv:1708.07120).
        weight_decay: 0 to 1, times the weights, is added to the gradient.
        augmentation: "none", or "drawing": pictures are varied as people draw, and synthetic drawings of digits and
            non-digits are mixed in.
        validation_size: 0 to 30,000 images held out at the end of the training split; the temperature and threshold
            of a network that rejects are fitted on them.
        label_smoothing: 0 to less than 1, the share of each label that is spread over all ten digits (Szegedy et al.,
            arXiv:1512.00567); reported losses do not include it.
        pass_size: 1 to 10,000 images per forward pass; for a larger batch gradients are accumulated over several
            passes, while batch normalisation sees each pass separately.
        cores: 0 to 64, the cores that PyTorch computes on if the device is a CPU; 0 for PyTorch's default.
        sizes: layer sizes of the network, from the input on, if they are configurable; () for the defaults.

    Raises:
        SettingsError: a setting is out of range; the message names it and the allowed range.
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
    pass_size: int = 64  # fits the CPU caches (125 took twice as long with the larger networks), and keeps stops fast
    cores: int = 0
    sizes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
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
        """Return the metadata for a weights file: the settings, and the test accuracy in [0, 1] if measured."""
        accuracy = None if test_accuracy is None else f"{test_accuracy:.4f}"
        return {**asdict(self), "test_accuracy": accuracy}


# The tutorials' batches are so small that a second core does not help, and it is left to those who watch and draw.
