"""A network that trains fast on a CPU."""

from torch import Tensor, nn

from mnist_demo.networks.spec import Spec


class FastNet(nn.Module):
    """Convolutions of 16 and 32 channels, on maps of 10 and 4 px a side, then 512-128-10.

    On a CPU the cost is the area of the feature maps: a two-pixel border, where there is hardly any ink, is cropped,
    and stride and pooling come early. Batch normalisation also compensates for unscaled inputs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 6, stride=2, bias=False),  # (batch, 16, 10, 10)
            nn.MaxPool2d(2),  # (batch, 16, 5, 5), before the batch norm: a quarter of the work
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


SPEC = Spec("fastnet", FastNet)
