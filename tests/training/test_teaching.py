import pytest
import torch
from torch import nn

from mnist_demo.data.batches import Data, to_input
from mnist_demo.training.teaching import Course, Ensemble, learn, vary

PLAIN = Course(epochs=8, batch_size=20, learning_rate=0.05, distorted=0.0)


class Tiny(nn.Module):
    """Sees where the ink is."""

    def __init__(self, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        self.layer = nn.Linear(28 * 28, 10)

    def forward(self, images):
        return self.layer(images.flatten(1))


def make_data(labels=(0, 1, 10)):
    """Bars at the left for 0, at the right for 1, all over for 10, which is no digit."""
    images = torch.zeros(3, 28, 28, dtype=torch.uint8)
    images[0, :, 4:10] = images[1, :, 18:24] = images[2, ::3] = 255
    return Data(images.repeat(40, 1, 1), torch.tensor(labels).repeat(40))


def classes(networks, data):
    with torch.no_grad():
        return networks(to_input(data.images)).argmax(dim=2)


def test_every_network_learns_digits_and_what_is_none():
    data, losses = make_data(), []
    averages = learn(Ensemble(Tiny(0), Tiny(1)), data, PLAIN, seed=0, report=lambda epoch, loss: losses.append(loss))
    assert (classes(averages, data) == data.labels).all()
    assert len(losses) == PLAIN.epochs
    assert losses[-1] < losses[0] / 2


def test_a_seed_repeats_it():
    def weights(seed):
        return learn(Ensemble(Tiny()), make_data(), Course(1, batch_size=20), seed).networks[0].layer.weight

    assert torch.equal(weights(0), weights(0))
    assert not torch.equal(weights(0), weights(1))


def test_students_learn_what_the_teacher_thinks_even_where_the_labels_say_otherwise():
    truth, lie = make_data(), make_data(labels=(1, 0, 10))
    teacher = learn(Ensemble(Tiny()), truth, PLAIN, seed=0)
    students = learn(Ensemble(Tiny(1)), lie, PLAIN, seed=0, teacher=teacher)
    assert (classes(students, truth) == truth.labels).all()


def test_an_opinion_is_the_mean_of_probabilities():
    data, networks = make_data(), Ensemble(Tiny(0), Tiny(1))
    inputs = to_input(data.images[:3])
    opinion = networks.opinion(inputs)
    assert opinion.shape == (3, 11)
    single = [Ensemble(network).opinion(inputs) for network in networks.networks]
    torch.testing.assert_close(opinion, (single[0] + single[1]) / 2)
    softer = networks.opinion(inputs, softness=5.0)
    assert (softer.amax(dim=1) < opinion.amax(dim=1)).all()


@pytest.mark.parametrize(("distorted", "weakest"), [(0.5, 0.0), (0.0, 0.5)])
def test_pictures_vary_until_the_end_if_the_course_says_so(distorted, weakest):
    inputs = to_input(make_data().images)
    course = Course(1, distorted=distorted, weakest=weakest)
    varied = vary(inputs, course, 1.0, torch.Generator().manual_seed(0))
    assert not torch.allclose(varied, inputs, atol=1e-4)


def test_without_either_they_end_as_they_are():
    inputs = to_input(make_data().images)
    varied = vary(inputs, Course(1, distorted=0.0, weakest=0.0), 1.0, torch.Generator().manual_seed(0))
    torch.testing.assert_close(varied, inputs, atol=1e-4, rtol=0)
