"""The scripts of benchmarks/ start as their own first lines say."""

import os
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
# All in one process, because loading PyTorch takes seconds; each finds the package by itself.
LOAD = """
import runpy, sys

clean = sys.path[1:]
for script in sys.argv[2:]:
    sys.path[:] = [sys.argv[1], *clean]
    for name in [name for name in sys.modules if name.split(".")[0] == "mnist_demo"]:
        del sys.modules[name]
    runpy.run_path(script, run_name="benchmark")
    print(script)
"""


def test_every_benchmark_finds_what_it_needs(tmp_path):
    scripts = sorted(map(str, BENCHMARKS.glob("*.py")))
    assert len(scripts) > 10
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-c", LOAD, str(BENCHMARKS), *scripts]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.stdout.splitlines() == scripts, result.stderr
