"""The networks, one class each, and MODELS, the registry of their names.

Every network maps (batch, 1, 28, 28) images in [0, 1], ink is 1, to (batch, 10) logits.
"""

import contextlib
import itertools
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from mnist_demo.errors import NotFoundError
from mnist_demo.networks.sizes import check_sizes


class ReluMLP(nn.Module):
    """784-50-10 with ReLU: the smallest network that teaches something."""

    def __init__(self, sizes: tuple[int, ...] = (50,)) -> None:
        super().__init__()
        self.layers = _perceptron(sizes, nn.ReLU)

    def forward(self, images: Tensor) -> Tensor:
        """Map (batch, 1, 28, 28) images in [0, 1] to (batch, 10) logits."""
        logits: Tensor = self.layers(images)
        return logits


class SigmoidMLP(nn.Module):
    """784-100-50-10 with sigmoids: the classic of the textbooks, slow to start and then steady."""

    def __init__(self, sizes: tuple[int, ...] = (100, 50)) -> None:
        super().__init__()
        self.layers = _perceptron(sizes, nn.Sigmoid)

    def forward(self, images: Tensor) -> Tensor:
        """Map (batch, 1, 28, 28) images in [0, 1] to (batch, 10) logits."""
        logits: Tensor = self.layers(images)
        return logits


def _perceptron(sizes: tuple[int, ...], activation: type[nn.Module]) -> nn.Sequential:
    widths = (784, *sizes)
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs, outputs in zip(widths, sizes, strict=False):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], 10))


class ConvNet(nn.Module):
    """Three convolutions of 32, 32 and 64 channels, each with pooling and ReLU, then 64-64-10.

    The tutorial has the ReLU before the pooling, which gives the same numbers from four times the work.
    """

    def __init__(self, sizes: tuple[int, ...] = (32, 32, 64)) -> None:
        super().__init__()
        first, second, third = sizes
        self.features = nn.Sequential(
            nn.Conv2d(1, first, 5),  # (batch, 32, 24, 24)
            nn.MaxPool2d(2),  # (batch, 32, 12, 12)
            nn.ReLU(),
            nn.Conv2d(first, second, 5),  # (batch, 32, 8, 8)
            nn.MaxPool2d(2),  # (batch, 32, 4, 4)
            nn.ReLU(),
            nn.Conv2d(second, third, 3),  # (batch, 64, 2, 2)
            nn.MaxPool2d(2),  # (batch, 64, 1, 1)
            nn.ReLU(),
        )
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(third, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, images: Tensor) -> Tensor:
        """Map (batch, 1, 28, 28) images in [0, 1] to (batch, 10) logits."""
        logits: Tensor = self.classifier(self.features(images))
        return logits


class FastNet(nn.Module):
    """Convolutions of 16 and 32 channels, on maps of 10 and 4 px a side, then 512-128-10.

    What takes time on a CPU is the area of the maps: two pixels of every border are left out, where next to nothing is
    drawn, and stride and pooling come early. Batch normalisation also makes up for the scale of the pictures.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 6, stride=2, bias=False),  # (batch, 16, 10, 10)
            nn.MaxPool2d(2),  # (batch, 16, 5, 5), normalised after it: a quarter of the work
            nn.BatchNorm2d(16),
            nn.ReLU(inplace=True),
            nn.Conv2d(16, 32, 2, bias=False),  # (batch, 32, 4, 4)
            nn.BatchNorm2d(32),
            nn.ReLU(inplace=True),
            nn.Flatten(),
            nn.Linear(512, 128, bias=False),
            nn.BatchNorm1d(128),
            nn.ReLU(inplace=True),
            nn.Linear(128, 10),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Map (batch, 1, 28, 28) images in [0, 1] to (batch, 10) logits."""
        logits: Tensor = self.layers(images[:, :, 2:-2, 2:-2])
        return logits


class DigitNet(nn.Module):
    """Two 3x3 convolutions each of 16, 48 and 128 channels with batch normalisation, at 28, 14 and 7 px a side.

    The second one of the two wider stages is residual (He et al., arXiv:1512.03385). What the last maps hold on average
    and at most, wherever it is, goes to one linear layer: 236,186 parameters.

    It knows an eleventh answer, "no digit", whose logit is always 0: the log of the summed exponentials of the ten
    others says how much a picture is a digit at all (an energy, as in Liu et al., arXiv:2010.03759).

    Attributes:
        temperature: divides the logits, so that confidence means something (Guo et al., arXiv:1706.04599).
        threshold: of that energy; below it the picture is not read.
    """

    temperature: Tensor
    threshold: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            _convolution(1, 16),  # (batch, 16, 28, 28)
            _convolution(16, 16),
            nn.MaxPool2d(2),  # (batch, 16, 14, 14)
            _convolution(16, 48),
            _Residual(_convolution(48, 48)),
            nn.MaxPool2d(2),  # (batch, 48, 7, 7)
            _convolution(48, 128),
            _Residual(_convolution(128, 128)),
        )
        self.classifier = nn.Linear(2 * 128, 10)
        self.register_buffer("temperature", torch.tensor(1.0))
        self.register_buffer("threshold", torch.tensor(0.0))

    def forward(self, images: Tensor) -> Tensor:
        """Map (batch, 1, 28, 28) images in [0, 1] to (batch, 10) logits."""
        maps = self.features(images)
        logits: Tensor = self.classifier(torch.cat([maps.mean(dim=(2, 3)), maps.amax(dim=(2, 3))], dim=1))
        return logits / self.temperature


def _convolution(channels_in: int, channels_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False), nn.BatchNorm2d(channels_out), nn.ReLU()
    )


class _Residual(nn.Module):
    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, maps: Tensor) -> Tensor:
        added: Tensor = maps + self.body(maps)
        return added


MODELS: dict[str, type[nn.Module]] = {
    "mlp-relu": ReluMLP,
    "mlp-sigmoid": SigmoidMLP,
    "cnn": ConvNet,
    "fastnet": FastNet,
    "digitnet": DigitNet,
}
DEFAULT_MODEL = "digitnet"  # the best there is, for drawing


@torch.inference_mode(False)  # tensors that are made in it can never learn
def build_model(name: str, seed: int | None = None, sizes: tuple[int, ...] = ()) -> nn.Module:
    """Return a new, untrained network on the CPU.

    Args:
        name: a key of MODELS.
        seed: makes the random initial weights the same each time; PyTorch's global generator is left as it was.
        sizes: of the layers, from the picture on, for a network of SIZES; () for its own.

    Raises:
        NotFoundError: there is no network of that name.
        SettingsError: it cannot have these sizes.
    """
    if name not in MODELS:
        raise NotFoundError(f"there is no network {name!r}, only {', '.join(MODELS)}")
    options = {"sizes": check_sizes(name, sizes)} if sizes else {}
    with _in_float32():
        if seed is None:
            return MODELS[name](**options)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return MODELS[name](**options)


@contextlib.contextmanager
def _in_float32() -> Iterator[None]:
    """Draw weights as float32, whatever PyTorch's default is: a seed stands for the same ones, and they fit a file."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def fuse_batch_norm(model: nn.Module) -> nn.Module:
    """Fold every batch normalisation into the convolution before it, in place: the same function, in fewer steps.

    The network must be ready to evaluate, and cannot be trained afterwards.
    """
    for module in model.modules():
        if isinstance(module, nn.Sequential):
            for index, (layer, following) in enumerate(itertools.pairwise(list(module))):
                if isinstance(layer, nn.Conv2d) and isinstance(following, nn.BatchNorm2d):
                    module[index], module[index + 1] = fuse_conv_bn_eval(layer, following), nn.Identity()
    return model


def count_parameters(model: nn.Module) -> int:
    """Return how many numbers training can change."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
