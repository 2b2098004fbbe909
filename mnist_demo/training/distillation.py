"""The network for drawings, as it ships: small networks that learn what an ensemble of larger ones thinks.

students = distil(load_split(train=True), read_unipen(FILE), DIGITNET, torch.device("cuda"))
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from mnist_demo.data.datasets import Split
from mnist_demo.data.unipen import WrittenDigit
from mnist_demo.networks.digitnet import WIDTHS, DigitNet
from mnist_demo.networks.evaluation import calibrate
from mnist_demo.training.material import Amounts, gather
from mnist_demo.training.teaching import Course, Ensemble, learn


@dataclass(frozen=True)
class Plan:
    """How the network for drawings is made.

    Attributes:
        amounts: how much is drawn to learn from.
        teachers: how many networks the ensemble has.
        widths: of these.
        lessons: how the ensemble learns from labels.
        students: how many learn from it; they differ in their initial weights, which shows how much is luck.
        studies: how they learn.
        seed: of all random numbers.
    """

    amounts: Amounts
    teachers: int
    widths: tuple[int, int, int]
    lessons: Course
    students: int
    studies: Course
    seed: int = 0


DIGITNET = Plan(
    amounts=Amounts(drawings=40_000, copies=4, found=40_000),
    teachers=5,
    widths=(48, 96, 192),
    lessons=Course(epochs=10),
    students=3,
    studies=Course(epochs=25),
)


def distil(
    split: Split,
    written: Sequence[WrittenDigit],
    plan: Plan,
    device: torch.device,
    report: Callable[[str], None] = lambda line: None,
) -> list[nn.Module]:
    """Return the students, calibrated on what was held out, on the device.

    The same plan gives the same networks on the same device.

    Args:
        split: MNIST's training split; its last images are held out.
        written: digits as pen strokes, some of whose writers are held out.
        plan: how the networks are made.
        device: to learn on.
        report: called with a line on the progress, now and then.
    """
    material = gather(split, written, plan.amounts, plan.seed, device)
    report(f"{len(material.learned):,} pictures to learn from")

    def school(ensemble: Ensemble, course: Course, seed: int, teacher: Ensemble | None = None) -> Ensemble:
        def tell(epoch: int, loss: float) -> None:
            report(f"{'students' if teacher else 'teachers'}: epoch {epoch} of {course.epochs}, loss {loss:.4f}")

        return learn(ensemble.to(device), material.learned, course, seed, teacher, tell)

    with torch.backends.cudnn.flags(enabled=True, deterministic=True):
        others = plan.seed + plan.students  # seeds: those of the students come first
        teachers = school(_build(plan.teachers, plan.widths, others), plan.lessons, others)
        students = school(_build(plan.students, WIDTHS, plan.seed), plan.studies, plan.seed, teachers)
    networks = list(students.networks)
    for network in networks:
        calibrate(network, material.images, material.written)
    return networks


def _build(count: int, widths: tuple[int, int, int], seed: int) -> Ensemble:
    """Return untrained networks, the first with initial weights of this seed, the next with those of the next."""
    networks = []
    for number in range(count):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed + number)
            networks.append(DigitNet(widths))
    return Ensemble(*networks)
