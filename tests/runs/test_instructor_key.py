import logging

import pytest

from mnist_demo.errors import LimitError
from mnist_demo.runs.instructor_key import ATTEMPTS, InstructorKey

HERE, THERE = "192.0.2.7", "192.0.2.8"


@pytest.fixture
def key(clock):
    return InstructorKey("the key")


def guess(key, network=HERE, token=None):
    """Try as many wrong keys as are allowed."""
    for attempt in range(ATTEMPTS):
        assert not key.fits(f"key {attempt}", network, token)


def test_only_the_key_fits(key):
    assert key.fits("the key", HERE)
    assert not any(key.fits(wrong, HERE) for wrong in ("the key ", "The key", "", None, "Schlüssel", "\ud800"))


@pytest.mark.parametrize("wrong", ["the key", "", None])
def test_without_a_key_nothing_fits(wrong):
    key = InstructorKey(None)
    assert not key.exists
    assert not key.fits(wrong, HERE)


@pytest.mark.parametrize("network", [HERE, None])
def test_who_guesses_too_often_has_to_wait_also_with_the_right_key(key, clock, network):
    guess(key, network)
    for attempt in ("another key", "the key"):
        with pytest.raises(LimitError, match="wrong keys: at most 10 in 600 s, try again later") as refusal:
            key.fits(attempt, network)
        assert refusal.value.retry_after == pytest.approx(60)
    clock[0] += 61
    assert key.fits("the key", network)


def test_others_need_not_wait(key):
    guess(key)
    assert key.fits("the key", THERE)


def test_the_same_wrong_key_again_is_no_guess(key):
    for _ in range(100):
        assert not key.fits("mistyped", HERE)
    guess_left = ATTEMPTS - 1
    for attempt in range(guess_left):
        assert not key.fits(f"key {attempt}", HERE)
    assert not key.fits("mistyped", HERE)
    with pytest.raises(LimitError):
        key.fits("one more", HERE)


def test_no_key_costs_nothing(key):
    for _ in range(100):
        assert not key.fits(None, HERE)
        assert not key.fits("", HERE)
    guess(key)
    assert not key.fits(None, HERE)


def test_neighbours_who_guess_do_not_lock_the_instructor_out(key):
    assert key.fits("the key", HERE, token="the instructor's")
    guess(key, token="a neighbour's")
    assert key.fits("the key", HERE, token="the instructor's")
    guess(key, token="the instructor's")  # and a token that is known to others is no way around
    with pytest.raises(LimitError):
        key.fits("the key", HERE, token="the instructor's")


def test_a_right_key_without_a_token_proves_nothing_for_others_without_one(key):
    assert key.fits("the key", HERE)
    guess(key)
    with pytest.raises(LimitError):
        key.fits("the key", HERE)


def test_wrong_keys_are_logged_with_their_origin_once_and_never_themselves(key, caplog):
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            key.fits("mistyped", HERE, "a token")
        key.fits("the key", HERE)
    assert [record.getMessage() for record in caplog.records] == [f"wrong instructor's key from {HERE}"]
    assert "mistyped" not in caplog.text


def test_it_does_not_remember_every_wrong_key_for_ever(key, monkeypatch):
    monkeypatch.setattr("mnist_demo.runs.instructor_key.MAX_REMEMBERED", 5)
    monkeypatch.setattr("mnist_demo.runs.instructor_key.MAX_PROVEN", 5)
    for visitor in range(20):
        assert not key.fits("wrong", f"192.0.2.{visitor}")
        assert key.fits("the key", f"192.0.2.{visitor}", f"token {visitor}")
    assert len(key._wrong) == len(key._proven) == 5
