import math

import numpy as np
import pytest

from mnist_demo.reading.connected import find_ink_components
from mnist_demo.reading.lines import find_lines, group_into_lines

DIGIT = (30, 20)  # height and width


def page(*lines, slope=0.0, pitch=50, step=40):
    """Return the boxes of lines of so many digits, from left to right, and for each the line that it is in."""
    boxes, homes = [], []
    for row, count in enumerate(lines):
        for column in range(count):
            top, left = 20 + pitch * row + round(slope * step * column), 20 + step * column
            boxes.append((top, left, top + DIGIT[0], left + DIGIT[1]))
            homes.append(row)
    return np.array(boxes), homes


def homes_of(boxes):
    homes = np.empty(len(boxes), int)
    for row, line in enumerate(group_into_lines(np.array(boxes))):
        homes[line] = row
    return homes.tolist()


@pytest.mark.parametrize("degrees", [-6, -3, 0, 3, 6])
@pytest.mark.parametrize("lines", [(1,), (4,), (3, 3), (8, 5, 8), (20, 20, 20)])
def test_a_page_falls_into_its_lines_however_it_is_slanted(lines, degrees):
    boxes, homes = page(*lines, slope=math.tan(math.radians(degrees)))
    assert homes_of(boxes) == homes


def test_the_order_of_the_parts_does_not_matter():
    boxes, homes = page(5, 4)
    order = np.random.default_rng(0).permutation(len(boxes))
    assert homes_of(boxes[order]) == [homes[index] for index in order]


def test_digits_a_little_up_and_down_and_of_unequal_height_are_in_one_line():
    boxes, _ = page(6)
    boxes += np.array([(0, 0, 0, 0), (-6, 0, 4, 0), (5, 0, 7, 0), (12, 0, 0, 0), (-5, 0, -8, 0), (4, 0, 0, 0)])
    assert homes_of(boxes) == [0] * 6


def test_a_wide_gap_does_not_end_a_line():
    boxes, homes = page(2, 2, step=300)
    assert homes_of(boxes) == homes


def test_the_bar_of_a_five_stays_with_its_line():
    boxes, homes = page(3, 3)
    bar = (12, 62, 17, 78)  # above the second digit of the first line
    assert homes_of([*boxes, bar]) == [*homes, 0]


def test_a_mark_is_no_line_of_its_own():
    boxes, homes = page(3, 3, pitch=70)
    assert homes_of([*boxes, (56, 150, 61, 156)]) == [*homes, 0]


def test_a_mark_does_not_come_between_digits():
    assert homes_of([(17, 11, 52, 32), (18, 47, 48, 64), (51, 42, 53, 46)]) == [0, 0, 0]


def test_a_broken_digit_stays_in_its_line():
    boxes, homes = page(3, 3)
    top, left, bottom, right = boxes[1]
    halves = [(top, left, top + 13, right), (top + 17, left, bottom, right)]
    assert homes_of([*boxes[:1], *halves, *boxes[2:]]) == [0, *homes]


@pytest.mark.parametrize("gap", [1, 3])
def test_a_digit_in_two_halves_is_one_line(gap):
    assert homes_of([(10, 10, 25, 30), (25 + gap, 10, 40, 30)]) == [0, 0]


def test_digits_one_below_another_are_lines():
    assert homes_of([(10, 10, 40, 30), (60, 10, 90, 30), (110, 10, 140, 30)]) == [0, 1, 2]


def ink_of(boxes, shape=(400, 1000)):
    ink = np.zeros(shape, np.uint8)
    for top, left, bottom, right in boxes:
        ink[top:bottom, left:right] = 255
    return ink


def lines_of(ink):
    return find_lines(ink, find_ink_components(ink))


def test_every_line_has_its_own_parts_and_no_specks():
    boxes, _ = page(2, 1)
    first, second = lines_of(ink_of([*boxes, (5, 5, 7, 7)]))
    assert [part.box() for part in first] == [(20, 20, 40, 50), (60, 20, 80, 50)]
    assert [part.box() for part in second] == [(20, 70, 40, 100)]


def test_nothing_has_no_lines():
    assert lines_of(np.zeros((50, 50), np.uint8)) == []


def test_a_page_full_of_things_has_no_numbers():
    assert lines_of(ink_of(page(20, 20)[0])) != []
    assert lines_of(ink_of(page(24, 3)[0])) == []  # too many in one line
    assert lines_of(ink_of(page(*[18] * 9, pitch=40)[0])) == []  # too many in all
