"""The scripts of benchmarks/ start as their own first lines say, and draw as the page does."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.attacks import COSTLY_DRAWINGS
from benchmarks.comparison_apps import count_points
from benchmarks.drawing_latency import APPS, trace_seven
from benchmarks.growing_drawings import make_drawings, trace, write_message
from benchmarks.visitors import describe_end
from mnist_demo import Predictor
from mnist_demo.reading.drawing import PAD
from mnist_demo.reading.preparation import prepare_drawing
from mnist_demo.serving.routes.bodies import read_drawing
from mnist_demo.serving.routes.drawing import MAX_DRAWING
from mnist_demo.training.synthetic.glyphs import DIGITS

DRAW_PAD = Path(__file__).parent.parent / "mnist_demo" / "ui" / "components" / "draw_pad"
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
# What the page sends of drawings, one a line.
WRITE = """
import {{ PENS }} from "{folder}/drawing.js";
import {{ writeMessage }} from "{folder}/message.js";
for (const strokes of {drawings}) {{
  console.log(writeMessage({{ picture: null, strokes, pen: PENS.medium }}).body);
}}
"""


def test_every_benchmark_finds_what_it_needs(tmp_path):
    scripts = sorted(map(str, BENCHMARKS.glob("*.py")))
    assert len(scripts) > 10
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-c", LOAD, str(BENCHMARKS), *scripts]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.stdout.splitlines() == scripts, result.stderr


@pytest.fixture(scope="module")
def drawings():
    return make_drawings()


def test_visitors_draw_what_is_read_as_the_digit_meant(drawings):
    predictor = Predictor.load()
    for stages, digit in drawings:
        assert predictor.read(prepare_drawing(read_drawing(stages[-1].message))).guess == digit


def test_drawings_grow_and_are_never_empty(drawings):
    for stages, _ in drawings:
        assert b"[]" not in stages[0].message
        assert len(stages[0].message) < len(stages[-1].message)


@pytest.mark.skipif(not shutil.which("node"), reason="needs node")
def test_visitors_send_what_the_script_of_the_page_sends():
    """The same bytes of the same strokes, in units of the pad's side."""
    drawings = [[(stroke / PAD).tolist() for stroke in trace(digit)] for digit in DIGITS]
    drawings.append([[(0.5, 0.5)]])
    script = WRITE.format(folder=DRAW_PAD.as_uri(), drawings=json.dumps(drawings))
    command = ["node", "--input-type=module", "-e", script]
    sent = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    strokes = [[np.array(stroke) * PAD for stroke in drawing] for drawing in drawings]
    assert [write_message(drawing).decode() for drawing in strokes] == sent


@pytest.mark.parametrize("make", COSTLY_DRAWINGS.values(), ids=list(COSTLY_DRAWINGS))
def test_costly_drawings_are_none_that_the_server_refuses(make):
    assert len(make()) <= MAX_DRAWING
    assert read_drawing(make()).strokes


def test_an_echo_counts_the_points_of_a_message():
    assert count_points(write_message([np.array([[0, 0], [500, 400], [0, 900]]), np.array([[100, 100]])])) == 4


def test_only_the_last_point_makes_a_seven():
    """Before it an echo has got fewer points: our pad thins a 1 to two of them."""
    *stem, last = (PAD * np.array(trace_seven(random.Random(0)))).tolist()
    assert count_points(write_message([np.array(stem)])) == 2
    assert str(count_points(write_message([np.array([*stem, last])]))) == APPS["plain echo"].expected


def test_visitors_are_served_who_are_answered_in_time_and_not_refused():
    in_time = {"milliseconds": {"reading": [100] * 99, "poll": [10] * 99}, "refusals": {}}
    late = {**in_time, "milliseconds": {"reading": [100] * 99, "poll": [500] * 99}}
    refused = {**in_time, "refusals": {"reading 503": 1}}
    none = {**in_time, "milliseconds": {"reading": [], "poll": []}}
    tallies = {200: in_time, 1_000: late, 1_500: refused, 2_000: none}
    end = describe_end({number: {"tally": tally} for number, tally in tallies.items()})
    assert end.endswith("under 1% refused): 200; not: 1,000, 1,500, 2,000 visitors.")
