"""Whether somebody knows the instructor's key, and what guessing it costs."""

import hashlib
import logging
import secrets
import threading
from collections import OrderedDict
from typing import Any

from mnist_demo.throttle import Throttle

# Whoever mistypes the key has ten attempts, and then one a minute; whoever guesses, about 1,500 a day.
ATTEMPTS, SECONDS = 10, 600
MAX_REMEMBERED = 10_000  # wrong keys, about 1 MB
MAX_PROVEN = 100  # browsers of instructors
NOWHERE = "an unknown address"

log = logging.getLogger(__name__)


class InstructorKey:
    """Compares keys with the instructor's; a wrong one costs its network one of a few attempts.

    The same wrong key from the same network costs nothing more, because a page asks several times a second with the
    key that was typed into it. A browser that has given the right key before has attempts of its own: neighbours who
    guess do not lock the instructor out. All methods may be called from any thread.

    Args:
        key: whoever knows it is the instructor; None if there is none.
    """

    def __init__(self, key: str | None) -> None:
        self._key = None if key is None else _digest(key)
        self._attempts = Throttle("wrong keys", ATTEMPTS, SECONDS)
        self._lock = threading.Lock()
        self._wrong: OrderedDict[tuple[str, bytes], None] = OrderedDict()  # by whom, and which
        self._proven: OrderedDict[str, None] = OrderedDict()  # tokens of browsers that have given the right key

    @property
    def exists(self) -> bool:
        """Whether anybody can be the instructor."""
        return self._key is not None

    def fits(self, key: str | None, network: str | None, token: str | None = None) -> bool:
        """Return whether this is the key.

        Args:
            key: None and "" are no key, and cost nothing.
            network: where it comes from, as `Visitor.network`.
            token: of the browser that it comes from.

        Raises:
            LimitError: too many wrong ones came from there; this one was not compared.
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
        log.warning("a wrong instructor's key from %s", network or NOWHERE)
        return False


def _digest(key: str) -> bytes:
    """Return a fingerprint: of a fixed length, so that comparing takes the same time whatever is compared."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _remember(names: OrderedDict[Any, None], name: object, count: int) -> None:
    names[name] = None
    names.move_to_end(name)
    if len(names) > count:
        names.popitem(last=False)
