from mnist_demo import pretrain
from mnist_demo.data.datasets import load_split
from mnist_demo.networks.checkpoints import load_checkpoint


def test_pretraining_makes_weights_and_the_table_that_describes_them(tmp_path, monkeypatch, small_mnist):
    monkeypatch.setattr(pretrain, "WEIGHTS", tmp_path)
    monkeypatch.setattr(pretrain, "load_split", lambda train: load_split(small_mnist, train))
    monkeypatch.setattr("sys.argv", ["pretrain", "mlp-relu"])
    pretrain.main()
    metadata = load_checkpoint(tmp_path / "mlp-relu.safetensors", "mlp-relu").metadata
    row = (tmp_path / "README.md").read_text(encoding="utf-8").splitlines()[-1]
    assert "| `python -m mnist_demo.pretrain mlp-relu` | 0 |" in row
    assert f"{float(metadata['test_accuracy']):.2%}" in row
    assert metadata["date"] in row
