"""Access rights to runs, and the instructor's limits for visitors."""

import json
import secrets
from dataclasses import asdict, dataclass, fields
from typing import Any

from mnist_demo.checks import whole_number
from mnist_demo.errors import LimitError, RightsError, SettingsError
from mnist_demo.runs.instructor_key import InstructorKey
from mnist_demo.runs.run import Run
from mnist_demo.throttle import Throttle, network_of
from mnist_demo.training.config import MAX_EPOCHS, TrainConfig

MAX_QUEUED = 20  # runs in the queue, for all visitors together
MAX_SECONDS = 86_400  # of a run, a day
MAX_PAUSE = 1_440  # min, a day
# A class behind one router or proxy counts as one network: it may queue as many runs as this many visitors,
NETWORK_VISITORS = 5
# but never fill the queue: tokens are free, so a single visitor with many tokens could block everybody else.
MAX_QUEUED_NETWORK = 15
# As many as fit in the queue, and then one every 10 s, which is faster than a class's runs finish.
STARTS, STARTS_SECONDS = MAX_QUEUED, 200


@dataclass(frozen=True)
class Limits:
    """The limits for visitors; they do not apply to the instructor.

    Attributes:
        runs: queued runs per visitor, 1 to 20.
        epochs: of one run, 1 to 1,000.
        seconds: duration of one run, pauses included, 1 to 86,400; for a resumed run, training before the interruption
            counts as well.
        pause: minutes that one run may pause while others wait, in total, 1 to 1,440.

    Raises:
        SettingsError: one is out of range.
    """

    runs: int = MAX_QUEUED
    epochs: int = MAX_EPOCHS
    seconds: int = MAX_SECONDS
    pause: int = 10

    def __post_init__(self) -> None:
        highest = {"runs": MAX_QUEUED, "epochs": MAX_EPOCHS, "seconds": MAX_SECONDS, "pause": MAX_PAUSE}
        for name, high in highest.items():
            object.__setattr__(self, name, whole_number(name, getattr(self, name), 1, high))

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_dict(cls, values: Any) -> "Limits":
        """Build the limits from a dictionary with exactly these fields.

        `pause` is optional, for histories and clients that are older than it.

        Raises:
            SettingsError: the fields are different, or one is out of range.
        """
        names = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or {*values, "pause"} != names:
            expected = ", ".join(field.name for field in fields(cls))
            raise SettingsError(f"limits: expected {expected}, found {values!r:.80}")
        return cls(**values)


@dataclass(frozen=True)
class Visitor:
    """The sender of a request.

    Attributes:
        token: the secret that this browser or program has generated; None if it has none.
        key: what it sends as the instructor's key.
        address: its IP address; None for a program on this machine.
    """

    token: str | None = None
    key: str | None = None
    address: str | None = None

    @property
    def network(self) -> str | None:
        """The network that the visitor is counted by, see `network_of`."""
        return None if self.address is None else network_of(self.address)


class Rights:
    """Decides what a visitor may do. All methods are thread-safe.

    Args:
        instructor_key: the instructor's key; None if there is no instructor.

    Attributes:
        limits: the limits for visitors.
    """

    def __init__(self, instructor_key: str | None = None) -> None:
        self._key = InstructorKey(instructor_key)
        self._starts = Throttle("starting runs", STARTS, STARTS_SECONDS)
        self.limits = Limits()

    @property
    def has_instructor(self) -> bool:
        """Whether there is an instructor."""
        return self._key.exists

    def is_instructor(self, visitor: Visitor) -> bool:
        """Return whether the visitor knows the instructor's key.

        Raises:
            LimitError: too many wrong keys from its network.
        """
        return self._key.fits(visitor.key, visitor.network, visitor.token)

    def require_instructor(self, visitor: Visitor) -> None:
        """Check that the visitor is the instructor.

        Raises:
            RightsError: it is not.
            LimitError: too many wrong keys from its network.
        """
        if not self.is_instructor(visitor):
            raise RightsError("only the instructor may do this" if self.has_instructor else "there is no instructor")

    def owns(self, run: Run, visitor: Visitor) -> bool:
        """Return whether the visitor started a run, or it has no token and so belongs to everyone."""
        if run.token is None:
            return True
        return visitor.token is not None and secrets.compare_digest(run.token.encode(), visitor.token.encode())

    def require_control(self, run: Run, visitor: Visitor) -> None:
        """Check that the visitor may control a run: as its owner or the instructor, or because it has no token.

        Raises:
            RightsError: it may not.
            LimitError: too many wrong keys from its network.
        """
        if not (self.owns(run, visitor) or self.is_instructor(visitor)):
            raise RightsError(f"run {run.number} is somebody else's: only its owner may do this")

    def require_start(self, config: TrainConfig, visitor: Visitor, waiting: list[Run]) -> None:
        """Check that the visitor may start a run while `waiting` are queued, and count it against its rate limit.

        Raises:
            RightsError: the instructor does not allow these settings.
            LimitError: too many runs are queued, too many were started recently, or too many wrong keys came from its
                network.
        """
        if self.is_instructor(visitor):
            if len(waiting) >= MAX_QUEUED:
                raise LimitError(f"{MAX_QUEUED} runs are queued already: try again when one has finished")
            return
        if config.epochs > self.limits.epochs:
            raise RightsError(f"epochs: the instructor's limit is {self.limits.epochs:,}, found {config.epochs:,}")
        places = MAX_QUEUED - self.has_instructor  # one place is reserved for the instructor
        if len(waiting) >= places:
            raise LimitError(f"{places} runs are queued already: try again when one has finished")
        if sum(run.token == visitor.token for run in waiting) >= self.limits.runs:
            raise LimitError(f"{self.limits.runs} of your runs are queued already: try again when one has begun")
        if visitor.network is not None:
            self._require_start_from(visitor.network, waiting)

    def _require_start_from(self, network: str, waiting: list[Run]) -> None:
        allowed = min(NETWORK_VISITORS * self.limits.runs, MAX_QUEUED_NETWORK)
        if sum(run.address == network for run in waiting) >= allowed:
            raise LimitError(f"{allowed} runs from your network are queued already: try again when one has begun")
        self._starts.spend(network)
