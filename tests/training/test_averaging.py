import pytest
import torch
from torch import nn

from mnist_demo.training.averaging import MovingAverage


def test_it_follows_the_weights_fast_at_first_and_slowly_later():
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    average = MovingAverage(network)
    nn.init.ones_(network.weight)
    average.update()
    assert average.network.weight.item() == pytest.approx(10 / 11)
    nn.init.zeros_(network.weight)
    for _ in range(20_000):
        average.update()
    nn.init.ones_(network.weight)
    average.update()
    assert average.network.weight.item() == pytest.approx(0.001, rel=1e-2)


def test_the_statistics_of_batch_norm_are_averaged_as_well():
    network = nn.BatchNorm1d(1)
    average = MovingAverage(network)
    network(torch.full((4, 1), 100.0) + torch.arange(4)[:, None])
    average.update()
    assert 0 < average.network.running_mean.item() < network.running_mean.item()


def test_the_network_itself_stays_as_it_is():
    network = nn.Linear(2, 2)
    before = network.weight.detach().clone()
    average = MovingAverage(network)
    average.update()
    assert torch.equal(network.weight, before)
    assert network.weight.requires_grad
    assert not average.network.weight.requires_grad
