"""What no import contract of pyproject.toml holds: few modules start processes, and what is light stays light."""

import subprocess
import sys
from pathlib import Path

import pytest

import mnist_demo

PROJECT = Path(__file__).parent.parent


def test_processes_are_started_by_two_modules_only():
    sources = (PROJECT / "mnist_demo").rglob("*.py")
    knowing = sorted(path.stem for path in sources if "import subprocess" in path.read_text(encoding="utf-8"))
    assert knowing == ["decoder_process", "worker_process"]


def test_a_process_that_opens_pictures_does_without_pytorch():
    code = "import sys, mnist_demo.reading.decoder; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], cwd=PROJECT, text=True).split()
    assert "PIL" in loaded
    assert "torch" not in loaded


def test_all_public_names_are_there():
    assert sorted(mnist_demo._MODULES) == sorted(mnist_demo.__all__)
    assert set(mnist_demo.__all__) <= set(dir(mnist_demo))
    assert all(getattr(mnist_demo, name) is not None for name in mnist_demo.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'forecast'"):
        _ = mnist_demo.forecast
