"""How long the server waits for slow clients, and how many it keeps.

uvicorn waits for ever: for the head of a request, for its body, and for a client to take its answer. Every connection
takes a descriptor, and without one nothing works.
"""

from collections import Counter
from enum import IntEnum
from pathlib import Path
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

WATCH_INTERVAL = 2.0  # s
MAX_CONNECTIONS = 1_000  # fifty visitors' browsers open 300
LEAST_CONNECTIONS = 8
RESERVE = 16  # descriptors for workers, the history, and files of the moment
BODY_STEP = 30_000  # bytes of a body that have to arrive in each WAITS[BODY]: 1 kB/s


class Phase(IntEnum):
    """What a connection waits for; what comes first is closed first when there are too many."""

    REQUEST = 0
    BODY = 1
    ANSWER = 2


WAITS = {Phase.REQUEST: 10.0, Phase.BODY: 30.0, Phase.ANSWER: 30.0}  # s without progress of the client's


class WatchedProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's HTTP, with an end to waiting.

    The time that the app takes does not count, so event streams stay. When there are more connections than
    `max_connections`, that client loses one which has most of them: the one that has waited longest for a request.
    """

    max_connections = MAX_CONNECTIONS

    def connection_made(self, transport: Any) -> None:
        """Begin to watch, and make room if there are too many."""
        super().connection_made(transport)
        self._received = 0
        self._drained = 0  # how often the client had taken what was waiting for it
        self._unsent = 0  # bytes, when last looked at
        self._progress: tuple[Phase, int] = (Phase.REQUEST, 0)
        self.since = self.loop.time()
        self._watch = self.loop.call_later(WATCH_INTERVAL, self._look)
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """End watching."""
        self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what arrives."""
        self._received += len(data)
        super().data_received(data)

    def resume_writing(self) -> None:
        """Note that the client takes its answer."""
        self._drained += 1
        super().resume_writing()

    def on_response_complete(self) -> None:
        """Wait for the next request from now on."""
        self.since = self.loop.time()
        super().on_response_complete()

    @property
    def phase(self) -> Phase:
        """What the connection waits for."""
        if self.cycle is None or self.cycle.response_complete:
            return Phase.ANSWER if self.transport.get_write_buffer_size() else Phase.REQUEST
        return Phase.BODY if self.cycle.more_body else Phase.ANSWER

    def _look(self) -> None:
        """Close the connection if the client has made no progress for too long."""
        phase = self.phase
        unsent = self.transport.get_write_buffer_size()
        if unsent < self._unsent:
            self._drained += 1
        self._unsent = unsent
        progress = phase, {Phase.BODY: self._received // BODY_STEP, Phase.ANSWER: self._drained}.get(phase, 0)
        is_apps_turn = (phase is Phase.ANSWER and not unsent) or (phase is Phase.BODY and self.flow.read_paused)
        if progress != self._progress or is_apps_turn:
            if phase is not Phase.REQUEST:  # for which on_response_complete sets the time
                self.since = self.loop.time()
            self._progress = progress
        if self.loop.time() - self.since > WAITS[phase]:
            self.transport.abort()
        else:
            self._watch = self.loop.call_later(WATCH_INTERVAL, self._look)

    def _make_room(self) -> None:
        if len(self.connections) <= self.max_connections:
            return
        open_ones = [other for other in self.connections if not other.transport.is_closing()]
        if len(open_ones) <= self.max_connections:
            return
        (client, _), *_ = Counter(_address(other) for other in open_ones).most_common(1)
        of_client = [other for other in open_ones if _address(other) == client and other is not self]
        victim = min(of_client, key=lambda other: (other.phase, other.since), default=self)
        victim.transport.abort()


def _address(protocol: Any) -> str | None:
    return protocol.client[0] if protocol.client else None


def count_descriptors() -> int | None:
    """Return how many files and sockets this process has open, None where the system does not tell."""
    try:
        return len(list(Path("/proc/self/fd").iterdir()))
    except OSError:
        return None


def choose_limits() -> tuple[int, int]:
    """Return how many connections to keep, and how many to accept at once, with the descriptors that are left."""
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return MAX_CONNECTIONS, 128
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS, 128
    burst = max(8, min(128, limit // 16))
    left = limit - (count_descriptors() or 64) - RESERVE - burst
    return max(LEAST_CONNECTIONS, min(MAX_CONNECTIONS, left // 2)), burst  # an answer may need a file, too
