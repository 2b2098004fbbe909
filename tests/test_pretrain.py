import numpy as np
import pytest
import torch

from mnist_demo import pretrain
from mnist_demo.data.datasets import load_split
from mnist_demo.data.unipen import WrittenDigit
from mnist_demo.networks.checkpoints import load_checkpoint
from mnist_demo.training import material
from mnist_demo.training.distillation import Plan
from mnist_demo.training.material import Amounts
from mnist_demo.training.teaching import Course

SMALL = Plan(Amounts(20, 1, 0), 1, (2, 4, 8), Course(1, batch_size=50), 2, Course(1, batch_size=50))


@pytest.fixture
def run(tmp_path, monkeypatch, small_mnist):
    """A function that runs the command on a little data, into a folder of its own."""
    monkeypatch.setattr(pretrain, "WEIGHTS", tmp_path)
    monkeypatch.setattr(pretrain, "load_split", lambda train: load_split(small_mnist, train))

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["pretrain", *arguments])
        pretrain.main()

    return run


def rows(folder):
    return [line for line in (folder / "README.md").read_text(encoding="utf-8").splitlines() if ".safetensors" in line]


def test_pretraining_makes_weights_and_the_table_that_describes_them(run, tmp_path):
    run("mlp-relu")
    metadata = load_checkpoint(tmp_path / "mlp-relu.safetensors", "mlp-relu").metadata
    (row,) = rows(tmp_path)
    assert "| `python -m mnist_demo.pretrain mlp-relu` | 0 |" in row
    assert f"{float(metadata['test_accuracy']):.2%}" in row
    assert metadata["date"] in row


def test_the_network_for_drawings_learns_from_an_ensemble_and_from_strokes(run, tmp_path, monkeypatch, capsys):
    line = [np.array([(0.0, 0.0), (1.0, 50.0)])]
    monkeypatch.setattr(pretrain, "read_unipen", lambda path: [WrittenDigit(1, writer, line) for writer in (1, 30)])
    monkeypatch.setattr(pretrain, "DIGITNET", SMALL)
    monkeypatch.setattr(material, "HELD_OUT_IMAGES", 100)
    run("digitnet", "--strokes", "strokes.tra", "--device", "cpu")
    checkpoint = load_checkpoint(tmp_path / "digitnet.safetensors", "digitnet")
    assert checkpoint.model.threshold != torch.zeros(())
    assert {"strokes", "held_out", "mean_test_accuracy", "plan"} <= checkpoint.metadata.keys()
    (row,) = rows(tmp_path)
    assert "| `python -m mnist_demo.pretrain digitnet --strokes FILE` | 0 |" in row
    assert "| cpu |" in row
    assert "CC BY 4.0" in (tmp_path / "README.md").read_text(encoding="utf-8")
    assert capsys.readouterr().out.count("students: epoch") == 1


@pytest.mark.parametrize("names", [[], ["digitnet"], ["mlp-relu", "digitnet"]])
def test_without_strokes_it_says_what_the_network_for_drawings_lacks(run, tmp_path, capsys, names):
    with pytest.raises(SystemExit):
        run(*names)
    assert "also learns from pen strokes: expected --strokes FILE" in capsys.readouterr().err
    assert list(tmp_path.glob("*.safetensors")) == []


def test_a_file_without_strokes_ends_it_with_a_message(run, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        run("digitnet", "--strokes", str(tmp_path / "missing"))
    assert ended.value.code == 1
    assert "missing: cannot be read" in capsys.readouterr().err
