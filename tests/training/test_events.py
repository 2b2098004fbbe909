import json

import pytest

from mnist_demo.training.events import (
    BatchReport,
    Ended,
    EpochEnded,
    EvaluationReport,
    Started,
    from_json,
    to_dict,
    to_json,
)

EVENTS = [
    Started("a1", "cnn", "cpu", 60_000, 10_000, 49_770),
    BatchReport(1, 640, 0.25, 31_000.0),
    EvaluationReport("test", 0, 640, 10_000, 2.3, 0.1),
    EpochEnded(0, None, None, 2.3, 0.1, 0.0),
    EpochEnded(3, 0.1, 0.97, 0.12, 0.96, 4.5),
    Ended("finished", "The run has finished.", "w.safetensors", 0.98, 0.97),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.event)
def test_an_event_survives_the_way_through_json(event):
    assert from_json(to_json(event)) == event


def test_the_json_has_the_published_fields():
    assert to_json(BatchReport(1, 640, 0.25, 31_000.0)) == (
        '{"event": "batch", "epoch": 1, "examples_seen": 640, "train_loss": 0.25, "examples_per_second": 31000.0}'
    )


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Segmentation fault",
        "[]",
        "{}",
        '{"event": "party"}',
        '{"event": "ended"}',
        '{"event": ["epoch"]}',
        "null",
        "[" * 60_000,
    ],
)
def test_what_is_not_an_event_is_refused(line):
    with pytest.raises(ValueError, match="expected"):
        from_json(line)


WRONG = {
    str: [None, 1, ["a"], {}],
    int: [None, "1", True, 0.5, [1], 10**400],
    float: [None, "1", True, [1], float("nan"), float("inf"), 10**400],
}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.event)
def test_a_field_of_another_type_is_refused(event):
    values = to_dict(event)
    for name in values.keys() - {"event", "weights", "train_loss", "train_accuracy"}:
        for wrong in WRONG[type(values[name])][event.event == "ended" :]:  # at the end, nearly all may be missing
            with pytest.raises(ValueError, match=f"{name}: expected"):
                from_json(json.dumps({**values, name: wrong}))


@pytest.mark.parametrize("name", ["train_loss", "train_accuracy"])
def test_only_what_may_be_missing_may_be_null(name):
    untrained = to_dict(EVENTS[3])
    assert from_json(json.dumps({**untrained, name: None})) == EVENTS[3]
    with pytest.raises(ValueError, match="test_accuracy: expected a valid number, found None"):
        from_json(json.dumps({**untrained, "test_accuracy": None}))


def test_a_whole_number_will_do_for_a_fraction():
    assert from_json(json.dumps({**to_dict(EVENTS[1]), "train_loss": 1})).train_loss == 1


def test_a_number_that_json_does_not_know_is_never_written():
    with pytest.raises(ValueError, match="JSON"):
        to_json(BatchReport(1, 640, float("nan"), 31_000.0))


def test_a_run_ends_for_one_of_the_known_reasons_only():
    line = to_json(EVENTS[-1]).replace('"finished"', '"party"')
    with pytest.raises(ValueError, match="reason: expected 'finished', 'stopped' or 'failed', found 'party'"):
        from_json(line)
