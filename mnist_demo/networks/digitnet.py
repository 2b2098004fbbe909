"""The network for drawings, which also tells digits from other things."""

import torch
from torch import Tensor, nn

from mnist_demo.networks.spec import Spec


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


SPEC = Spec("digitnet", DigitNet)
