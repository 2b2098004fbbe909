"""The package as others install it: a wheel, in an environment of its own, used from an empty folder."""

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from packaging.requirements import Requirement
from PIL import Image
from waiting import wait_for

from mnist_demo import __version__, load_split

PROJECT = Path(__file__).parent.parent
PYTHON = "Scripts/python.exe" if os.name == "nt" else "bin/python"


def run(*command, cwd=None):
    """Return what a command writes, which must end well; nothing of this project is on its path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(part) for part in command]
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of what .dockerignore lets through: all that the image is made of."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for line in (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line.startswith("!"):
            copy = shutil.copytree if (PROJECT / line[1:]).is_dir() else shutil.copyfile
            copy(PROJECT / line[1:], source / line[1:])
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, source)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """Python of an environment that holds the wheel, and borrows its dependencies: PyTorch has several GB."""
    environment = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", environment)
    python = environment / PYTHON
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "borrowed.pth").write_text("\n".join(sorted(borrowed)), encoding="utf-8")
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index", wheel)
    return python


@pytest.fixture
def seven(tmp_path):
    path = tmp_path / "seven.png"
    Image.fromarray(load_split(train=False).images[0]).resize((280, 280)).save(path)
    return path


def test_the_wheel_holds_every_file_of_the_package(wheel):
    expected = set()
    for folder in ("mnist_demo", "weights"):
        files = [
            path for path in (PROJECT / folder).rglob("*") if path.is_file() and path.suffix not in (".pyc", ".pyi")
        ]
        expected |= {path.relative_to(PROJECT).as_posix() for path in files}
    expected.add("mnist_demo/docs/inside.md")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert {name.removeprefix("mnist_demo/") if "/weights/" in name else name for name in names} == expected


def test_it_says_what_it_needs_and_which_version_it_is(wheel):
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(f"mnist_demo-{__version__}.dist-info/METADATA").decode()
    needed = {str(Requirement(text)) for text in re.findall(r"^Requires-Dist: (.*)$", metadata, re.MULTILINE)}
    assert needed == {str(requirement) for requirement in requirements("requirements.txt")}
    assert "Requires-Python: >=3.11" in metadata


def test_python_reads_a_digit(python, seven, tmp_path):
    code = "import mnist_demo; from PIL import Image; print(mnist_demo.__file__)"
    code += f"; print(mnist_demo.Predictor.load().predict(Image.open({str(seven)!r})).digit)"
    file, digit = run(python, "-c", code, cwd=tmp_path).splitlines()
    assert Path(file).is_relative_to(python.parent.parent)
    assert digit == "7"


def test_the_command_reads_a_digit(python, seven, tmp_path):
    assert run(python, "-m", "mnist_demo", "predict", seven, cwd=tmp_path).startswith(f"{seven}: 7 (")


def test_gradio_is_loaded_by_the_page_alone(python, tmp_path):
    code = "import sys, mnist_demo.__main__ as it; it._build_parser(); print('gradio' in sys.modules)"
    assert run(python, "-c", code, cwd=tmp_path).strip() == "False"


@pytest.fixture(params=["mnist-demo", "serve"])
def url(request, python, tmp_path):
    """The address of the demo, started by either command from an empty folder."""
    serve = [python, "-m", "mnist_demo", "serve"]
    command = [python.parent / "mnist-demo"] if request.param == "mnist-demo" else serve
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    options = {"cwd": tmp_path, "env": environment | {"PYTHONUNBUFFERED": "1"}, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([*map(str, command), "--port", "18860"], **options) as server:
        yield next(line.split()[-1] for line in server.stdout if "http://" in line) + "/"
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=120) == 0


def test_the_page_is_served_reads_and_trains(url, seven, tmp_path):
    wait_for(lambda: "Handwritten digits" in httpx.get(url, timeout=60).text)
    answer = httpx.post(f"{url}read", params={"model": "digitnet"}, content=seven.read_bytes(), timeout=60)
    assert answer.json()["digit"] == 7
    client = Client(url, verbose=False)
    run_id = client.predict("mlp-relu", 1, api_name="/start_training")
    wait_for(lambda: client.predict(run_id, api_name="/run")["state"] == "finished", interval=0.2)
    assert (tmp_path / "runs" / "runs.sqlite").is_file()


def requirements(name):
    """Return the requirements of a file of the repository."""
    lines = (PROJECT / name).read_text(encoding="utf-8").splitlines()
    texts = [line.partition("#")[0].strip() for line in lines if not line.startswith("-r ")]
    return [Requirement(text) for text in texts if text]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_what_continuous_integration_installs_is_what_is_required(name):
    pinned = {requirement.name.lower(): str(requirement.specifier) for requirement in requirements("constraints.txt")}
    for requirement in requirements(name):
        version = pinned[requirement.name.lower()].removeprefix("==")
        assert requirement.specifier.contains(version), f"{requirement} excludes {version}"


def test_every_constraint_is_one_version_from_any_registry():
    assert all(re.fullmatch(r"==[^*,]+", str(requirement.specifier)) for requirement in requirements("constraints.txt"))
    assert not re.search(r"://|--", (PROJECT / "constraints.txt").read_text(encoding="utf-8"))
