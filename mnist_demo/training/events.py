"""What a training run tells about itself, as dataclasses and as JSON lines of the same fields.

A run yields one Started, then EpochEnded for the untrained network (epoch 0), then BatchReport several
times a second and EpochEnded after each epoch, and one Ended. Where looking at a whole split takes longer,
EvaluationReport says several times a second what is known so far. Losses are mean cross-entropy in nats, accuracies
are in [0, 1].
"""

import json
from dataclasses import asdict, dataclass, fields
from types import UnionType
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints

Reason = Literal["finished", "stopped", "failed"]
SplitName = Literal["train", "test"]
STOPPED = "The run was stopped."


@dataclass(frozen=True)
class Started:
    """The run has a device and its data."""

    event: ClassVar[str] = "started"
    run: str
    recipe: str
    device: str
    train_size: int  # images in the training split
    test_size: int
    parameters: int  # numbers that training can change


@dataclass(frozen=True)
class BatchReport:
    """What has been learned since the last report."""

    event: ClassVar[str] = "batch"
    epoch: int  # counted from 1
    examples_seen: int  # since the start of the run
    train_loss: float  # mean over the batches since the last report
    examples_per_second: float


@dataclass(frozen=True)
class LearningRateChanged:
    """Somebody has changed the learning rate in mid-run; with a schedule, its highest."""

    event: ClassVar[str] = "learning_rate"
    examples_seen: int
    learning_rate: float


@dataclass(frozen=True)
class EvaluationReport:
    """What the first images of a split say while the network is evaluated on all of it."""

    event: ClassVar[str] = "evaluation"
    split: SplitName
    epoch: int  # the newest whole one; 0 is the untrained network
    examples: int  # that were looked at
    size: int  # of the split
    loss: float
    accuracy: float


@dataclass(frozen=True)
class EpochEnded:
    """The network has seen the training split once more, and was tested."""

    event: ClassVar[str] = "epoch"
    epoch: int  # 0 is the untrained network
    train_loss: float | None  # mean over the examples of this epoch; None for epoch 0
    train_accuracy: float | None  # likewise: what the network said while it learned
    test_loss: float
    test_accuracy: float
    seconds: float  # of training so far, without evaluation


@dataclass(frozen=True)
class Ended:
    """The run is over."""

    event: ClassVar[str] = "ended"
    reason: Reason
    message: str  # for the reader: why
    weights: str | None  # file of the saved weights; of a run on the server its name, without the folder
    train_accuracy: float | None  # over the whole training split at the end; None if the run did not finish
    test_accuracy: float | None


Event = Started | BatchReport | LearningRateChanged | EvaluationReport | EpochEnded | Ended
KINDS = (Started, BatchReport, LearningRateChanged, EvaluationReport, EpochEnded, Ended)
EVENTS: dict[str, type[Event]] = {kind.event: kind for kind in KINDS}
MAX_NUMBER = 2**53  # up to here a browser counts exactly


class _Field:
    """What JSON may hold for a field, read off its type."""

    def __init__(self, hint: Any) -> None:
        self._name = getattr(hint, "__name__", str(hint))
        self._choices = get_args(hint) if get_origin(hint) is Literal else ()
        options = get_args(hint) if isinstance(hint, UnionType) else [hint]
        self._types = {str} if self._choices else {*options, int} if float in options else {*options}

    def __str__(self) -> str:
        return " or ".join(self._choices) or self._name

    def allows(self, value: Any) -> bool:
        if type(value) not in self._types or (self._choices and value not in self._choices):
            return False
        return not isinstance(value, int | float) or -MAX_NUMBER <= value <= MAX_NUMBER


FIELDS = {kind: {field.name: _Field(get_type_hints(kind)[field.name]) for field in fields(kind)} for kind in KINDS}


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
        kind = EVENTS[values.pop("event")]
    except (json.JSONDecodeError, RecursionError, AttributeError, TypeError, KeyError) as error:
        raise ValueError(f"expected an event, found {line[:80]!r}") from error
    expected = FIELDS[kind]
    if values.keys() != expected.keys():
        raise ValueError(f"expected the fields {sorted(expected)}, found {sorted(values)}")
    for name, value in values.items():
        if not expected[name].allows(value):
            raise ValueError(f"{name}: expected {expected[name]}, found {value!r:.80}")
    return kind(**values)
