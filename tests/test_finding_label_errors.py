"""The command that finds likely label errors and keeps them beside the data."""

import json
import os
import shutil

import numpy as np
import pytest

from mnist_demo import label_errors, load_split, write_idx
from mnist_demo.errors import SettingsError
from mnist_demo.insight.label_error_file import place_of, read_label_errors


@pytest.fixture
def run(monkeypatch):
    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["label_errors", *map(str, arguments)])
        label_errors.main()

    return run


@pytest.fixture
def data(small_mnist, tmp_path):
    """A small MNIST whose second training image is labelled 4, though it is a 0."""
    folder = tmp_path / "data"
    shutil.copytree(small_mnist, folder)
    labels = load_split(folder).labels
    labels[1] = 4
    write_idx(folder / "train-labels-idx1-ubyte", labels)
    return folder


def test_it_keeps_what_it_finds_beside_the_data_with_its_settings(run, data, capsys):
    run("--data", data, "--folds", 2, "--networks", 1, "--seed", 3, "--device", "cpu")
    splits = {name: load_split(data, train=name == "train") for name in ("train", "test")}
    found = read_label_errors(place_of(data), splits)
    settings = {"recipe": "fast", "folds": 2, "networks": 1, "seed": 3, "device": "cpu"}
    assert found.made_with | settings == found.made_with
    (planted,) = [error for error in found.errors["train"] if error.index == 1]
    assert (planted.label, planted.proposed) == (4, 0)
    for name, errors in found.errors.items():
        assert all(splits[name].labels[error.index] == error.label for error in errors)
    printed = capsys.readouterr().out
    assert "network 2 of 2" in printed
    assert f"train: {len(found.errors['train'])} likely label errors in 2,000 samples" in printed
    assert json.loads(place_of(data).read_text(encoding="utf-8").splitlines()[0])["splits"].keys() == splits.keys()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--recipe", "slow"], "recipe: expected one of mlp-relu, mlp-sigmoid, cnn, fast, digitnet, found 'slow'"),
        (["--folds", "1"], "folds: expected a whole number from 2 to 2,500, found 1"),
        (["--device", "abacus"], "device: expected one of"),
        (["--data", "missing"], "missing: expected a directory of IDX files, found nothing"),
    ],
)
def test_what_is_wrong_ends_it_with_a_message(run, data, capsys, options, message):
    with pytest.raises(SystemExit) as ended:
        run("--data", data, *options)
    assert ended.value.code == 1
    assert message in capsys.readouterr().err
    assert not place_of(data).exists()


def test_a_folder_that_cannot_be_written_is_told_before_the_work(run, data, capsys, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: path != data)
    with pytest.raises(SystemExit):
        run("--data", data)
    assert "cannot be written" in capsys.readouterr().err


def test_a_network_learns_from_a_number_of_images_that_leaves_one(tiny_split):
    images, labels = np.tile(tiny_split.images, (26, 1, 1))[:257], np.tile(tiny_split.labels, 26)[:257]
    network = label_errors.train_network(images, labels, 0, device="cpu")
    assert network(images[::-1]).shape == (257, 10)


def test_a_network_that_diverges_is_told(tiny_split, monkeypatch):
    model = label_errors.build_model("mlp-relu", 0)
    next(model.parameters()).data.fill_(float("nan"))
    monkeypatch.setattr(label_errors, "build_model", lambda name, seed: model)
    with pytest.raises(SettingsError, match="the network with the seed 0: The loss is no longer a finite number"):
        label_errors.train_network(tiny_split.images, tiny_split.labels, 0, device="cpu")
