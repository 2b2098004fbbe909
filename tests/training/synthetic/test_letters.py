import string

import numpy as np

from mnist_demo.training.synthetic.letters import PRINTED, WRITTEN, print_letter

LIKE_DIGITS = set("BIOSZlosz")


def test_no_letter_that_may_be_a_digit_is_taught_as_none():
    assert not LIKE_DIGITS & set(PRINTED)
    assert not (LIKE_DIGITS | set("bgiq")) & set(WRITTEN)


def test_all_others_are_taught():
    others = set(string.ascii_letters) - LIKE_DIGITS
    assert set(PRINTED) == others
    assert set(WRITTEN) == others - set("bgiq")


def test_printed_letters_vary_in_letter_weight_and_width():
    random = np.random.default_rng(0)
    printed = [print_letter(random) for _ in range(300)]
    assert len({ink.tobytes() for ink in printed}) == 300
    assert min(ink.max() for ink in printed) > 200
    amounts = [ink.sum() / 255 for ink in printed]
    assert max(amounts) > 5 * min(amounts)


def test_a_letter_is_not_cut_off():
    random = np.random.default_rng(0)
    for _ in range(300):
        ink = print_letter(random)
        assert not any(edge.any() for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))
