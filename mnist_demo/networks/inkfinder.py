"""The network that finds ink: which pixels of a picture did a pen draw?"""

from torch import Tensor, nn
from torch.nn import functional

SIDE = 96  # px of the canvas on which a digit is found
STEP = 16  # px: the sides of a canvas are multiples, because of the four halvings


class InkFinder(nn.Module):
    """A small U-Net (Ronneberger, Fischer, Brox, arXiv:1505.04597) whose skips are added instead of concatenated.

    Four 2x2 pixels become channels first, so that even the finest stage works at half the resolution. The mean of the
    coarsest maps is added everywhere: whether ink is dark or light is a matter of the whole picture.

    Args:
        widths: channels at 1/2, 1/4, 1/8 and 1/16 of the resolution.
    """

    def __init__(self, widths: tuple[int, int, int, int] = (16, 32, 36, 36)) -> None:
        super().__init__()
        fine, *others = widths
        self.stem = nn.Sequential(_convolution(4 * 2, fine), _Residual(fine))
        self.down = nn.ModuleList(_Down(before, after) for before, after in zip(widths, others, strict=False))
        self.context = nn.Linear(widths[-1], widths[-1])
        self.up = nn.ModuleList(_Up(after, before) for before, after in zip(widths, others, strict=False))
        self.head = nn.Conv2d(fine, 4, 3, padding=1)

    def forward(self, canvas: Tensor) -> Tensor:
        """Map (batch, 2, H, W), see reading/canvas.py, to the log-odds of ink, (batch, 1, H, W); multiples of 16."""
        maps = self.stem(functional.pixel_unshuffle(canvas, 2))
        stages = [maps]
        for down in self.down:
            stages.append(down(stages[-1]))
        maps = stages.pop()
        maps = maps + self.context(maps.mean(dim=(2, 3)))[:, :, None, None]
        for up in reversed(self.up):
            maps = up(maps, stages.pop())
        return functional.pixel_shuffle(self.head(maps), 2)


def _convolution(channels_in: int, channels_out: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, stride, padding=1, bias=False), nn.BatchNorm2d(channels_out), nn.ReLU()
    )


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = _convolution(channels, channels)

    def forward(self, maps: Tensor) -> Tensor:
        added: Tensor = maps + self.body(maps)
        return added


class _Down(nn.Module):
    """Halve the resolution."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.body = nn.Sequential(_convolution(channels_in, channels_out, stride=2))

    def forward(self, maps: Tensor) -> Tensor:
        halved: Tensor = self.body(maps)
        return halved


class _Up(nn.Module):
    """Double the resolution, and add the maps from the way down."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.project = nn.Conv2d(channels_in, channels_out, 1) if channels_in != channels_out else nn.Identity()
        self.body = _Residual(channels_out)

    def forward(self, maps: Tensor, skip: Tensor) -> Tensor:
        doubled = functional.interpolate(self.project(maps), scale_factor=2.0, mode="nearest")
        added: Tensor = self.body(skip + doubled)
        return added
