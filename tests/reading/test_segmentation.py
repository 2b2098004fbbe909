import numpy as np
import pytest

from mnist_demo.data.datasets import load_split
from mnist_demo.reading import segmentation
from mnist_demo.reading.connected import find_ink_components
from mnist_demo.reading.predictor import Predictor
from mnist_demo.reading.segmentation import (
    Candidate,
    Piece,
    choose_path,
    cut,
    cut_parts,
    drop_hopeless,
    list_candidates,
    measure_widths,
)


def find_parts(ink):
    components = find_ink_components(ink)
    return segmentation.find_parts(ink, components, np.arange(len(components.areas)))


def ink_of(*boxes, shape=(100, 300)):
    ink = np.zeros(shape, np.uint8)
    for left, top, right, bottom in boxes:
        ink[top:bottom, left:right] = 255
    return ink


def test_parts_come_from_left_to_right():
    pieces = find_parts(ink_of((200, 20, 220, 80), (20, 20, 40, 80), (100, 25, 120, 85)))
    assert [piece.box() for piece in pieces] == [(20, 20, 40, 80), (100, 25, 120, 85), (200, 20, 220, 80)]


def test_parts_over_one_another_are_one_piece():
    pieces = find_parts(ink_of((20, 40, 60, 90), (30, 20, 62, 30), (120, 20, 160, 90)))
    assert [piece.box() for piece in pieces] == [(20, 20, 62, 90), (120, 20, 160, 90)]


def test_specks_are_no_parts():
    assert len(find_parts(ink_of((20, 20, 60, 90), (100, 50, 103, 53)))) == 1


def test_a_low_mark_is_left_out_or_belongs_to_its_neighbour():
    parts = find_parts(ink_of((20, 20, 60, 90), (70, 20, 100, 30)))
    candidates = list_candidates(parts)
    assert [(c.first, c.end, c.is_digit) for c in candidates] == [(0, 1, True), (0, 2, True), (1, 2, False)]
    assert choose_path(candidates, np.log([0.9, 0.1, 0.9]), 2) == [1]  # to leave it out costs more
    assert choose_path(candidates, np.log([0.9, 0.001, 0.9]), 2) == [0]


def test_two_tall_parts_with_a_gap_between_are_taken_for_one_digit_at_a_cost():
    parts = find_parts(ink_of((20, 20, 40, 90), (50, 20, 70, 90)))
    candidates = list_candidates(parts)
    assert choose_path(candidates, np.log([0.5, 0.9, 0.5]), 2) == [0, 2]
    assert choose_path(candidates, np.log([0.1, 0.9, 0.1]), 2) == [1]


def test_a_joined_pair_is_wide_and_cut_where_it_is_thin():
    (pair,) = find_parts(ink_of((20, 20, 60, 90), (60, 50, 80, 56), (80, 20, 120, 90)))
    pieces = cut(pair)
    assert measure_widths([pair]) == [100 / 70]
    assert any(60 <= piece.left <= 80 for piece in pieces[1:])
    assert [piece.is_cut for piece in pieces] == [False] + [True] * (len(pieces) - 1)
    assert pieces[0].left == 20
    assert pieces[-1].box()[2] == 120


def wide_parts(count):
    """Parts of a number, each of three blocks with thin bars between."""
    boxes = []
    for part in range(count):
        left = 70 * part
        boxes += [(left + place, 20, left + place + 12, 60) for place in (0, 24, 48)]
        boxes.append((left, 38, left + 60, 42))
    return find_parts(ink_of(*boxes, shape=(80, 70 * count)))


def test_few_wide_parts_are_all_cut():
    parts = wide_parts(3)
    assert len(parts) == 3
    assert len(cut_parts(parts, [True] * 3)) == sum(len(cut(part)) for part in parts) > 6


def test_of_many_wide_parts_no_more_are_cut_than_there_is_time_for():
    parts = wide_parts(8)
    pieces = cut_parts(parts, [True] * 8)
    assert 8 < len(pieces) <= 20 < sum(len(cut(part)) for part in parts)
    assert len(cut_parts(wide_parts(9), [True] * 9)) == 9


def test_what_reads_well_and_is_not_wide_is_not_cut():
    parts = find_parts(ink_of((20, 20, 75, 90), (100, 20, 155, 90)))
    assert cut_parts(parts, [True, True]) == parts


def test_of_too_many_runs_the_longest_are_left_out():
    pieces = find_parts(ink_of(*[(10 * place, 20, 10 * place + 5, 80) for place in range(20)]))
    candidates = list_candidates(pieces)
    assert len(candidates) == 40
    lengths = [candidate.end - candidate.first for candidate in candidates]
    assert [lengths.count(length) for length in (1, 2, 3, 4)] == [20, 19, 1, 0]
    assert [(candidate.first, candidate.end) for candidate in candidates] == sorted(
        (candidate.first, candidate.end) for candidate in candidates
    )


def test_a_slice_has_only_the_rows_that_it_fills():
    (pair,) = find_parts(ink_of((20, 20, 60, 90), (60, 80, 80, 86), (80, 60, 120, 90)))
    pieces = cut(pair)
    assert pieces[0].box()[1] == 20
    assert pieces[-1].box()[1] == 60


def test_a_page_of_things_is_no_number():
    boxes = [(10 * place, 20, 10 * place + 6, 80) for place in range(25)]
    assert find_parts(ink_of(*boxes, shape=(100, 300))) == []


def test_every_run_of_neighbours_that_is_narrow_enough_is_a_candidate():
    pieces = find_parts(ink_of((20, 20, 50, 80), (60, 20, 90, 80), (200, 20, 230, 80)))
    runs = {(candidate.first, candidate.end) for candidate in list_candidates(pieces)}
    assert runs == {(0, 1), (1, 2), (2, 3), (0, 2)}
    (pair,) = (candidate.piece for candidate in list_candidates(pieces) if candidate.end - candidate.first == 2)
    assert pair.box() == (20, 20, 90, 80)
    assert (pair.ink > 0).sum() == 2 * 30 * 60


def test_a_piece_knows_its_box():
    assert Piece(np.zeros((4, 3), np.uint8), left=2, top=5).box() == (2, 5, 5, 9)


def test_a_run_that_cannot_win_even_if_it_were_certain_is_not_read():
    nothing = Piece(np.zeros((1, 1), np.uint8), 0, 0)
    singles = [Candidate(0, 1, nothing), Candidate(1, 2, nothing), Candidate(2, 3, nothing)]
    first, second = Candidate(0, 2, nothing, cost=3), Candidate(1, 3, nothing, cost=3)
    assert drop_hopeless([*singles, first, second], [-1.0, -1.0, -2.5]) == [*singles, second]


def test_the_path_covers_all_pieces_with_the_best_sum():
    nothing = Piece(np.zeros((1, 1), np.uint8), 0, 0)
    candidates = [Candidate(first, end, nothing) for first, end in ((0, 1), (1, 2), (2, 3), (0, 2), (1, 3))]
    assert choose_path(candidates, np.log([0.9, 0.9, 0.9, 0.5, 0.5]), 3) == [0, 1, 2]
    assert choose_path(candidates, np.log([0.1, 0.9, 0.9, 0.5, 0.5]), 3) == [3, 2]


@pytest.fixture(scope="module")
def predictor():
    return Predictor.load()


@pytest.fixture(scope="module")
def images():
    return load_split(train=False).images


def trimmed(image):
    columns = np.flatnonzero((image > 60).any(axis=0))
    return image[:, columns[0] : columns[-1] + 1]


class TestReadNumber:
    def test_digits_side_by_side_are_read_in_order_with_their_boxes(self, predictor, images):
        reading = predictor.read_number(np.hstack(images[:5]))  # 7 2 1 0 4
        assert reading.text == "72104"
        assert [prediction.digit for prediction in reading.predictions] == [7, 2, 1, 0, 4]
        for place, (left, top, right, bottom) in enumerate(reading.boxes):
            assert 28 * place <= left < right <= 28 * (place + 1)
            assert 0 <= top < bottom <= 28

    @pytest.mark.parametrize("gap", [2, 4, 10])
    def test_narrow_gaps_are_enough(self, predictor, images, gap):
        space = np.zeros((28, gap), np.uint8)
        parts = [part for image in images[:4] for part in (trimmed(image), space)]
        assert predictor.read_number(np.pad(np.hstack(parts), 6)).text == "7210"

    def test_a_touching_pair_is_split(self, predictor, images):
        pair = np.pad(np.hstack([trimmed(images[1]), trimmed(images[3])]), 6)  # 2 and 0
        assert predictor.read_number(pair).text == "20"

    def test_boxes_are_in_pixels_of_the_picture_that_was_given(self, predictor, images):
        large = np.kron(np.hstack(images[:2]), np.ones((60, 60), np.uint8))  # 3,360 px wide
        reading = predictor.read_number(large)
        assert reading.text == "72"
        assert 1680 < reading.boxes[1][0] < reading.boxes[1][2] <= 3360

    def test_so_they_are_when_the_picture_is_read_as_what_it_is(self, predictor, images):
        large = np.kron(np.hstack(images[:2]), np.ones((30, 30), np.uint8))  # 1,680 px wide
        assert 840 < predictor.read(large).boxes[1][0] < predictor.read(large).boxes[1][2] <= 1680

    def test_a_blank_picture_has_no_digits(self, predictor):
        reading = predictor.read_number(np.zeros((100, 100), np.uint8))
        assert (reading.text, reading.lines, reading.boxes, reading.predictions) == ("", [], [], [])

    def test_lines_are_read_from_top_to_bottom(self, predictor, images):
        reading = predictor.read_number(np.vstack([np.hstack(images[:3]), np.hstack(images[3:6])]))
        assert reading.lines == ["721", "041"]
        assert reading.text == "721\n041"
        assert [prediction.digit for prediction in reading.predictions] == [7, 2, 1, 0, 4, 1]
        assert [box[1] < 28 for box in reading.boxes] == [True] * 3 + [False] * 3

    def test_numbers_far_apart_in_a_line_have_a_space_between(self, predictor, images):
        space = np.zeros((28, 40), np.uint8)
        reading = predictor.read_number(np.hstack([*images[:2], space, images[2]]))
        assert reading.lines == ["72 1"]
        assert len(reading.predictions) == 3

    def test_one_digit_is_a_number_too(self, predictor, images):
        assert predictor.read_number(images[0]).text == "7"
