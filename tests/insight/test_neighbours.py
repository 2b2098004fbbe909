"""The nearest of many vectors."""

import numpy as np
import pytest

from mnist_demo.data.datasets import load_split
from mnist_demo.errors import ImageError, SettingsError
from mnist_demo.insight import Neighbours


def search_all(vectors, vector, count):
    differences = vectors.reshape(len(vectors), -1).astype(np.float64) - vector.reshape(-1)
    distances = np.sqrt((differences**2).sum(axis=1))
    nearest = np.argsort(distances, kind="stable")[:count]
    return nearest, distances[nearest]


@pytest.mark.parametrize("count", [1, 12, 300])
def test_they_are_those_of_a_search_through_all(count):
    train, test = load_split(train=True).images[:4_000], load_split(train=False).images[:20]
    neighbours = Neighbours(train)
    noise = np.random.default_rng(0).integers(256, size=(2, 28, 28)).astype(np.uint8)
    for image in [*test, *noise, np.zeros((28, 28), np.uint8)]:
        indices, distances = neighbours.nearest(image, count)
        expected, expected_distances = search_all(train, image, count)
        np.testing.assert_allclose(distances, expected_distances)
        np.testing.assert_array_equal(indices, expected)


def test_a_vector_among_them_is_its_own_neighbour_at_distance_0_and_copies_come_in_order():
    vectors = np.random.default_rng(0).normal(size=(600, 40)).astype(np.float32)
    vectors[500] = vectors[100] = vectors[300]
    indices, distances = Neighbours(vectors).nearest(vectors[300], 4)
    assert indices[:3].tolist() == [100, 300, 500]
    assert distances[:3].tolist() == [0, 0, 0]
    assert distances[3] > 0


def test_vectors_of_fewer_values_than_directions():
    vectors = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    expected, _ = search_all(vectors, vectors[7] + 0.1, 5)
    np.testing.assert_array_equal(Neighbours(vectors).nearest(vectors[7] + 0.1, 5)[0], expected)


def test_all_the_same():
    indices, distances = Neighbours(np.full((30, 28, 28), 7, np.uint8)).nearest(np.full((28, 28), 9, np.uint8), 30)
    assert indices.tolist() == list(range(30))
    assert distances.tolist() == [56.0] * 30


def test_what_is_wrong_is_told():
    with pytest.raises(ImageError, match="expected images or vectors"):
        Neighbours(np.zeros((0, 28, 28), np.uint8))
    neighbours = Neighbours(np.zeros((3, 28, 28), np.uint8))
    with pytest.raises(ImageError, match="expected an image of 784 values, found 9"):
        neighbours.nearest(np.zeros((3, 3), np.uint8), 1)
    with pytest.raises(SettingsError, match="count: expected a whole number from 1 to 3, found 4"):
        neighbours.nearest(np.zeros((28, 28), np.uint8), 4)
