import io
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from mnist_demo.__main__ import main
from mnist_demo.data.datasets import load_split
from mnist_demo.networks.checkpoints import load_checkpoint
from mnist_demo.serving.examples import list_examples
from mnist_demo.training.events import from_json

PROJECT = Path(__file__).parent.parent


@pytest.fixture
def seven(tmp_path):
    """The path of a picture of a 7."""
    path = tmp_path / "seven.png"
    Image.fromarray(load_split(train=False).images[0]).resize((280, 280)).save(path)
    return path


def test_train_prints_a_line_an_epoch_and_saves_the_weights(small_mnist, tmp_path, capsys):
    out = tmp_path / "net.safetensors"
    options = ["--epochs", "2", "--data", str(small_mnist), "--device", "cpu", "--out", str(out)]
    assert main(["train", "--recipe", "mlp-relu", *options]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0] == "mlp-relu: 39,760 parameters, 2,000 images, on cpu"
    assert lines[1].startswith("epoch   0  untrained  test 2.")
    assert re.match(r"epoch   2  train [01]\.\d+ ", lines[3])
    assert lines[4].startswith("finished: train ")
    assert lines[5] == f"best: test {re.search(r'test .* (.*%)', lines[3])[1]} after epoch 2"
    assert "100%" in captured.err
    assert load_checkpoint(out, "mlp-relu").metadata["epochs"] == "2"


def test_train_as_json_lines_prints_events_alone(small_mnist, capsys):
    options = ["--epochs", "1", "--data", str(small_mnist), "--seed", "5", "--batch-size", "100", "--jsonl"]
    assert main(["train", "--recipe", "mlp-sigmoid", *options]) == 0
    events = [from_json(line) for line in capsys.readouterr().out.splitlines()]
    assert events[0].recipe == "mlp-sigmoid"
    assert events[-1].reason == "finished"


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--epochs", "0", "error: epochs: expected a whole number from 1 to 1,000, found 0"),
        ("--batch-size", "70000", "error: batch_size: expected a whole number from 1 to 10,000, found 70,000"),
        ("--learning-rate", "1e9", "error: learning_rate: expected above 0 and at most 10, found 1e+09"),
        ("--seed", "abc", "error: seed: expected a whole number from 0 to 4,294,967,295, found 'abc'"),
        ("--device", "tpu", "error: device: expected one of auto, cpu, cuda, mps or cuda:N, found 'tpu'"),
        ("--out", "/nowhere/net.safetensors", "error: /nowhere/net.safetensors: there is no folder /nowhere"),
        ("--sizes", "4 4", "error: sizes: expected 3 numbers of channels, each from 4 to 128, found ('4 4',)"),
        ("--out", "net.pt", "error: net.pt: expected a file name that ends in .safetensors"),
        ("--data", "/nowhere", "error: /nowhere: expected a directory of IDX files, found nothing"),
    ],
)
def test_train_refuses_what_cannot_be_with_what_is_allowed(option, value, message, capsys):
    assert main(["train", "--recipe", "cnn", option, value]) == 1
    captured = capsys.readouterr()
    assert captured.err.strip() == message
    assert captured.out == ""


def test_predict_says_what_is_no_digit(tmp_path, capsys):
    Image.fromarray(list_examples()[-1].picture).save(tmp_path / "house.png")
    Image.new("L", (99, 99)).save(tmp_path / "blank.png")
    assert main(["predict", str(tmp_path / "house.png"), str(tmp_path / "blank.png")]) == 0
    house, blank = capsys.readouterr().out.splitlines()
    assert "house.png: rejected: more like a letter or a drawing than a digit; best guess " in house
    assert blank.endswith("blank.png: rejected: nothing drawn")


def test_predict_reads_every_file_that_can_be_read(seven, tmp_path, capsys):
    blank = tmp_path / "blank.png"
    Image.new("L", (50, 50), 255).save(blank)
    assert main(["predict", str(tmp_path / "none.png"), str(seven), str(blank)]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith(f"{seven}: 7 (")
    assert captured.out.endswith(f"{blank}: rejected: nothing drawn\n")
    assert captured.err == f"error: {tmp_path / 'none.png'}: cannot be read: No such file or directory\n"


def test_predict_as_json(seven, capsys):
    assert main(["predict", str(seven), "--model", "mlp-relu", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["file"] == str(seven)
    assert answer["digit"] == 7
    assert len(answer["probabilities"]) == 10
    assert answer["confidence"] == max(answer["probabilities"])


def test_predict_says_that_nothing_came_from_stdin(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO()))
    assert main(["predict", "-"]) == 1
    assert capsys.readouterr().err == "error: stdin: expected a picture file, found nothing\n"


def test_predict_prints_a_line_for_each_line(tmp_path, capsys):
    images = load_split(train=False).images
    page = np.vstack([np.hstack(images[:3]), np.hstack(images[3:6])])
    path = tmp_path / "page.png"
    Image.fromarray(page).resize((840, 560)).save(path)
    assert main(["predict", str(path)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{path}: 721 (")
    assert second.startswith(f"{path}: 041 (")
    assert main(["predict", "--digit", str(path)]) == 0
    assert f"{path}: rejected: several lines; best guess " in capsys.readouterr().out
    assert main(["predict", "--json", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["lines"] == ["721", "041"]


@pytest.fixture
def year(tmp_path):
    """The path of a picture of the number 721."""
    path = tmp_path / "year.png"
    digits = np.hstack(load_split(train=False).images[:3])
    Image.fromarray(digits).resize((840, 280)).save(path)
    return path


def test_predict_reads_a_number_as_the_page_does(year, capsys):
    assert main(["predict", str(year)]) == 0
    assert re.fullmatch(rf"{re.escape(str(year))}: 721 \(\d+\.\d%\)\n", capsys.readouterr().out)
    assert main(["predict", str(year), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["number"] == "721"
    assert [digit["digit"] for digit in answer["digits"]] == [7, 2, 1]
    assert [digit["box"][0] // 280 for digit in answer["digits"]] == [0, 1, 2]


def test_predict_reads_one_digit_where_that_is_asked_for(year, capsys):
    assert main(["predict", str(year), "--digit"]) == 0
    assert "721" not in capsys.readouterr().out


def test_predict_reads_a_picture_from_stdin(seven, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(seven.read_bytes())))
    assert main(["predict", "-"]) == 0
    assert capsys.readouterr().out.startswith("-: 7 (")


def test_sizes_of_the_layers_are_trained_and_saved(small_mnist, tmp_path):
    out = tmp_path / "wide.safetensors"
    options = ["--sizes", "64", "32", "--epochs", "1", "--data", str(small_mnist), "--out", str(out)]
    assert main(["train", "--recipe", "mlp-relu", *options]) == 0
    assert load_checkpoint(out).metadata["sizes"] == "64 32"


@pytest.mark.parametrize("arguments", [[], ["predict"], ["train", "--recipe", "best"], ["forecast"]])
def test_a_wrong_command_line_exits_with_1_and_says_how_it_is_used(arguments, capsys):
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    assert leaving.value.code == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("usage: python -m mnist_demo")
    assert "\nerror: " in captured.err


def test_help_tells_the_names_and_defaults(capsys):
    for command in ("train", "predict"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "{mlp-relu,mlp-sigmoid,cnn,fast,digitnet}" in shown
    assert "one of mlp-relu, mlp-sigmoid, cnn, fastnet, digitnet, or a .safetensors file; default: digitnet" in shown
    assert "auto, cpu, cuda, cuda:N or mps; default: auto" in shown


def test_a_reader_that_has_had_enough_ends_the_command_quietly(seven):
    command = [sys.executable, "-m", "mnist_demo", "predict", "--model", "mlp-relu", *[str(seven)] * 2000]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=PROJECT) as process:
        assert ": 7 (" in process.stdout.readline()
        process.stdout.close()  # as `head -1` does
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_evaluate_measures_the_test_split(small_mnist, capsys):
    assert main(["evaluate", "--model", "mlp-relu", "--data", str(small_mnist), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["images"] == 500
    assert 0.9 < answer["accuracy"] < 1


def test_an_unknown_network_is_refused_with_the_list_of_what_there_is(capsys):
    assert main(["evaluate", "--model", "lenet"]) == 1
    assert "only mlp-relu, mlp-sigmoid, cnn, fastnet, digitnet" in capsys.readouterr().err
