import pytest
import torch

from mnist_demo.errors import SettingsError
from mnist_demo.networks.devices import check_device, choose_device


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.fixture
def two_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


@pytest.mark.parametrize(("has_cuda", "expected"), [(True, "cuda"), (False, "cpu")])
def test_auto_takes_cuda_where_there_is_one(monkeypatch, has_cuda, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_cuda)
    assert choose_device("auto").type == expected
    assert choose_device("cpu").type == "cpu"


@pytest.mark.usefixtures("two_gpus")
def test_one_of_several_cuda_devices_is_chosen_by_its_number():
    assert choose_device("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(SettingsError, match="expected a CUDA device from cuda:0 to cuda:1, found cuda:2"):
        choose_device("cuda:2")


def test_an_apple_gpu_is_taken_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_device("mps").type == "mps"


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize(("name", "kind"), [("cuda", "CUDA"), ("cuda:0", "CUDA"), ("mps", "MPS")])
def test_asking_for_a_device_that_is_missing_names_what_is_there(name, kind):
    with pytest.raises(SettingsError, match=rf"no {kind} device.* here, only the CPU \(\d+ threads\)"):
        choose_device(name)
    check_device(name)  # on another machine it would do


@pytest.mark.parametrize("name", ["tpu", "cuda:", "cuda:-1", "cuda:01", "cuda:x", "cpu:0", "", None, 0, ["cpu"]])
def test_an_unknown_device_is_refused(name):
    with pytest.raises(SettingsError, match="device: expected one of auto, cpu, cuda, mps or cuda:N, found"):
        check_device(name)
