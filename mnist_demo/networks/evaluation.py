"""Evaluating a network on a split, and calibrating its confidence."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from mnist_demo.data.batches import Data, to_input
from mnist_demo.data.datasets import Split
from mnist_demo.errors import SettingsError
from mnist_demo.networks.calibration import fit_candidates, fit_temperature, fit_threshold
from mnist_demo.networks.meters import Evaluation, Meter

MAX_FORWARD = 64  # images in one pass: see TrainConfig.pass_size


def evaluate(model: nn.Module, split: Split) -> Evaluation:
    """Evaluate `model` on a whole split, on the model's device.

    Raises:
        SettingsError: the split is empty, or the network does not compute in float32.
    """
    require_float32(model)
    *_, meter = measure(model, Data.load(split, next(model.parameters()).device))
    return meter.result()


def require_float32(model: nn.Module) -> None:
    """Check that the weights of a network are float32, as its input is.

    Raises:
        SettingsError: a weight is not float32.
    """
    for name, parameter in model.named_parameters():
        if parameter.dtype != torch.float32:
            raise SettingsError(f"the network: expected weights of torch.float32, found {name} of {parameter.dtype}")


@torch.inference_mode()
def measure(model: nn.Module, data: Data) -> Iterator[Meter]:
    """Evaluate `model` on images on its device, yielding the same running Meter after each batch."""
    model.eval()
    meter = Meter(data.device)
    for batch in data.batches(MAX_FORWARD):
        logits = model(to_input(batch.images))
        meter.add(functional.cross_entropy(logits, batch.labels, reduction="sum"), logits, batch.labels)
        yield meter


@torch.inference_mode()
def list_logits(model: nn.Module, images: Tensor, check: Callable[[], None] = lambda: None) -> Tensor:
    """Return the (N, 10) logits of `model` for (N, 28, 28) uint8 images on its device.

    `check` is called before every batch and may raise.
    """
    model.eval()
    parts = []
    for part in torch.split(images, MAX_FORWARD):
        check()
        parts.append(model(to_input(part)))
    return torch.cat(parts)


def calibrate(model: nn.Module, *groups: Data, check: Callable[[], None] = lambda: None) -> None:
    """Fit the temperature, the threshold below which pictures are rejected, and that of candidates.

    Args:
        model: a network that can reject.
        groups: held-out pictures of digits, each group from another source.
        check: called before every batch; it may raise.
    """
    logits = [list_logits(model, group.images, check).cpu() for group in groups]
    labels = [group.labels.cpu() for group in groups]
    temperature = fit_temperature(torch.cat(logits), torch.cat(labels))
    scaled = [scores / temperature for scores in logits]
    model.get_buffer("temperature").mul_(temperature)
    model.get_buffer("threshold").fill_(fit_threshold(torch.cat(scaled)))
    probabilities = [scores.softmax(dim=1) for scores in scaled]
    threshold = fit_candidates(zip(probabilities, labels, strict=True))
    model.get_buffer("candidate_threshold").fill_(threshold)
