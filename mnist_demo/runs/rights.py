"""Who may do what with runs, and what the instructor allows visitors."""

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

MAX_QUEUED = 20  # runs that may wait, all visitors together
MAX_SECONDS = 86_400  # of a run
MAX_PAUSE = 1_440  # min, a day
# A class behind one router, or a proxy, has one network: it may have as many runs waiting as this many visitors,
NETWORK_VISITORS = 5
# but never all places: a token costs nothing, and with new ones a single visitor would fill the queue for everybody.
MAX_QUEUED_NETWORK = 15
# As many as can wait at once, and then one every 10 s, which is faster than a class's runs end.
STARTS, STARTS_SECONDS = MAX_QUEUED, 200


@dataclass(frozen=True)
class Limits:
    """What a visitor may ask for; the instructor may always ask for more.

    Attributes:
        runs: that one visitor may have waiting, 1 to 20.
        epochs: of one run, 1 to 1,000.
        seconds: that one run may take, pauses included, 1 to 86,400; where it goes on after a cut, the training before
            that counts, too.
        pause: minutes that one run may pause while others wait, all its pauses together, 1 to 1,440.

    Raises:
        SettingsError: one is out of its range.
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
        """Return the limits that a dictionary of exactly their names holds.

        `pause` may be missing: histories and programs are older than it.

        Raises:
            SettingsError: it does not hold them, or one is out of its range.
        """
        names = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or {*values, "pause"} != names:
            expected = ", ".join(field.name for field in fields(cls))
            raise SettingsError(f"limits: expected {expected}, found {values!r:.80}")
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

    @property
    def network(self) -> str | None:
        """Where the visitor comes from, to count by."""
        return None if self.address is None else network_of(self.address)


class Rights:
    """Decides what a visitor may do. All methods may be called from any thread.

    Args:
        instructor_key: who knows it is the instructor; None if there is none.

    Attributes:
        limits: what visitors may ask for.
    """

    def __init__(self, instructor_key: str | None = None) -> None:
        self._key = InstructorKey(instructor_key)
        self._starts = Throttle("starting runs", STARTS, STARTS_SECONDS)
        self.limits = Limits()

    @property
    def has_instructor(self) -> bool:
        """Whether anybody can be the instructor."""
        return self._key.exists

    def is_instructor(self, visitor: Visitor) -> bool:
        """Return whether the visitor knows the instructor's key.

        Raises:
            LimitError: too many wrong keys came from its network.
        """
        return self._key.fits(visitor.key, visitor.network, visitor.token)

    def require_instructor(self, visitor: Visitor) -> None:
        """Return if the visitor is the instructor.

        Raises:
            RightsError: it is not.
            LimitError: too many wrong keys came from its network.
        """
        if not self.is_instructor(visitor):
            raise RightsError("only the instructor may do this" if self.has_instructor else "there is no instructor")

    def owns(self, run: Run, visitor: Visitor) -> bool:
        """Return whether the visitor has started a run, or it is everybody's."""
        if run.token is None:
            return True
        return visitor.token is not None and secrets.compare_digest(run.token.encode(), visitor.token.encode())

    def require_control(self, run: Run, visitor: Visitor) -> None:
        """Return if the visitor may steer a run: it has started it, or it is everybody's, or this is the instructor.

        Raises:
            RightsError: it may not.
            LimitError: too many wrong keys came from its network.
        """
        if not (self.owns(run, visitor) or self.is_instructor(visitor)):
            raise RightsError(f"run {run.number} is somebody else's: only who has started it may do this")

    def require_start(self, config: TrainConfig, visitor: Visitor, waiting: list[Run]) -> None:
        """Return if the visitor may start such a run while these wait, and count that as a start of its network.

        Raises:
            RightsError: it may not start such a one.
            LimitError: too many wait already, too many were started a moment ago, or too many wrong keys came from
                its network.
        """
        if self.is_instructor(visitor):
            if len(waiting) >= MAX_QUEUED:
                raise LimitError(f"{MAX_QUEUED} runs wait already: try again when one has ended")
            return
        if config.epochs > self.limits.epochs:
            raise RightsError(f"epochs: the instructor allows {self.limits.epochs:,}, found {config.epochs:,}")
        places = MAX_QUEUED - self.has_instructor  # who can stop others must always be able to begin
        if len(waiting) >= places:
            raise LimitError(f"{places} runs wait already: try again when one has ended")
        if sum(run.token == visitor.token for run in waiting) >= self.limits.runs:
            raise LimitError(f"{self.limits.runs} of your runs wait already: try again when one has begun")
        if visitor.network is not None:
            self._require_start_from(visitor.network, waiting)

    def _require_start_from(self, network: str, waiting: list[Run]) -> None:
        allowed = min(NETWORK_VISITORS * self.limits.runs, MAX_QUEUED_NETWORK)
        if sum(run.address == network for run in waiting) >= allowed:
            raise LimitError(f"{allowed} runs from your network wait already: try again when one has begun")
        self._starts.spend(network)
