"""The figures on robustness that the page shows."""

import pytest

from mnist_demo import MODELS, load_split
from mnist_demo.insight.robustness_file import COMMAND, place_of
from mnist_demo.serving import robustness
from mnist_demo.serving.robustness import RobustnessFigures

KEPT = "public, max-age=31536000, immutable"


@pytest.fixture
def test_split():
    return load_split(train=False)


def test_of_the_bundled_data_all_networks_are_there(test_split):
    answer = RobustnessFigures(None, test_split, list(MODELS)).answer
    assert (answer["samples"], answer["command"]) == (10_000, COMMAND)
    assert answer["clean"].keys() == MODELS.keys()
    assert answer["curves"]["blur"]["strengths"][0] == 0
    assert answer["corruptions"]["fog"].keys() == MODELS.keys()


def test_a_network_with_other_weights_is_not(test_split, monkeypatch):
    before = RobustnessFigures(None, test_split, list(MODELS))
    known = robustness.hash_weights
    monkeypatch.setattr(robustness, "hash_weights", lambda path: "0" * 16 if path.stem == "cnn" else known(path))
    figures = RobustnessFigures(None, test_split, list(MODELS))
    assert figures.answer["clean"].keys() == MODELS.keys() - {"cnn"}
    assert figures.version != before.version


def test_a_damaged_file_is_reported_and_the_page_does_without(test_split, tmp_path, caplog):
    place_of(tmp_path).write_text("no JSON")
    answer = RobustnessFigures(tmp_path, test_split, list(MODELS)).answer
    assert answer == {"samples": 10_000, "command": f"{COMMAND} --data DIR"}
    assert place_of(tmp_path).name in caplog.text


def test_without_networks_no_command_would_help(test_split, tmp_path):
    assert RobustnessFigures(tmp_path, test_split, []).answer == {"samples": 10_000, "command": None}


def test_browsers_keep_them_by_their_version(http, small_mnist):
    figures = RobustnessFigures(small_mnist, load_split(small_mnist, train=False), list(MODELS))
    response = http.get("inside/robustness", params={"v": figures.version})
    assert response.json() == figures.answer == {"samples": 500, "command": f"{COMMAND} --data DIR"}
    assert response.headers["cache-control"] == KEPT
    for other in ({}, {"v": "0" * 16}):
        assert http.get("inside/robustness", params=other).headers["cache-control"] == "no-store"
