"""An ensemble that learns from labels, and a small network that learns from the ensemble.

The networks of an ensemble learn side by side: batches are varied once for all of them.

Sources: distillation, Hinton, Vinyals, Dean, arXiv:1503.02531; student and teacher see the same varied picture, Beyer
et al., "Knowledge distillation: A good teacher is patient and consistent", arXiv:2106.05237.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import OneCycleLR

from mnist_demo.data.batches import Data, to_input
from mnist_demo.data.subject import CLASSES
from mnist_demo.networks.devices import has_fast_bfloat16
from mnist_demo.training.augmentation import augment
from mnist_demo.training.averaging import MovingAverage
from mnist_demo.training.distortion import distort

MOMENTUM = 0.9
WARM_UP = 0.15  # share of the steps in which the learning rate rises


@dataclass(frozen=True)
class Course:
    """How networks learn.

    Attributes:
        epochs: passes over the data.
        batch_size: images per step.
        learning_rate: at its peak; it rises to it, and falls to almost zero.
        weight_decay: times the weights, is added to the gradient.
        distorted: share of the pictures that are distorted at random.
        weakest: strength of the augmentation at the end; it starts at 1.
        trust: share of the ensemble's opinion in what a student learns, the rest are the labels.
        softness: temperature of the ensemble's opinion.
    """

    epochs: int
    batch_size: int = 512
    learning_rate: float = 0.2
    weight_decay: float = 5e-4
    distorted: float = 0.5
    weakest: float = 0.2
    trust: float = 0.9
    softness: float = 1.0


class Ensemble(nn.Module):
    """Several networks that look at the same pictures."""

    def __init__(self, *networks: nn.Module) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, images: Tensor) -> Tensor:
        """Map (batch, 1, 28, 28) in [0, 1] to (networks, batch, 11) logits, the last for non-digits."""
        with torch.autocast(images.device.type, torch.bfloat16, enabled=has_fast_bfloat16(images.device)):
            logits = torch.stack([network(images) for network in self.networks])
        return functional.pad(logits.float(), (0, 1))

    @torch.no_grad()
    def opinion(self, images: Tensor, softness: float = 1.0) -> Tensor:
        """Return the mean of the networks' probabilities, (batch, 11), at a temperature of `softness`."""
        logits: Tensor = self(images)
        return (logits / softness).softmax(dim=2).mean(dim=0)


def learn(
    networks: Ensemble,
    data: Data,
    course: Course,
    seed: int,
    teacher: Ensemble | None = None,
    report: Callable[[int, float], None] = lambda epoch, loss: None,
) -> Ensemble:
    """Train all networks in place, and return the averages of their weights over the last steps, ready to evaluate.

    Args:
        networks: on the device of the data.
        data: labels 0 to 9, and 10 for non-digits.
        course: how they learn.
        seed: of the order of the pictures and of their variation.
        teacher: whose opinion they learn; without one they learn the labels.
        report: called after each epoch with its number, from 1, and the mean loss in nats per network and picture.
    """
    generator = torch.Generator(data.device).manual_seed(seed)
    networks.to(memory_format=torch.channels_last).train()
    steps = course.epochs * -(-len(data) // course.batch_size)
    optimizer = torch.optim.SGD(
        networks.parameters(), momentum=MOMENTUM, weight_decay=course.weight_decay, nesterov=True, fused=True
    )
    schedule = OneCycleLR(
        optimizer, course.learning_rate, steps + 1, pct_start=WARM_UP, cycle_momentum=False, final_div_factor=1_000
    )
    average = MovingAverage(networks)
    for epoch in range(1, course.epochs + 1):
        losses = torch.zeros((), device=data.device)
        for batch in _shuffled(data, course.batch_size, generator):
            inputs = vary(to_input(batch.images), course, schedule.last_epoch / steps, generator)
            targets = _aim(inputs, batch.labels, course, teacher)
            loss = -(targets * networks(inputs).log_softmax(dim=2)).sum(dim=2).mean(dim=1).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            average.update()
            losses += loss.detach() * len(batch)
        report(epoch, losses.item() / len(data) / len(networks.networks))
    return average.network.eval()


def vary(images: Tensor, course: Course, done: float, generator: torch.Generator) -> Tensor:
    """Return varied pictures: augmented, less so as the course nears its end, and some of them distorted.

    Args:
        images: (batch, 1, 28, 28) in [0, 1].
        course: says how much.
        done: share of the course, in [0, 1].
        generator: on the device of the pictures.
    """
    images = augment(images, generator, strength=1 - (1 - course.weakest) * done)
    return distort(images, generator, course.distorted)


def _shuffled(data: Data, size: int, generator: torch.Generator) -> Iterator[Data]:
    order = torch.randperm(len(data), generator=generator, device=data.device)
    for indices in torch.split(order, size):
        yield data.take(indices)


def _aim(images: Tensor, labels: Tensor, course: Course, teacher: Ensemble | None) -> Tensor:
    """Return what the networks should say: (batch, 11) probabilities."""
    truth = functional.one_hot(labels, CLASSES + 1).float()
    if teacher is None:
        return truth
    return truth + course.trust * (teacher.opinion(images, course.softness) - truth)
