"""What a training run tells about itself, as dataclasses and as JSON lines of the same fields.

A run yields one Started, then EpochEnded for the untrained network (epoch 0), then BatchReport several
times a second and EpochEnded after each epoch, and one Ended. Where looking at a whole split takes longer,
EvaluationReport says several times a second what is known so far. Losses are mean cross-entropy in nats, accuracies
are in [0, 1].
"""

import json
from dataclasses import asdict, dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

Reason = Literal["finished", "stopped", "failed"]
SplitName = Literal["train", "test"]
STOPPED = "The run was stopped."

_EXACT = Field(strict=True, ge=-(2**53), le=2**53)  # numbers, no texts, that a browser counts exactly
Count = Annotated[int, _EXACT]
Number = Annotated[float, _EXACT]


class _Checked:
    """Fields that hold exactly what their types say when they come from JSON."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True)
class Started(_Checked):
    """The run has a device and its data."""

    event: ClassVar[str] = "started"
    run: str
    recipe: str
    device: str
    train_size: Count  # images in the training split
    test_size: Count
    parameters: Count  # numbers that training can change


@dataclass(frozen=True)
class BatchReport(_Checked):
    """What has been learned since the last report."""

    event: ClassVar[str] = "batch"
    epoch: Count  # counted from 1
    examples_seen: Count  # since the start of the run
    train_loss: Number  # mean over the batches since the last report
    examples_per_second: Number


@dataclass(frozen=True)
class LearningRateChanged(_Checked):
    """Somebody has changed the learning rate in mid-run; with a schedule, its highest."""

    event: ClassVar[str] = "learning_rate"
    examples_seen: Count
    learning_rate: Number


@dataclass(frozen=True)
class EvaluationReport(_Checked):
    """What the first images of a split say while the network is evaluated on all of it."""

    event: ClassVar[str] = "evaluation"
    split: SplitName
    epoch: Count  # the newest whole one; 0 is the untrained network
    examples: Count  # that were looked at
    size: Count  # of the split
    loss: Number
    accuracy: Number


@dataclass(frozen=True)
class EpochEnded(_Checked):
    """The network has seen the training split once more, and was tested."""

    event: ClassVar[str] = "epoch"
    epoch: Count  # 0 is the untrained network
    train_loss: Number | None  # mean over the examples of this epoch; None for epoch 0
    train_accuracy: Number | None  # likewise: what the network said while it learned
    test_loss: Number
    test_accuracy: Number
    seconds: Number  # of training so far, without evaluation


@dataclass(frozen=True)
class Ended(_Checked):
    """The run is over."""

    event: ClassVar[str] = "ended"
    reason: Reason
    message: str  # for the reader: why
    weights: str | None  # file of the saved weights; of a run on the server its name, without the folder
    train_accuracy: Number | None  # over the whole training split at the end; None if the run did not finish
    test_accuracy: Number | None


Event = Started | BatchReport | LearningRateChanged | EvaluationReport | EpochEnded | Ended
KINDS = (Started, BatchReport, LearningRateChanged, EvaluationReport, EpochEnded, Ended)
ADAPTERS: dict[str, TypeAdapter[Event]] = {kind.event: TypeAdapter(kind) for kind in KINDS}


def to_dict(event: Event) -> dict[str, object]:
    """Return the fields of an event, its kind under "event", ready for JSON."""
    return {"event": event.event, **asdict(event)}


def to_json(event: Event) -> str:
    """Return an event as one line of JSON."""
    return json.dumps(to_dict(event), allow_nan=False)


def from_json(line: str) -> Event:
    """Return the event of a line that `to_json` wrote.

    Raises:
        ValueError: the line is not an event.
    """
    try:
        values = json.loads(line)
        adapter = ADAPTERS[values.pop("event")]
    except (json.JSONDecodeError, RecursionError, AttributeError, TypeError, KeyError) as error:
        raise ValueError(f"expected an event, found {line[:80]!r}") from error
    try:
        return adapter.validate_python(values)
    except ValidationError as error:
        raise ValueError(describe(error)) from error


def describe(error: ValidationError) -> str:
    """Return the first thing that is wrong with some values as "name: expected ..., found ..."."""
    first = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return f"{name}: expected a value, found none"
    if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{name}: expected no such field"
    return f"{name}: expected {first['msg'].removeprefix('Input should be ')}, found {first['input']!r:.80}"
