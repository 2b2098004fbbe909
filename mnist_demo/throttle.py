"""How often somebody may do something, and who is one somebody."""

import ipaddress
import threading
import time
from collections import OrderedDict

from mnist_demo.errors import LimitError

MAX_REMEMBERED = 10_000  # names; whoever was seen longest ago is forgotten first
IPV6_PREFIX = 64  # bits: what one household or phone gets; whoever has it has all of its addresses


def network_of(address: str) -> str:
    """Return whom to count an IP address for: itself, or the network of an IPv6 address; another text as it is."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))


class Throttle:
    """Lets everyone do something `count` times at once, and as often again in each `seconds`: a token bucket.

    All methods may be called from any thread.

    Args:
        what: what is limited, for the message: "starting runs".
        count: how often at once.
        seconds: after which as many are allowed again.
    """

    def __init__(self, what: str, count: int, seconds: float) -> None:
        self._what = what
        self._count = count
        self._rate = count / seconds
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what was left, and when

    def require(self, who: str) -> None:
        """Return if `who` may do it once more; nothing is counted.

        Raises:
            LimitError: it was done too often.
        """
        with self._lock:
            left = self._left(who)
        if left < 1:
            message = f"{self._what}: at most {self._count:,} in {self._count / self._rate:g} s, try again later"
            raise LimitError(message, retry_after=(1 - left) / self._rate)

    def count(self, who: str) -> None:
        """Note that `who` did it."""
        with self._lock:
            self._buckets[who] = max(0.0, self._left(who) - 1), time.monotonic()
            self._buckets.move_to_end(who)
            if len(self._buckets) > MAX_REMEMBERED:
                self._buckets.popitem(last=False)

    def spend(self, who: str) -> None:
        """Note that `who` does it, if it may.

        Raises:
            LimitError: it was done too often.
        """
        self.require(who)
        self.count(who)

    def _left(self, who: str) -> float:
        left, when = self._buckets.get(who, (float(self._count), time.monotonic()))
        return min(self._count, left + (time.monotonic() - when) * self._rate)
