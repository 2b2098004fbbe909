"""Exports of a run: its metrics as CSV, or its whole public record as JSON."""

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict
from io import StringIO
from typing import Any

from mnist_demo.runs.run import Run

COLUMNS = (
    "event",
    "epoch",
    "examples_seen",
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
    "seconds",
    "examples_per_second",
)


def to_csv(events: Sequence[dict[str, Any]]) -> str:
    """Return a table with a row for each "batch" and each "epoch" event; cells without a value are empty.

    Args:
        events: all events of a run so far, in order, as returned by `mnist_demo.training.events.to_dict`.
    """
    table = StringIO()
    writer = csv.DictWriter(table, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    train_size = 0
    for event in events:
        if event["event"] == "started":
            train_size = event["train_size"]
        elif event["event"] in ("batch", "epoch"):
            writer.writerow({"examples_seen": event["epoch"] * train_size, **event})  # a batch has its own value
    return table.getvalue()


def to_json(run: Run, events: Sequence[dict[str, Any]]) -> str:
    """Return the public record of a run as a JSON document, without its token.

    Args:
        run: the record.
        events: all its events so far, in order, as returned by `mnist_demo.training.events.to_dict`.
    """
    document = {
        "number": run.number,
        "name": run.name,
        "nickname": run.nickname,
        "recipe": run.config.recipe,
        "config": asdict(run.config),
        "state": run.state,
        "parameters": run.parameters,
        "best_test_accuracy": run.best_test_accuracy,
        "best_epoch": run.best_epoch,
        "events": events,
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
