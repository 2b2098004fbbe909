import pytest
import torch
from safetensors.torch import save_file

from mnist_demo.errors import CheckpointError
from mnist_demo.networks.checkpoints import WEIGHTS, hash_weights, load_checkpoint, save_checkpoint
from mnist_demo.networks.registry import MODELS, build_model
from mnist_demo.training.recipes import RECIPES


@pytest.fixture
def saved(tmp_path):
    """The path of a saved, untrained mlp-relu."""
    path = tmp_path / "net.safetensors"
    save_checkpoint(path, build_model("mlp-relu", 1), RECIPES["mlp-relu"].metadata(0.125))
    return path


def test_weights_and_their_story_survive_saving_and_loading(saved):
    checkpoint = load_checkpoint(saved)
    expected = build_model("mlp-relu", 1).state_dict()
    assert checkpoint.name == "mlp-relu"
    assert all(torch.equal(tensor, expected[name]) for name, tensor in checkpoint.model.state_dict().items())
    assert checkpoint.metadata["recipe"] == "mlp-relu"
    assert checkpoint.metadata["seed"] == "0"
    assert checkpoint.metadata["epochs"] == "3"
    assert checkpoint.metadata["test_accuracy"] == "0.1250"
    assert checkpoint.metadata["torch"] == torch.__version__


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_a_cut_file_is_refused(saved, share):
    content = saved.read_bytes()
    saved.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(CheckpointError, match=r"net\.safetensors: not a complete safetensors file"):
        load_checkpoint(saved)


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "net.safetensors"
    path.write_bytes(b"<!DOCTYPE html>" * 100)
    with pytest.raises(CheckpointError, match="not a complete safetensors file"):
        load_checkpoint(path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_checkpoint(tmp_path / "none.safetensors")


def test_weights_of_another_network_are_refused(saved):
    with pytest.raises(CheckpointError, match="expected the weights of 'cnn', found those of 'mlp-relu'"):
        load_checkpoint(saved, "cnn")


def test_an_mlp_relu_of_the_first_format_answers_as_it_did(tmp_path):
    """Its pixels were scaled before the first layer, also in the runs of older histories."""
    layers = build_model("mlp-relu", 1).layers
    path = tmp_path / "old.safetensors"
    tensors = {f"layers.{name}": tensor for name, tensor in layers.state_dict().items()}
    save_file(tensors, path, {"model": "mlp-relu", "sizes": "50"})
    images = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    expected = layers((images - 0.1307) * 5)
    assert torch.allclose(load_checkpoint(path).model(images), expected, atol=1e-4)


def test_a_digitnet_without_a_candidate_threshold_gets_the_default(tmp_path):
    """Format 2 had none, and no batch norm in front of the last layer; in format 3 both have to be there."""
    path = tmp_path / "old.safetensors"
    network = build_model("digitnet", 1).eval()
    tensors = {name: tensor for name, tensor in network.state_dict().items() if not name.startswith("classifier.0.")}
    tensors = {name.replace("classifier.1.", "classifier."): tensor for name, tensor in tensors.items()}
    del tensors["candidate_threshold"]
    save_file(tensors, path, {"model": "digitnet", "format": "2"})
    loaded = load_checkpoint(path).model
    assert loaded.get_buffer("candidate_threshold").item() == pytest.approx(0.1)
    images = torch.rand(5, 1, 28, 28)
    torch.testing.assert_close(loaded(images), network(images))  # an untrained batch norm changes nothing
    save_file(tensors, path, {"model": "digitnet", "format": "3"})
    with pytest.raises(CheckpointError, match="the tensor candidate_threshold is missing"):
        load_checkpoint(path)


def change(tensors):
    return {
        "missing": {name: tensor for name, tensor in tensors.items() if name != "layers.1.bias"},
        "extra": tensors | {"surprise": torch.zeros(1)},
        "shape": tensors | {"layers.1.bias": torch.zeros(51)},
        "type": tensors | {"layers.1.bias": torch.zeros(50, dtype=torch.float64)},
        "nan": tensors | {"layers.1.bias": torch.full((50,), float("nan"))},
    }


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("missing", "the tensor layers.1.bias is missing"),
        ("extra", "found a tensor surprise that the network does not have"),
        ("shape", r"expected layers.1.bias of shape \(50,\) and torch.float32, found \(51,\)"),
        ("type", r"found \(50,\) and torch.float64"),
        ("nan", "layers.1.bias contains values that are not finite"),
    ],
)
def test_tensors_that_do_not_fit_are_refused(tmp_path, kind, message):
    path = tmp_path / "net.safetensors"
    save_file(change(build_model("mlp-relu").state_dict())[kind], path, {"model": "mlp-relu"})
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(path)


def test_a_file_that_does_not_name_its_network_is_refused(tmp_path):
    path = tmp_path / "net.safetensors"
    save_file(build_model("mlp-relu").state_dict(), path)
    with pytest.raises(CheckpointError, match=r"expected the weights of one of .*, found None"):
        load_checkpoint(path)


def test_a_save_that_fails_leaves_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()

    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(CheckpointError, match="cannot be written: No space left"):
        save_checkpoint(saved, build_model("cnn"), RECIPES["cnn"].metadata(None))
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


@pytest.mark.parametrize("name", MODELS)
def test_the_weights_that_come_along_are_whole(name):
    checkpoint = load_checkpoint(WEIGHTS / f"{name}.safetensors", name)
    assert checkpoint.metadata["model"] == name
    assert name in (WEIGHTS / "README.md").read_text(encoding="utf-8")


def test_other_weights_have_another_hash_and_missing_ones_are_told(tmp_path):
    paths = [tmp_path / f"{seed}.safetensors" for seed in (0, 1)]
    for seed, path in enumerate(paths):
        save_checkpoint(path, build_model("mlp-relu", seed), {"model": "mlp-relu"})
    first, second = map(hash_weights, paths)
    assert first != second
    assert len(first) == 16
    with pytest.raises(CheckpointError, match=r"missing\.safetensors: cannot be read"):
        hash_weights(tmp_path / "missing.safetensors")
