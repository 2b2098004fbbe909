import json
import re

import pytest
from PIL import Image

from mnist_demo.__main__ import main
from mnist_demo.data.datasets import load_split
from mnist_demo.networks.checkpoints import load_checkpoint
from mnist_demo.serving.examples import list_examples
from mnist_demo.training.events import from_json


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
        ("--device", "tpu", "error: device: expected one of auto, cpu, cuda, found 'tpu'"),
        ("--out", "/nowhere/net.safetensors", "error: /nowhere/net.safetensors: there is no folder /nowhere"),
        ("--out", "net.pt", "error: net.pt: expected a name that ends in .safetensors"),
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
    assert "house.png: cannot be read as a digit; the best guess is " in house
    assert blank.endswith("blank.png: nothing to read")


def test_predict_reads_every_file_that_can_be_read(seven, tmp_path, capsys):
    blank = tmp_path / "blank.png"
    Image.new("L", (50, 50), 255).save(blank)
    assert main(["predict", str(tmp_path / "none.png"), str(seven), str(blank)]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith(f"{seven}: 7 (")
    assert captured.out.endswith(f"{blank}: nothing to read\n")
    assert captured.err == f"error: {tmp_path / 'none.png'}: cannot be read: No such file or directory\n"


def test_predict_as_json(seven, capsys):
    assert main(["predict", str(seven), "--model", "mlp-relu", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["file"] == str(seven)
    assert answer["digit"] == 7
    assert len(answer["probabilities"]) == 10
    assert answer["confidence"] == max(answer["probabilities"])


def test_evaluate_measures_the_test_split(small_mnist, capsys):
    assert main(["evaluate", "--model", "mlp-relu", "--data", str(small_mnist), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["images"] == 500
    assert 0.9 < answer["accuracy"] < 1


def test_an_unknown_network_is_refused_with_the_list_of_what_there_is(capsys):
    assert main(["evaluate", "--model", "lenet"]) == 1
    assert "only mlp-relu, mlp-sigmoid, cnn, fastnet, digitnet" in capsys.readouterr().err
