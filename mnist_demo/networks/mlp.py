"""Perceptrons: fully connected layers of configurable depth and width."""

from torch import Tensor, nn

from mnist_demo.networks.sizes import Sizes
from mnist_demo.networks.spec import Spec


class ReluMLP(nn.Module):
    """784-50-10 with ReLU: the smallest network worth studying."""

    def __init__(self, sizes: tuple[int, ...] = (50,)) -> None:
        super().__init__()
        self.layers = _perceptron(sizes, nn.ReLU)

    def forward(self, images: Tensor) -> Tensor:
        """Map (batch, 1, 28, 28) images in [0, 1] to (batch, 10) logits."""
        logits: Tensor = self.layers(images)
        return logits


class SigmoidMLP(nn.Module):
    """784-100-50-10 with sigmoids: the textbook classic, which learns slowly at first and then steadily."""

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


RELU = Spec("mlp-relu", ReluMLP, Sizes("hidden units", (50,), fewest=1, most=4, smallest=4, largest=512))
SIGMOID = Spec("mlp-sigmoid", SigmoidMLP, Sizes("hidden units", (100, 50), fewest=1, most=4, smallest=4, largest=512))
