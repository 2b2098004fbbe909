import pytest

from mnist_demo.errors import LimitError
from mnist_demo.throttle import MAX_REMEMBERED, Throttle


def test_so_many_are_allowed_at_once_and_each_has_a_count_of_its_own(clock):
    throttle = Throttle("guessing keys", count=3, seconds=60)
    for _ in range(3):
        throttle.spend("ada")
    with pytest.raises(LimitError, match="guessing keys: at most 3 in 60 s") as refusal:
        throttle.spend("ada")
    assert refusal.value.retry_after == pytest.approx(20)
    throttle.spend("bob")


def test_who_waits_may_again(clock):
    throttle = Throttle("guessing keys", count=3, seconds=60)
    for _ in range(3):
        throttle.spend("ada")
    clock[0] += 20.1
    throttle.spend("ada")
    with pytest.raises(LimitError):
        throttle.spend("ada")
    clock[0] += 1000
    for _ in range(3):  # no more than that, however long it was
        throttle.spend("ada")
    with pytest.raises(LimitError):
        throttle.require("ada")


def test_asking_costs_nothing(clock):
    throttle = Throttle("guessing keys", count=1, seconds=60)
    for _ in range(5):
        throttle.require("ada")


def test_it_does_not_remember_everybody_for_ever(clock):
    throttle = Throttle("guessing keys", count=1, seconds=60)
    for visitor in range(MAX_REMEMBERED + 1):
        throttle.count(str(visitor))
    throttle.require("0")  # seen longest ago
    with pytest.raises(LimitError):
        throttle.require("1")
