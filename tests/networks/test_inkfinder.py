import pytest
import torch

from mnist_demo.errors import CheckpointError
from mnist_demo.networks.checkpoints import WEIGHTS, load_ink_finder, save_checkpoint
from mnist_demo.networks.describe import count_parameters
from mnist_demo.networks.inkfinder import InkFinder
from mnist_demo.networks.registry import build_model


@pytest.mark.parametrize("size", [(96, 96), (16, 48), (160, 352)])
def test_it_marks_every_pixel_of_a_canvas_of_any_size(size):
    with torch.inference_mode():
        assert InkFinder().eval()(torch.zeros(2, 2, *size)).shape == (2, 1, *size)


def test_it_has_at_most_60_000_parameters():
    assert count_parameters(InkFinder()) <= 60_000


def test_what_is_saved_is_loaded_and_gives_the_same(tmp_path):
    network = InkFinder().eval()
    save_checkpoint(tmp_path / "finder.safetensors", network, {"model": "inkfinder"})
    canvas = torch.randn(1, 2, 96, 96)
    with torch.inference_mode():
        torch.testing.assert_close(load_ink_finder(tmp_path / "finder.safetensors")(canvas), network(canvas))


def test_the_weights_of_another_network_are_refused(tmp_path):
    save_checkpoint(tmp_path / "cnn.safetensors", build_model("cnn"), {"model": "cnn"})
    with pytest.raises(CheckpointError, match="expected the weights of 'inkfinder', found 'cnn'"):
        load_ink_finder(tmp_path / "cnn.safetensors")


def test_the_weights_are_bundled():
    assert isinstance(load_ink_finder(WEIGHTS / "inkfinder.safetensors"), InkFinder)
