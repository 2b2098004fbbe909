import numpy as np
import pytest
import torch

from mnist_demo.networks.calibration import (
    area_under_roc,
    expected_calibration_error,
    fit_temperature,
    fit_threshold,
    legibility,
)


def test_the_temperature_that_was_applied_is_found_again():
    generator = torch.Generator().manual_seed(0)
    honest = 3 * torch.randn(20_000, 10, generator=generator)
    labels = torch.distributions.Categorical(logits=honest).probs.multinomial(1, generator=generator).squeeze(1)
    for temperature in (0.4, 1.0, 3.0):
        assert fit_temperature(honest * temperature, labels) == pytest.approx(temperature, rel=0.05)


def test_one_digit_in_five_hundred_lies_below_the_threshold():
    logits = torch.zeros(1000, 10)
    logits[:, 0] = torch.arange(1000)
    threshold = fit_threshold(logits)
    assert (legibility(logits) < threshold).sum() == 2


def test_the_calibration_error_is_the_gap_between_confidence_and_accuracy():
    confidences = np.array([0.95] * 10 + [0.55] * 10)
    correct = np.array([True] * 9 + [False] + [True] * 3 + [False] * 7)
    assert expected_calibration_error(confidences, correct) == pytest.approx((0.05 + 0.25) / 2)
    assert expected_calibration_error(np.ones(5), np.ones(5, bool)) == 0


def test_the_area_is_the_share_of_pairs_in_the_right_order():
    assert area_under_roc(np.array([3.0, 4.0]), np.array([1.0, 2.0])) == 1
    assert area_under_roc(np.array([1.0, 3.0]), np.array([2.0, 2.0])) == 0.5
    assert area_under_roc(np.array([2.0]), np.array([2.0])) == 0.5
    assert area_under_roc(np.array([0.0, -np.inf]), np.array([1.0])) == 0
