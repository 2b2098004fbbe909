"""The instructor's key, with a rate limit against guessing."""

import hashlib
import logging
import secrets
import threading
from collections import OrderedDict
from typing import Any

from mnist_demo.throttle import Throttle

# Ten attempts for typos, then one a minute: about 1,500 guesses a day.
ATTEMPTS, SECONDS = 10, 600
MAX_REMEMBERED = 10_000  # wrong keys, about 1 MB
MAX_PROVEN = 100  # browsers of instructors
NOWHERE = "an unknown address"

log = logging.getLogger(__name__)


class InstructorKey:
    """Checks keys against the instructor's, with a limited number of attempts per network.

    The same wrong key from the same network is counted only once, because a page sends the key that was typed into it
    several times a second. A browser that has given the right key before has its own attempts, so others on its
    network who guess cannot lock the instructor out. All methods are thread-safe.

    Args:
        key: the instructor's key; None if there is no instructor.
    """

    def __init__(self, key: str | None) -> None:
        self._key = None if key is None else _digest(key)
        self._attempts = Throttle("wrong keys", ATTEMPTS, SECONDS)
        self._lock = threading.Lock()
        self._wrong: OrderedDict[tuple[str, bytes], None] = OrderedDict()  # (who, which key)
        self._proven: OrderedDict[str, None] = OrderedDict()  # tokens of browsers that have given the right key

    @property
    def exists(self) -> bool:
        """Whether there is an instructor's key."""
        return self._key is not None

    def fits(self, key: str | None, network: str | None, token: str | None = None) -> bool:
        """Return whether this is the instructor's key.

        Args:
            key: the key to check; None and "" are not counted as attempts.
            network: where it comes from, as `Visitor.network`.
            token: of the browser that sent it.

        Raises:
            LimitError: too many wrong keys from there; this one was not checked.
        """
        if self._key is None or not key:
            return False
        digest = _digest(key)
        with self._lock:
            guesser = f"token {token}" if token in self._proven else network or NOWHERE
            if (guesser, digest) in self._wrong:
                return False
            self._attempts.require(guesser)
            if secrets.compare_digest(self._key, digest):
                if token:
                    _remember(self._proven, token, MAX_PROVEN)
                return True
            self._attempts.count(guesser)
            _remember(self._wrong, (guesser, digest), MAX_REMEMBERED)
        log.warning("wrong instructor's key from %s", network or NOWHERE)
        return False


def _digest(key: str) -> bytes:
    """Return a digest, whose fixed length allows a constant-time comparison."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _remember(names: OrderedDict[Any, None], name: object, count: int) -> None:
    names[name] = None
    names.move_to_end(name)
    if len(names) > count:
        names.popitem(last=False)
