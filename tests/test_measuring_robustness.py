"""The command that measures how robust the bundled networks are, and keeps the figures beside the data."""

import json
import os
import shutil

import pytest

from mnist_demo import damage_curves, load_split, write_idx
from mnist_demo.insight.robustness_file import place_of, read_robustness
from mnist_demo.networks.checkpoints import WEIGHTS, hash_weights
from mnist_demo.reading.predictor import Predictor


@pytest.fixture
def run(monkeypatch):
    """The command with two small networks in place of all."""
    monkeypatch.setattr(damage_curves, "MODELS", ("mlp-relu", "mlp-sigmoid"))

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["damage_curves", *map(str, arguments)])
        damage_curves.main()

    return run


@pytest.fixture
def data(small_mnist, tmp_path):
    """The first 100 test images of MNIST."""
    folder = tmp_path / "data"
    shutil.copytree(small_mnist, folder)
    split = load_split(folder, train=False)
    write_idx(folder / "t10k-images-idx3-ubyte", split.images[:100])
    write_idx(folder / "t10k-labels-idx1-ubyte", split.labels[:100])
    return folder


def test_it_keeps_what_it_measures_beside_the_data_with_its_settings(run, data, capsys):
    run("--data", data)
    split = load_split(data, train=False)
    weights = {name: hash_weights(WEIGHTS / f"{name}.safetensors") for name in ("mlp-relu", "mlp-sigmoid")}
    found = read_robustness(place_of(data), split, weights)
    assert found.clean == {name: Predictor.load(name).evaluate(split).accuracy for name in weights}
    assert found.curves["rotate"].accuracies["mlp-relu"][0] < 0.5 < found.clean["mlp-relu"]
    head = json.loads(place_of(data).read_text(encoding="utf-8").splitlines()[0])
    assert head["made_with"].keys() == {"seed", "device", "torch", "date"}
    printed = capsys.readouterr().out
    assert "rotate: -90 degrees" in printed
    assert f"mlp-relu: {1 - found.clean['mlp-relu']:.2%} wrong as it is" in printed


@pytest.mark.parametrize(
    ("options", "message"),
    [
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


def test_data_that_no_network_has_learned_is_told(run, data, capsys):
    (data / "labels.txt").write_text("".join(f"{index} {name}\n" for index, name in enumerate("abcdefghij")))
    with pytest.raises(SystemExit):
        run("--data", data)
    assert "no bundled network has learned the classes of" in capsys.readouterr().err
