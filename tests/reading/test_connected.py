import numpy as np
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays

from mnist_demo.reading.connected import find_components


def flood(mask):
    """The same by walking from pixel to pixel: labels, and how many there are."""
    labels, count = np.zeros(mask.shape, int), 0
    for start in zip(*np.nonzero(mask), strict=True):
        if labels[start]:
            continue
        count += 1
        labels[start], waiting = count, [start]
        while waiting:
            row, column = waiting.pop()
            for near in np.ndindex(3, 3):
                place = row + near[0] - 1, column + near[1] - 1
                inside = 0 <= place[0] < mask.shape[0] and 0 <= place[1] < mask.shape[1]
                if inside and mask[place] and not labels[place]:
                    labels[place] = count
                    waiting.append(place)
    return labels, count


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=14)))
@settings(max_examples=300, deadline=None)
def test_parts_are_those_that_a_flood_finds(mask):
    found = find_components(mask)
    expected, count = flood(mask)
    assert len(found.areas) == count
    assert ((found.labels > 0) == mask).all()
    assert len(set(zip(found.labels[mask].tolist(), expected[mask].tolist(), strict=True))) == count
    for part in range(count):
        rows, columns = np.nonzero(found.labels == part + 1)
        assert found.areas[part] == len(rows)
        assert found.boxes[part].tolist() == [rows.min(), columns.min(), rows.max() + 1, columns.max() + 1]


def test_a_spiral_is_one_part():
    mask = np.zeros((99, 99), bool)
    for inset in range(0, 48, 4):
        mask[inset, max(0, inset - 4) : 99 - inset] = mask[inset : 99 - inset, 98 - inset] = True
        mask[98 - inset, inset : 99 - inset] = mask[inset + 4 : 99 - inset, inset] = True
    assert len(find_components(mask).areas) == 1
