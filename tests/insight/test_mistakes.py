import numpy as np
import pytest
import torch

from mnist_demo.insight.mistakes import (
    class_accuracy,
    confusion_matrix,
    find_cell,
    probabilities_of,
    worst_mistakes,
)


def logits_for(*answers):
    """Return logits, a row for each pair (digit, how far its logit stands above the others)."""
    logits = np.zeros((len(answers), 10), np.float32)
    for row, (digit, height) in zip(logits, answers, strict=True):
        row[digit] = height
    return logits


def test_probabilities_are_the_softmax():
    logits = np.random.default_rng(0).normal(size=(5, 10)).astype(np.float32)
    probabilities = probabilities_of(logits)
    assert probabilities.dtype == np.float64
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-12)
    assert probabilities == pytest.approx(torch.from_numpy(logits).softmax(1).numpy(), abs=1e-6)


def test_huge_logits_do_not_overflow():
    assert probabilities_of(logits_for((3, 1e4)))[0].tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]


def test_the_rows_of_the_confusion_matrix_are_labels():
    confusion = confusion_matrix(np.array([4, 4, 4, 9], np.uint8), np.array([4, 9, 9, 9]))
    assert confusion.sum() == 4
    assert (confusion[4, 4], confusion[4, 9], confusion[9, 9]) == (1, 2, 1)


def test_a_digit_without_images_has_no_accuracy():
    confusion = confusion_matrix(np.array([4, 4, 4, 9, 7], np.uint8), np.array([4, 9, 9, 9, 1]))
    assert class_accuracy(confusion) == [None, None, None, None, 1 / 3, None, None, 0, None, 1]


def test_the_worst_mistake_is_the_one_with_the_highest_loss():
    labels = np.array([1, 2, 3, 4], np.uint8)
    logits = logits_for((0, 2), (2, 9), (0, 8), (0, 5))
    assert worst_mistakes(logits, labels, 10).tolist() == [2, 3, 0]
    assert worst_mistakes(logits, labels, 2).tolist() == [2, 3]


def test_mistakes_are_told_apart_where_the_right_answer_has_no_probability_left():
    logits = logits_for((0, 2_000), (0, 3_000), (0, 1_000))
    assert worst_mistakes(logits, np.array([1, 1, 1], np.uint8), 3).tolist() == [1, 0, 2]


def test_without_mistakes_there_is_no_worst():
    logits = logits_for((1, 3), (2, 3))
    assert worst_mistakes(logits, np.array([1, 2], np.uint8), 5).tolist() == []


def test_a_cell_holds_the_images_of_one_label_that_were_read_as_one_digit():
    labels = np.array([4, 4, 4, 9, 4], np.uint8)
    logits = logits_for((9, 2), (4, 5), (9, 7), (9, 9), (9, 4))
    assert find_cell(logits, labels, label=4, guess=9, count=10).tolist() == [2, 4, 0]
    assert find_cell(logits, labels, label=4, guess=9, count=1).tolist() == [2]
    assert find_cell(logits, labels, label=4, guess=4, count=10).tolist() == [1]
    assert find_cell(logits, labels, label=0, guess=1, count=10).tolist() == []
