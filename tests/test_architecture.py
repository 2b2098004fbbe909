"""The rules of the layout: imports point one way, only the page knows Gradio, nothing grows out of hand."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import mnist_demo

PROJECT = Path(__file__).parent.parent
LAYERS = [
    {"errors", "files", "meters", "components", "glyphs", "control", "openmp", "threads"},
    {"events", "idx", "picture_structure", "throttle", "other_glyphs", "sizes", "job_queue", "migrations"},
    {"pictures"},
    {"datasets", "devices", "models", "ink", "decoder", "decoder_process", "run_database"},
    {"normalisation", "recipes", "augmentation", "calibration", "layers", "analysis"},
    {"preprocessing", "segmentation", "drawings", "batches", "optimisation", "records", "instructor_key"},
    {"evaluation", "checkpoints", "predictions", "run_files", "run_list", "rights", "exports", "training_set"},
    {"inference", "training", "runs", "training_script"},
    {"run_book"},
    {"worker", "worker_process", "overtime", "pretrain"},
    {"spare_worker"},
    {"background"},
    {"ui", "__main__", "__init__"},
]
MODULES = sorted((PROJECT / "mnist_demo").glob("*.py"))
PAGE = sorted((PROJECT / "mnist_demo" / "ui").rglob("*.py"))


def imports_of(path):
    """Yield the dotted names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.stem} imports relatively"
            yield node.module or ""
            if node.module == "mnist_demo":
                yield from (f"mnist_demo.{alias.name}" for alias in node.names)


def layer_of(module):
    return next(level for level, names in enumerate(LAYERS) if module in names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_imports_point_one_way(path):
    for name in imports_of(path):
        if name.startswith("mnist_demo."):
            assert layer_of(name.split(".")[1]) < layer_of(path.stem), f"{path.stem} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_only_the_page_knows_gradio(path):
    assert not any(name.split(".")[0] == "gradio" for name in imports_of(path))


@pytest.mark.parametrize("path", [path for path in PAGE if path.parent.name == "gates"], ids=lambda path: path.stem)
def test_gates_know_no_gradio_and_so_stand_before_any_app(path):
    assert not any(name.split(".")[0] == "gradio" for name in imports_of(path))


@pytest.mark.parametrize("path", [path for path in PAGE if path.stem.endswith("_tab")], ids=lambda path: path.stem)
def test_tabs_do_not_import_one_another(path):
    assert not any(name.endswith("_tab") for name in imports_of(path))


@pytest.mark.parametrize("path", [*MODULES, *PAGE], ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_file_does_one_thing(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250


def test_processes_are_started_by_two_modules_only():
    knowing = [path.stem for path in [*MODULES, *PAGE] if "subprocess" in set(imports_of(path))]
    assert knowing == ["decoder_process", "worker_process"]


def test_a_process_that_opens_pictures_does_without_pytorch():
    code = "import sys, mnist_demo.decoder; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], cwd=PROJECT, text=True).split()
    assert "PIL" in loaded
    assert "torch" not in loaded


def test_all_public_names_are_there():
    assert sorted(mnist_demo._MODULES) == sorted(mnist_demo.__all__)
    assert set(mnist_demo.__all__) <= set(dir(mnist_demo))
    assert all(getattr(mnist_demo, name) is not None for name in mnist_demo.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'forecast'"):
        _ = mnist_demo.forecast
