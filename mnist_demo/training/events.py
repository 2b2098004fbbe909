"""The events of a training run, as dataclasses and as JSON lines with the same fields.

A run yields one Started, then EpochEnded for the untrained network (epoch 0), then BatchReport several
times a second and EpochEnded after each epoch, and one Ended. If evaluating a split takes longer, EvaluationReport
gives intermediate results several times a second. Losses are mean cross-entropy in nats, accuracies are in [0, 1].
"""

import json
from dataclasses import asdict, dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from mnist_demo.checks import describe

Reason = Literal["finished", "stopped", "failed"]
SplitName = Literal["train", "test"]
STOPPED = "The run was stopped."

_EXACT = Field(strict=True, ge=-(2**53), le=2**53)  # numbers, not strings, within JavaScript's exact range
Count = Annotated[int, _EXACT]
Number = Annotated[float, _EXACT]


class _Checked:
    """Strict validation of the fields when they come from JSON."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True)
class Started(_Checked):
    """The run has started: its device and data are ready."""

    event: ClassVar[str] = "started"
    run: str
    recipe: str
    device: str
    train_size: Count  # images in the training split
    test_size: Count
    parameters: Count  # trainable ones


@dataclass(frozen=True)
class BatchReport(_Checked):
    """Progress since the last report."""

    event: ClassVar[str] = "batch"
    epoch: Count  # counted from 1
    examples_seen: Count  # since the start of the run
    train_loss: Number  # mean over the batches since the last report
    examples_per_second: Number


@dataclass(frozen=True)
class LearningRateChanged(_Checked):
    """The learning rate was changed during the run; with a schedule, its peak."""

    event: ClassVar[str] = "learning_rate"
    examples_seen: Count
    learning_rate: Number


@dataclass(frozen=True)
class EvaluationReport(_Checked):
    """Intermediate result while the network is evaluated on a whole split."""

    event: ClassVar[str] = "evaluation"
    split: SplitName
    epoch: Count  # the last complete one; 0 is the untrained network
    examples: Count  # evaluated so far
    size: Count  # of the split
    loss: Number
    accuracy: Number


@dataclass(frozen=True)
class EpochEnded(_Checked):
    """The network has completed an epoch and was evaluated on the test split."""

    event: ClassVar[str] = "epoch"
    epoch: Count  # 0 is the untrained network
    train_loss: Number | None  # mean over the examples of this epoch; None for epoch 0
    train_accuracy: Number | None  # likewise: measured during training
    test_loss: Number
    test_accuracy: Number
    seconds: Number  # of training so far, without evaluation


@dataclass(frozen=True)
class Ended(_Checked):
    """The run is over."""

    event: ClassVar[str] = "ended"
    reason: Reason
    message: str  # the reason, for display
    weights: str | None  # file of the saved weights; for a run on the server only its name, without the folder
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
    """Parse a line written by `to_json`.

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
