"""Rate limits by network address or token."""

import ipaddress
import threading
import time
from collections import OrderedDict

from mnist_demo.errors import LimitError

MAX_REMEMBERED = 10_000  # names; the least recently seen are evicted first
IPV6_PREFIX = 64  # bits: a household or phone is assigned a whole network of this size, with all of its addresses


def network_of(address: str) -> str:
    """Return what to count an IP address by: itself, or its /64 for IPv6; other text is returned unchanged."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))


class Throttle:
    """A token bucket per name: `count` at once, refilled over `seconds`.

    All methods are thread-safe.

    Args:
        what: what is limited, for the message: "starting runs".
        count: size of the bucket.
        seconds: time in which an empty bucket refills.
    """

    def __init__(self, what: str, count: int, seconds: float) -> None:
        self._what = what
        self._count = count
        self._rate = count / seconds
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens left, and when

    def require(self, who: str) -> None:
        """Check that `who` may do it once more, without counting it.

        Raises:
            LimitError: the limit is exceeded.
        """
        with self._lock:
            left = self._left(who)
        if left < 1:
            message = f"{self._what}: at most {self._count:,} in {self._count / self._rate:g} s, try again later"
            raise LimitError(message, retry_after=(1 - left) / self._rate)

    def count(self, who: str) -> None:
        """Count one use by `who`."""
        with self._lock:
            self._buckets[who] = max(0.0, self._left(who) - 1), time.monotonic()
            self._buckets.move_to_end(who)
            if len(self._buckets) > MAX_REMEMBERED:
                self._buckets.popitem(last=False)

    def spend(self, who: str) -> None:
        """Count one use by `who`, if it is allowed.

        Raises:
            LimitError: the limit is exceeded.
        """
        self.require(who)
        self.count(who)

    def _left(self, who: str) -> float:
        left, when = self._buckets.get(who, (float(self._count), time.monotonic()))
        return min(self._count, left + (time.monotonic() - when) * self._rate)
