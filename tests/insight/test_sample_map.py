import numpy as np
import pytest

from mnist_demo.data.datasets import Split
from mnist_demo.errors import NotFoundError, SettingsError
from mnist_demo.insight.sample_map import PCA, TSNE, Projection, SampleMap, choose_samples, fit_square
from mnist_demo.insight.sample_map_file import read_map, write_map

INDICES = {"train": np.array([0, 5, 9]), "test": np.array([1, 2])}


@pytest.fixture
def square():
    """A map of the corners of a square, and of its centre."""
    places = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0.5]], np.float32)
    return SampleMap(INDICES, Projection.fit(places, 2), places, {PCA: places})


def test_the_first_component_is_that_along_which_the_vectors_vary_most():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(500, 4)) * [1, 10, 0.1, 3] + 7
    projection = Projection.fit(vectors, 2)
    np.testing.assert_allclose(np.abs(projection.directions[:, 0]), [0, 1, 0, 0], atol=0.05)
    np.testing.assert_allclose(np.abs(projection.directions[:, 1]), [0, 0, 0, 1], atol=0.05)
    codes = projection.apply(vectors)
    np.testing.assert_allclose(codes.mean(axis=0), 0, atol=1e-3)
    # The distances in all components are those of the vectors.
    whole = Projection.fit(vectors, 4).apply(vectors)
    np.testing.assert_allclose(np.linalg.norm(whole[0] - whole[1]), np.linalg.norm(vectors[0] - vectors[1]), rtol=1e-4)


def test_a_new_sample_lies_among_its_like():
    random = np.random.default_rng(0)
    centres = np.eye(3) * 20
    vectors = np.concatenate([centre + random.normal(size=(20, 3)) for centre in centres])
    made = SampleMap.of({"train": np.arange(60)}, vectors)
    for number, centre in enumerate(centres):
        cluster = made.layouts[PCA][20 * number : 20 * number + 20]
        x, y = made.place(centre)[PCA]
        assert (cluster.min(axis=0) <= [x, y]).all()
        assert ([x, y] <= cluster.max(axis=0)).all()


def test_points_fit_into_the_unit_square_without_distortion():
    points = fit_square(np.array([[10, 0], [30, 5], [20, 2.5]]))
    np.testing.assert_allclose(points, [[0, 0.375], [1, 0.625], [0.5, 0.5]])
    np.testing.assert_array_equal(fit_square(np.ones((2, 2))), [[0.5, 0.5]] * 2)


def test_what_lies_within_an_outline(square):
    triangle = [(-0.1, -0.1), (1.3, -0.1), (-0.1, 1.3)]
    assert square.list_inside("train", PCA, triangle).tolist() == [0, 5, 9]
    assert square.list_inside("test", PCA, triangle).tolist() == [2]
    notch = [
        (-1, -1),
        (2, -1),
        (2, 2),
        (0.6, 2),
        (0.5, 0.2),
        (0.4, 2),
        (-1, 2),
    ]  # the centre lies in it
    assert square.list_inside("train", PCA, notch).tolist() == [0, 5, 9]
    assert square.list_inside("test", PCA, notch).tolist() == [1]


@pytest.mark.parametrize(
    ("split", "layout", "outline", "error", "message"),
    [
        ("dev", PCA, [(0, 0)] * 3, NotFoundError, "no split 'dev', only train, test"),
        ("test", "umap", [(0, 0)] * 3, SettingsError, "layout: expected one of pca, found 'umap'"),
        ("test", PCA, [(0, 0)] * 2, SettingsError, "outline: expected 3 to 100 corners, found 2"),
        ("test", PCA, [(0, 0)] * 101, SettingsError, "outline: expected 3 to 100 corners, found 101"),
        ("test", PCA, [(0, float("nan"))] * 3, SettingsError, "outline: expected .*, found nan"),
    ],
)
def test_what_is_no_outline_is_told(square, split, layout, outline, error, message):
    with pytest.raises(error, match=message):
        square.list_inside(split, layout, outline)


def test_samples_are_spread_evenly_over_a_split():
    sizes = {"train": 60_000, "test": 500}
    splits = {name: Split(np.zeros((n, 1, 1), np.uint8), np.zeros(n, np.uint8)) for name, n in sizes.items()}
    chosen = choose_samples(splits)
    assert chosen["train"].tolist() == list(range(0, 60_000, 12))
    assert chosen["test"].tolist() == list(range(500))


class TestFile:
    ORIGIN = {"network": "1234", "train": "ab", "test": "cd"}  # noqa: RUF012
    SPLITS = {name: Split(np.zeros((10, 28, 28), np.uint8), np.zeros(10, np.uint8)) for name in INDICES}  # noqa: RUF012

    @pytest.fixture
    def path(self, square, tmp_path):
        layouts = {**square.layouts, TSNE: square.layouts[PCA][::-1].copy()}
        made = SampleMap(square.indices, square.projection, square.codes, layouts)
        write_map(tmp_path / "map.safetensors", made, self.ORIGIN, {"seed": "0"})
        return tmp_path / "map.safetensors"

    def test_what_was_written_is_read(self, square, path):
        found = read_map(path, self.ORIGIN, self.SPLITS)
        np.testing.assert_allclose(found.layouts[TSNE], square.layouts[PCA][::-1], atol=1e-4)
        np.testing.assert_allclose(found.layouts[PCA], square.layouts[PCA], atol=1e-3)
        assert found.place(np.array([0.1, 0.1])).keys() == {PCA, TSNE}
        assert found.list_inside("test", TSNE, [(-1, -1), (3, -1), (-1, 3)]).tolist() == [1, 2]

    @pytest.mark.parametrize("changed", ["network", "train", "test"])
    def test_a_map_of_something_else_is_none(self, path, changed):
        assert read_map(path, {**self.ORIGIN, changed: "other"}, self.SPLITS) is None

    def test_no_file_is_no_map(self, tmp_path):
        assert read_map(tmp_path / "map.safetensors", self.ORIGIN, self.SPLITS) is None

    def test_a_damaged_file_is_told(self, path):
        content = path.read_bytes()
        path.write_bytes(content[:-5])
        with pytest.raises(SettingsError, match=r"map.safetensors: cannot be read"):
            read_map(path, self.ORIGIN, self.SPLITS)

    def test_samples_that_are_not_there_are_told(self, path):
        few = {name: Split(split.images[:3], split.labels[:3]) for name, split in self.SPLITS.items()}
        with pytest.raises(SettingsError, match=r"expected what python -m mnist_demo.map writes"):
            read_map(path, self.ORIGIN, few)
