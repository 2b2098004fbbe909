import pytest
import torch

from mnist_demo.errors import SettingsError
from mnist_demo.networks.devices import choose_device


@pytest.mark.parametrize(("has_cuda", "expected"), [(True, "cuda"), (False, "cpu")])
def test_auto_takes_cuda_where_there_is_one(monkeypatch, has_cuda, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_cuda)
    assert choose_device("auto").type == expected
    assert choose_device("cpu").type == "cpu"


def test_asking_for_cuda_where_there_is_none_names_what_is_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SettingsError, match=r"no CUDA device here, only the CPU \(\d+ threads\)"):
        choose_device("cuda")


def test_an_unknown_device_is_refused():
    with pytest.raises(SettingsError, match="expected one of auto, cpu, cuda, found 'mps'"):
        choose_device("mps")
