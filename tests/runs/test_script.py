import ast
import itertools
import os
import runpy
import subprocess
import sys

import numpy as np
import pytest
import torch

from mnist_demo.data.datasets import load_split
from mnist_demo.data.idx import write_idx
from mnist_demo.errors import SettingsError
from mnist_demo.networks.registry import build_model
from mnist_demo.runs.script import write_script
from mnist_demo.training.events import Ended, EpochEnded
from mnist_demo.training.loop import train
from mnist_demo.training.recipes import RECIPES, configure

# What makes each recipe quick on 2,000 images, and covers what no recipe has: other sizes, large batches in parts.
CHANGES = {
    "mlp-sigmoid": {"batch_size": 100},
    "cnn": {"sizes": (8, 8, 16), "batch_size": 64, "epochs": 1},
    "digitnet": {"validation_size": 1500, "epochs": 1},
}


def numbers(event):
    names = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
    return {name: value for name in names if (value := getattr(event, name, None)) is not None}


def printed_numbers(line):
    words = line.partition(": ")[2].split()
    return {name: float(value) for name, value in zip(words[::2], words[1::2], strict=True)}


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_script_prints_the_numbers_of_the_run(small_mnist, tmp_path, recipe):
    plain = {"augmentation": "none", "device": "cpu", "epochs": 2, "seed": 7}
    config = configure(recipe, **plain | CHANGES.get(recipe, {}))
    path = tmp_path / "train.py"
    path.write_text(write_script(config, "train.py"), encoding="utf-8")
    # Away from the project, and without what this process has on its path: the script stands alone.
    command = [sys.executable, "-I", "-W", "error", path, small_mnist]
    # With as many threads as this process has: the last digits hang on that.
    environment = {**os.environ, "OMP_NUM_THREADS": str(torch.get_num_threads())}
    printed = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert printed.stderr == ""
    splits = (load_split(small_mnist, train=half) for half in (True, False))
    events = train(build_model(config.model, config.seed, config.sizes), *splits, config)
    expected = [numbers(event) for event in events if isinstance(event, EpochEnded | Ended)]
    assert [printed_numbers(line) for line in printed.stdout.splitlines()] == expected


@pytest.mark.parametrize("model", RECIPES)
@pytest.mark.parametrize("device", ["auto", "cpu", "cuda:1"])
def test_whatever_the_settings_the_script_is_whole_and_needs_no_package_but_torch_and_numpy(model, device):
    for optimizer, schedule, batch_size, validation_size in itertools.product(
        ("adam", "sgd"), ("constant", "one-cycle"), (8, 1000), (0, 5000)
    ):
        changes = {"optimizer": optimizer, "schedule": schedule, "batch_size": batch_size, "device": device}
        config = configure(model, augmentation="none", validation_size=validation_size, **changes)
        script = write_script(config, "train.py")
        imported = set()
        for node in ast.walk(ast.parse(script)):
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module.split(".")[0])
            elif isinstance(node, ast.Import):
                imported.update(alias.name for alias in node.names)
        assert imported == {"gzip", "sys", "pathlib", "numpy", "torch"}
        assert "{%" not in script
        assert "{{" not in script
        assert max(len(line) for line in script.splitlines()) <= 120


def test_a_script_holds_its_settings_and_nothing_that_they_do_not_need():
    script = write_script(configure("cnn", seed=3), "train.py")
    assert "\nBATCH_SIZE = 8\n" in script
    assert "\nSEED = 3 " in script
    assert "class ConvNet" in script
    assert "ConvNet()" in script
    for needless in ("OneCycleLR", "HELD_OUT", "SGD", "FastNet", "_perceptron", "_Residual", "for part in batch"):
        assert needless not in script


def test_what_a_network_needs_comes_with_it():
    script = write_script(configure("mlp-relu", sizes=(64,)), "train.py")
    for needed in ("def _perceptron", "ReluMLP((64,))"):
        assert needed in script


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_the_script_reads_plain_and_compressed_files(tmp_path, suffix):
    path = tmp_path / "train.py"
    path.write_text(write_script(configure("mlp-relu"), "train.py"), encoding="utf-8")
    images = np.arange(2 * 28 * 28).reshape(2, 28, 28).astype(np.uint8)
    write_idx(tmp_path / f"images{suffix}", images)
    script = runpy.run_path(str(path), run_name="script")
    assert np.array_equal(script["read_idx"](tmp_path / "images"), images)


def test_the_script_says_by_its_own_name_how_it_is_run(tmp_path):
    path = tmp_path / "run_1_mlp_relu.py"
    path.write_text(write_script(configure("mlp-relu"), path.name), encoding="utf-8")
    for arguments, reason in (
        ([], "expected one argument, the directory of the data, found 0"),
        (["a", "b"], "found 2"),
        ([tmp_path], "train-images-idx3-ubyte: found neither this file nor train-images-idx3-ubyte.gz"),
    ):
        result = subprocess.run([sys.executable, path, *arguments], capture_output=True, text=True, check=False)
        assert result.returncode == 1
        assert reason in result.stderr
        assert "Traceback" not in result.stderr
        assert arguments == [tmp_path] or "\n    python run_1_mlp_relu.py DIRECTORY\n" in result.stderr


def test_a_run_with_augmentation_is_refused():
    with pytest.raises(SettingsError, match=r"augmentation: .* found 'drawing'"):
        write_script(configure("digitnet"), "train.py")
