"""The command that makes the map of a dataset and keeps it beside the data."""

import os
import shutil

import numpy as np
import pytest

from mnist_demo import load_split, map, write_idx
from mnist_demo.insight.sample_map import TSNE
from mnist_demo.insight.sample_map_file import COMMAND, describe_origin, place_of, read_map


@pytest.fixture
def run(monkeypatch):
    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["map", *arguments])
        map.main()

    return run


@pytest.fixture
def data(tmp_path):
    """A folder with 60 training and 40 test samples of MNIST."""
    for train, name, size in ((True, "train", 60), (False, "t10k", 40)):
        split = load_split(train=train)
        write_idx(tmp_path / f"{name}-images-idx3-ubyte", split.images[:size])
        write_idx(tmp_path / f"{name}-labels-idx1-ubyte", split.labels[:size])
    return tmp_path


def load(data):
    return {name: load_split(data, train=name == "train") for name in ("train", "test")}


def test_it_keeps_the_map_beside_the_data(run, data, capsys):
    run("--data", str(data))
    splits = load(data)
    made = read_map(place_of(data), describe_origin(splits, True), splits)
    assert {name: len(indices) for name, indices in made.indices.items()} == {"train": 60, "test": 40}
    labels = np.concatenate([split.labels for split in splits.values()])
    places = made.layouts[TSNE]
    distances = np.linalg.norm(places[:, np.newaxis] - places, axis=2)
    same = labels[:, np.newaxis] == labels
    assert distances[same].mean() < distances[~same].mean() / 2
    assert "60 of train, 40 of test" in capsys.readouterr().out


def test_a_dataset_of_other_things_is_mapped_by_its_pixels(run, data):
    (data / "labels.txt").write_text("\n".join(f"thing {number}" for number in range(10)))
    run("--data", str(data))
    splits = load(data)
    assert read_map(place_of(data), describe_origin(splits, True), splits) is None
    made = read_map(place_of(data), describe_origin(splits, False), splits)
    assert made.projection.mean.shape == (784,)


def test_what_is_wrong_ends_it_with_a_message(run, data, capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SystemExit) as ended:
        run("--data", str(data))
    assert ended.value.code == 1
    assert "pip install scikit-learn" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told_before_the_work(run, data, capsys):
    shutil.copytree(data, data / "copy")
    (data / "copy").chmod(0o500)
    with pytest.raises(SystemExit):
        run("--data", str(data / "copy"))
    assert "cannot be written" in capsys.readouterr().err


def test_the_bundled_map_is_that_of_the_bundled_network():
    splits = load(None)
    made = read_map(place_of(None), describe_origin(splits, True), splits)
    assert made is not None, f"the network or the data are others: make the map again with {COMMAND}"
    assert {name: len(indices) for name, indices in made.indices.items()} == {"train": 5_000, "test": 10_000}
