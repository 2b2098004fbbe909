"""The network for drawings, which also rejects non-digits."""

import torch
from torch import Tensor, nn

from mnist_demo.networks.spec import Spec

WIDTHS = (16, 48, 128)  # channels of the stages
# A digit this probable is always a candidate. A network whose guess alone keeps the promise needs no second candidate,
# yet where it wavers, its user wants to know between what.
LIKELY = 0.1


class DigitNet(nn.Module):
    """Three stages of two 3x3 convolutions (16, 48 and 128 channels) with batch norm, at 28, 14 and 7 px a side.

    In the two wider stages the second convolution is residual (He et al., arXiv:1512.03385). Global average and max
    pooling of the last maps, again with batch norm, feed one linear layer: 236,698 parameters in all.

    There is an implicit eleventh class, "not a digit", whose logit is always 0: the logsumexp of the ten others scores
    how likely a picture is a digit at all (an energy score, as in Liu et al., arXiv:2010.03759).

    Args:
        widths: channels of the three stages; a teacher has more than the network that ships.

    Attributes:
        temperature: divides the logits to calibrate the confidence (Guo et al., arXiv:1706.04599).
        threshold: on that score; pictures below it are rejected.
        candidate_threshold: on the probability; digits from it on are candidates (see `fit_candidates`).
    """

    temperature: Tensor
    threshold: Tensor
    candidate_threshold: Tensor

    def __init__(self, widths: tuple[int, int, int] = WIDTHS) -> None:
        super().__init__()
        first, second, third = widths
        self.features = nn.Sequential(
            _convolution(1, first),  # (batch, first, 28, 28)
            _convolution(first, first),
            nn.MaxPool2d(2),  # (batch, first, 14, 14)
            _convolution(first, second),
            _Residual(_convolution(second, second)),
            nn.MaxPool2d(2),  # (batch, second, 7, 7)
            _convolution(second, third),
            _Residual(_convolution(third, third)),
        )
        # Batch norm in front of the linear layer: the network learns several times as fast from the start.
        self.classifier = nn.Sequential(nn.BatchNorm1d(2 * third), nn.Linear(2 * third, 10))
        self.register_buffer("temperature", torch.tensor(1.0))
        self.register_buffer("threshold", torch.tensor(0.0))
        self.register_buffer("candidate_threshold", torch.tensor(LIKELY))

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
