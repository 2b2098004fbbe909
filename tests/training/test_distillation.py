import numpy as np
import pytest
import torch

from mnist_demo.data.datasets import load_split
from mnist_demo.data.unipen import WrittenDigit
from mnist_demo.networks.describe import count_parameters
from mnist_demo.networks.digitnet import DigitNet
from mnist_demo.networks.evaluation import evaluate
from mnist_demo.training import distillation, material
from mnist_demo.training.distillation import DIGITNET, Plan, distil
from mnist_demo.training.material import Amounts
from mnist_demo.training.teaching import Course

PLAN = Plan(
    amounts=Amounts(drawings=20, copies=1, found=0),
    teachers=2,
    widths=(2, 4, 8),
    lessons=Course(epochs=1, batch_size=50),
    students=2,
    studies=Course(epochs=1, batch_size=50),
)
CPU = torch.device("cpu")


@pytest.fixture
def sources(small_mnist, monkeypatch):
    monkeypatch.setattr(material, "HELD_OUT_IMAGES", 100)
    line = [np.array([(0.0, 0.0), (1.0, 50.0)])]
    return load_split(small_mnist, train=True), [WrittenDigit(1, writer, line) for writer in (1, 30)]


def test_students_are_calibrated_differ_and_a_seed_repeats_them(sources):
    lines = []
    students = distil(*sources, PLAN, CPU, lines.append)
    assert [type(student) for student in students] == [DigitNet, DigitNet]
    assert all(student.threshold != 0 and student.temperature != 1 for student in students)
    assert [line.split(",")[0] for line in lines[1:]] == ["teachers: epoch 1 of 1", "students: epoch 1 of 1"]
    again = distil(*sources, PLAN, CPU)
    weights = [network.classifier[1].weight for network in (*students, *again)]
    assert torch.equal(weights[0], weights[2])
    assert not torch.equal(weights[0], weights[1])


def test_the_ensemble_teaches_the_students(sources, monkeypatch):
    taught = []

    def note(networks, data, course, seed, teacher, report):
        taught.append((networks, teacher))
        return networks.eval()

    monkeypatch.setattr(distillation, "learn", note)
    distil(*sources, PLAN, CPU)
    (ensemble, nobody), (students, teacher) = taught
    assert nobody is None
    assert teacher is ensemble
    assert [len(ensemble.networks), len(students.networks)] == [2, 2]
    assert count_parameters(ensemble.networks[0]) < count_parameters(students.networks[0])


def test_what_ships_is_small_enough(sources):
    student = distil(*sources, PLAN, CPU)[0]
    assert 4 * sum(tensor.numel() for tensor in student.state_dict().values()) <= 1_000_000
    assert 0 <= evaluate(student, sources[0]).accuracy <= 1
    assert DIGITNET.students >= 3
