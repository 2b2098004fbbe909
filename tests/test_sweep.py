"""The command that trains with many values of one setting."""

import csv
import re

import pytest

from mnist_demo.__main__ import main

SWEEP = ["sweep", "--recipe", "mlp-relu", "--epochs", "1", "--device", "cpu"]


def test_it_prints_every_run_and_a_table_and_writes_rows(small_mnist, tmp_path, capsys):
    out = tmp_path / "out.csv"
    options = ["--learning-rate", "1e-5,1e-2", "--seeds", "2", "--data", str(small_mnist), "--csv", str(out)]
    assert main([*SWEEP, *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"run 1 of 4  learning_rate 1e-05  seed 0  test [\d.]+%", lines[0])
    assert lines[3].startswith("run 4 of 4  learning_rate 0.01  seed 1  test ")
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert [(row["setting"], float(row["value"]), row["seed"]) for row in rows] == [
        ("learning_rate", 1e-5, "0"),
        ("learning_rate", 1e-2, "0"),
        ("learning_rate", 1e-5, "1"),
        ("learning_rate", 1e-2, "1"),
    ]
    slow, quick = ([float(row["final"]) for row in rows if float(row["value"]) == value] for value in (1e-5, 1e-2))
    assert max(slow) < min(quick)
    mean, low, high = (float(text) / 100 for text in re.findall(r"([\d.]+)%", lines[-1]))
    assert (mean, low, high) == pytest.approx((sum(quick) / 2, min(quick), max(quick)), abs=1e-4)
    assert lines[-1].split()[0] == "0.01"
    assert lines[-1].count("#") > lines[-2].count("#") == 1


def test_an_interrupted_sweep_tells_what_it_has(small_mnist, tmp_path, capsys, monkeypatch):
    from mnist_demo import sweep

    trials = []

    def run_one(trial, splits):
        trials.append(trial)
        if len(trials) == 3:
            raise KeyboardInterrupt
        return sweep.Result(trial.value, 0, 0.5 + trial.value, 0.5 + trial.value)

    monkeypatch.setattr(sweep, "run_trial", run_one)
    out = tmp_path / "out.csv"
    options = ["--momentum", "0:0.4:5", "--data", str(small_mnist), "--csv", str(out)]
    assert main([*SWEEP, *options]) == 1
    captured = capsys.readouterr()
    assert captured.err == "interrupted\n"
    assert "0.1    60.00%" in captured.out
    assert len(out.read_text(encoding="utf-8").splitlines()) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "expected several values of one setting, as 1e-4:1e-1:9 or 8,16,32, found none"),
        (["--momentum", "0,0.5", "--batch-size", "8,16"], "found --momentum and --batch-size"),
        (["--learning-rate", "0.1,20"], "learning_rate: expected above 0 and at most 10, found 20"),
        (["--momentum", "0,0.5", "--width", "8"], "width: expected several values; with one, use the command train"),
        (["--momentum", "0,0.5", "--csv", "missing/out.csv"], "missing/out.csv: cannot be written"),
    ],
)
def test_what_is_wrong_is_told(small_mnist, capsys, options, message):
    assert main([*SWEEP, "--data", str(small_mnist), *options]) == 1
    assert message in capsys.readouterr().err
