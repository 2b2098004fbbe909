import csv
import json
from io import StringIO

import pytest

from mnist_demo.runs.exports import to_csv, to_json
from mnist_demo.runs.run import Run
from mnist_demo.training.config import TrainConfig
from mnist_demo.training.events import BatchReport, Ended, EpochEnded, LearningRateChanged, Started, to_dict
from mnist_demo.training.recipes import RECIPES, configure

EVENTS = [
    to_dict(event)
    for event in (
        Started("a1", "cnn", "cpu", 60_000, 10_000, 49_770),
        EpochEnded(0, None, None, 2.3, 0.1, 0.0),
        BatchReport(1, 640, 0.1 + 0.2, 31_000),
        LearningRateChanged(640, 0.01),
        EpochEnded(1, 0.25, 0.9, 0.12, 0.96, 4.5),
        EpochEnded(2, 0.125, 0.95, 0.11, 0.97, 9.0),
        Ended("finished", "The run has finished.", None, 0.98, 0.97),
    )
]
HEADER = "event,epoch,examples_seen,train_loss,train_accuracy,test_loss,test_accuracy,seconds,examples_per_second\n"


def test_the_table_has_a_row_for_each_report_and_each_epoch():
    assert to_csv(EVENTS) == HEADER + (
        "epoch,0,0,,,2.3,0.1,0.0,\n"
        "batch,1,640,0.30000000000000004,,,,,31000\n"
        "epoch,1,60000,0.25,0.9,0.12,0.96,4.5,\n"
        "epoch,2,120000,0.125,0.95,0.11,0.97,9.0,\n"
    )


def test_a_number_survives_the_way_through_the_table():
    rows = list(csv.DictReader(StringIO(to_csv(EVENTS))))
    assert float(rows[1]["train_loss"]) == EVENTS[2]["train_loss"]


def test_a_run_that_waits_has_a_table_without_rows():
    assert to_csv([]) == HEADER


@pytest.fixture
def run():
    config = configure("cnn", sizes=(8, 8, 16))
    return Run("a1", 3, config, "Wide", "Zoë", "the-secret", state="finished", parameters=49_770)


def test_the_document_tells_what_the_run_was_and_what_happened(run):
    text = to_json(run, EVENTS)
    document = json.loads(text)
    config = document.pop("config")
    assert document == {
        "number": 3,
        "name": "Wide",
        "nickname": "Zoë",
        "recipe": "cnn",
        "state": "finished",
        "parameters": 49_770,
        "best_test_accuracy": None,
        "best_epoch": None,
        "events": EVENTS,
    }
    assert text.endswith("\n}\n")
    assert '\n  "nickname": "Zoë",\n' in text
    assert TrainConfig(**config) == run.config


def test_the_token_stays_secret(run):
    text = to_json(run, EVENTS)
    assert "the-secret" not in text
    assert "token" not in text


def test_a_run_that_waits_has_a_document_too():
    document = json.loads(to_json(Run("b2", 4, RECIPES["mlp-relu"]), []))
    assert (document["state"], document["parameters"], document["events"]) == ("queued", None, [])
