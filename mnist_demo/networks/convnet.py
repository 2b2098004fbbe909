"""The conv net of a tutorial: three convolutions followed by two fully connected layers."""

from torch import Tensor, nn

from mnist_demo.networks.sizes import Sizes
from mnist_demo.networks.spec import Spec


class ConvNet(nn.Module):
    """Three convolutions of 32, 32 and 64 channels, each with pooling and ReLU, then 64-64-10.

    The tutorial applies ReLU before pooling, which gives the same numbers at four times the cost.
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


SPEC = Spec("cnn", ConvNet, Sizes("channels", (32, 32, 64), fewest=3, most=3, smallest=4, largest=128))
