"""Who may do what with runs, and what the instructor allows visitors."""

import json
import secrets
from dataclasses import asdict, dataclass, fields
from typing import Any

from mnist_demo.errors import LimitError, RightsError, SettingsError
from mnist_demo.recipes import MAX_EPOCHS, TrainConfig, whole_number
from mnist_demo.records import Run

MAX_QUEUED = 20  # runs that may wait, all visitors together
MAX_SECONDS = 86_400  # of a run


@dataclass(frozen=True)
class Limits:
    """What a visitor may ask for; the instructor may always ask for more.

    Attributes:
        runs: that one visitor may have waiting, 1 to 20.
        epochs: of one run, 1 to 1,000.
        seconds: that one run may take, pauses included, 1 to 86,400; where it goes on after a cut, the training before
            that counts, too.

    Raises:
        SettingsError: one is out of its range.
    """

    runs: int = MAX_QUEUED
    epochs: int = MAX_EPOCHS
    seconds: int = MAX_SECONDS

    def __post_init__(self) -> None:
        for name, high in (("runs", MAX_QUEUED), ("epochs", MAX_EPOCHS), ("seconds", MAX_SECONDS)):
            object.__setattr__(self, name, whole_number(name, getattr(self, name), 1, high))

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_dict(cls, values: Any) -> "Limits":
        """Return the limits that a dictionary of exactly their names holds.

        Raises:
            SettingsError: it does not, or one is out of its range.
        """
        names = [field.name for field in fields(cls)]
        if not isinstance(values, dict) or sorted(values) != sorted(names):
            raise SettingsError(f"limits: expected {', '.join(names)}, found {values!r:.80}")
        return cls(**values)


@dataclass(frozen=True)
class Visitor:
    """Whoever asks for something.

    Attributes:
        token: the secret that this browser, or program, made for itself; None if it has none.
        key: what it gives as the instructor's key.
        address: the IP address that it comes from; None for a program on this machine.
    """

    token: str | None = None
    key: str | None = None
    address: str | None = None


class Rights:
    """Decides what a visitor may do.

    Args:
        instructor_key: who knows it is the instructor; None if there is none.
    """

    def __init__(self, instructor_key: str | None = None) -> None:
        self._key = instructor_key
        self.limits = Limits()

    @property
    def has_instructor(self) -> bool:
        """Whether anybody can be the instructor."""
        return self._key is not None

    def is_instructor(self, visitor: Visitor) -> bool:
        """Return whether the visitor knows the instructor's key."""
        if self._key is None or visitor.key is None:
            return False
        return secrets.compare_digest(self._key.encode(), visitor.key.encode())

    def require_instructor(self, visitor: Visitor) -> None:
        """Return if the visitor is the instructor.

        Raises:
            RightsError: it is not.
        """
        if not self.is_instructor(visitor):
            raise RightsError("only the instructor may do this" if self.has_instructor else "there is no instructor")

    def may_control(self, run: Run, visitor: Visitor) -> bool:
        """Return whether the visitor may steer a run: it has started it, or is the instructor, or it is everybody's."""
        if run.token is None or self.is_instructor(visitor):
            return True
        return visitor.token is not None and secrets.compare_digest(run.token.encode(), visitor.token.encode())

    def require_control(self, run: Run, visitor: Visitor) -> None:
        """Return if the visitor may steer a run.

        Raises:
            RightsError: it may not.
        """
        if not self.may_control(run, visitor):
            raise RightsError(f"run {run.number} is somebody else's: only who has started it may do this")

    def require_start(self, config: TrainConfig, visitor: Visitor, waiting: list[Run]) -> None:
        """Return if the visitor may start such a run while these wait.

        Raises:
            RightsError: it may not start such a one.
            LimitError: too many wait already.
        """
        if len(waiting) >= MAX_QUEUED:
            raise LimitError(f"{MAX_QUEUED} runs wait already: try again when one has ended")
        if self.is_instructor(visitor):
            return
        if config.epochs > self.limits.epochs:
            raise RightsError(f"epochs: the instructor allows {self.limits.epochs:,}, found {config.epochs:,}")
        if sum(run.token == visitor.token for run in waiting) >= self.limits.runs:
            raise LimitError(f"{self.limits.runs} of your runs wait already: try again when one has begun")
