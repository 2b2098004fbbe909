"""By which names the server may be asked for.

A page of another site can have its own name point to this machine in mid-visit (DNS rebinding); the browser then takes
the demo for a part of that site. Such a request still carries the site's name. An IP address cannot be rebound.
"""

import ipaddress
import socket
from collections.abc import Callable, Collection
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from mnist_demo.serving.gates.requests import header_of, split_host
from mnist_demo.serving.routes.access import to_json

SHARED = "gradio.live"  # the domain of Gradio's share links


class AllowedHosts:
    """ASGI middleware that answers requests for unknown host names with 421.

    Args:
        app: what is behind.
        names: further names, in lower case.
        is_shared: whether there is a share link.
    """

    def __init__(self, app: ASGIApp, names: Collection[str], is_shared: Callable[[], bool]) -> None:
        self._app = app
        self._names = frozenset(names) | own_names()
        self._is_shared = is_shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or refuse it."""
        host = header_of(scope, b"host") if scope["type"] == "http" else None
        name = split_host(host)[0] if host is not None else "localhost"  # every browser names a host
        if self._is_allowed(name):
            await self._app(scope, receive, send)
            return
        error = f"host: {name!r:.100} is not a name of this server; start it with --allow-host {name:.100}"
        await to_json({"error": error}, 421)(scope, receive, send)

    def _is_allowed(self, name: str) -> bool:
        if name in self._names or name.endswith(".localhost"):
            return True
        if name.endswith(f".{SHARED}") and self._is_shared():
            return True
        return is_address(name)


@lru_cache(maxsize=1_000)
def is_address(name: str) -> bool:
    """Return whether a name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def own_names() -> frozenset[str]:
    """Return the names that this machine has in its network."""
    name = socket.gethostname().lower()
    return frozenset({"localhost", name, f"{name.partition('.')[0]}.local"})
