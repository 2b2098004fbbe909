import numpy as np
import pytest
import torch

from mnist_demo.networks.calibration import (
    LIKELY,
    area_under_roc,
    expected_calibration_error,
    fit_candidates,
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


def unsure(count, share_wrong, seed):
    """Probabilities of pictures, and labels: of so many the guess is wrong, and the true digit has up to 5%."""
    random = np.random.default_rng(seed)
    probabilities = torch.full((count, 10), 0.0)
    probabilities[:, 0] = 1
    labels = torch.zeros(count, dtype=torch.int64)
    wrong = torch.from_numpy(random.permutation(count)[: round(share_wrong * count)])
    labels[wrong] = 1
    probabilities[wrong, 1] = torch.from_numpy(random.uniform(0, 0.05, len(wrong))).float()
    probabilities[wrong, 0] -= probabilities[wrong, 1]
    return probabilities, labels


def share_covered(threshold, probabilities, labels):
    truth = probabilities[torch.arange(len(labels)), labels]
    return float(((truth >= threshold) | (probabilities.argmax(dim=1) == labels)).double().mean())


def test_candidates_contain_the_true_digit_as_often_as_promised_in_every_group():
    groups = [unsure(2000, 0.02, seed=1), unsure(500, 0.2, seed=2)]
    threshold = fit_candidates(groups, promise=0.95)
    assert all(share_covered(threshold, *group) >= 0.95 for group in groups)
    assert not all(share_covered(threshold * 1.05, *group) >= 0.95 for group in groups)
    assert threshold == fit_candidates(groups[1:], promise=0.95)  # the harder group decides


def test_the_promise_holds_for_new_pictures_on_average():
    """With 39 pictures to fit on, a plain quantile would miss half a percent more."""
    covered = []
    for seed in range(300):
        threshold = fit_candidates([unsure(39, 0.5, seed)], promise=0.9)
        covered.append(share_covered(threshold, *unsure(1000, 0.5, seed=1000 + seed)))
    assert np.mean(covered) >= 0.9


def test_a_likely_digit_is_a_candidate_even_if_the_guess_keeps_the_promise():
    assert fit_candidates([unsure(1000, 0.0, seed=1)]) == LIKELY


def test_on_too_few_pictures_nothing_can_be_promised():
    assert fit_candidates([unsure(98, 0.0, seed=1)], promise=0.99) == 0
    assert fit_candidates([unsure(99, 0.0, seed=1)], promise=0.99) == LIKELY


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
