"""The network for drawings, which also rejects non-digits."""

import torch
from torch import Tensor, nn

from mnist_demo.networks.spec import Spec


class DigitNet(nn.Module):
    """Three stages of two 3x3 convolutions (16, 48 and 128 channels) with batch norm, at 28, 14 and 7 px a side.

    In the two wider stages the second convolution is residual (He et al., arXiv:1512.03385). Global average and max
    pooling of the last maps feed one linear layer: 236,186 parameters in all.

    There is an implicit eleventh class, "not a digit", whose logit is always 0: the logsumexp of the ten others scores
    how likely a picture is a digit at all (an energy score, as in Liu et al., arXiv:2010.03759).

    Attributes:
        temperature: divides the logits to calibrate the confidence (Guo et al., arXiv:1706.04599).
        threshold: on that score; pictures below it are rejected.
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


SPEC = Spec("digitnet", DigitNet)
