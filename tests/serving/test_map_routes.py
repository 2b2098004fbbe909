"""The map of the samples over HTTP."""

import base64

import numpy as np
import pytest

from mnist_demo.data.datasets import load_split
from mnist_demo.insight.sample_map import PCA

EVERYWHERE = [[-1, -1], [2, -1], [2, 2], [-1, 2]]


def decode(text, dtype):
    return np.frombuffer(base64.b64decode(text), dtype)


@pytest.fixture(scope="module")
def answer(http):
    response = http.get("map")
    assert "max-age" in response.headers["cache-control"]
    return response.json()


def test_data_without_a_map_of_its_own_is_shown_by_its_pixels(answer, small_mnist):
    assert (answer["of"], list(answer["layouts"])) == (None, [PCA])
    assert decode(answer["layouts"][PCA], "<u2").shape == (2 * (2_000 + 500),)
    for name, size in (("train", 2_000), ("test", 500)):
        split = load_split(small_mnist, train=name == "train")
        assert decode(answer["splits"][name]["indices"], "<u4").tolist() == list(range(size))
        np.testing.assert_array_equal(decode(answer["splits"][name]["labels"], "u1"), split.labels)


def test_a_picture_is_placed_where_its_like_are(http, answer, small_mnist):
    image = load_split(small_mnist, train=False).images[3]
    placed = http.post("map/place", json={"pixels": base64.b64encode(image.tobytes()).decode()}).json()
    places = decode(answer["layouts"][PCA], "<u2").reshape(-1, 2)[2_000 + 3] / (2**16 - 1)
    assert placed[PCA] == pytest.approx(places, abs=0.1)


def test_no_picture_is_told(http):
    response = http.post("map/place", json={"pixels": "AAAA"})
    assert (response.status_code, response.json()["error"]) == (422, "pixels: expected 784 bytes, found 3")


def test_the_gallery_is_filtered_to_an_area(http, answer):
    places = decode(answer["layouts"][PCA], "<u2").reshape(-1, 2)[2_000:] / (2**16 - 1)
    left = [[-1, -1], [0.3, -1], [0.3, 2], [-1, 2]]
    found = http.post("samples/test/search", json={"area": {"layout": PCA, "outline": left}, "count": 500}).json()
    assert found["indices"] == np.flatnonzero(places[:, 0] < 0.3).tolist()
    assert 0 < found["total"] < 500
    some = {"area": {"layout": PCA, "outline": left}, "label": 1}
    assert 0 < http.post("samples/test/search", json=some).json()["total"] < found["total"]
    assert (
        http.post("samples/test/search", json={"area": {"layout": PCA, "outline": EVERYWHERE}}).json()["total"] == 500
    )


@pytest.mark.parametrize(
    ("split", "area", "status", "message"),
    [
        ("dev", {"layout": PCA, "outline": EVERYWHERE}, 404, "there is no split 'dev'"),
        ("test", {"layout": "umap", "outline": EVERYWHERE}, 422, "layout: expected one of pca, found 'umap'"),
        ("test", {"layout": PCA, "outline": EVERYWHERE[:2]}, 422, "outline: expected 3 to 100 corners, found 2"),
        ("test", {"layout": PCA, "outline": EVERYWHERE * 1_000}, 422, "outline: expected at most 100 corners"),
        ("test", {"layout": PCA, "outline": [[0]] * 3}, 422, "area"),
        ("test", {"layout": PCA}, 422, "area"),
    ],
)
def test_what_is_no_area_is_told(http, split, area, status, message):
    response = http.post(f"samples/{split}/search", json={"area": area})
    assert (response.status_code, response.json()["error"][: len(message)]) == (status, message)
