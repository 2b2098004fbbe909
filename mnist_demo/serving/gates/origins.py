"""Pages of other sites may link to the demo and embed it, and nothing else.

A browser says where a request comes from: `Origin` names the asking page's site in everything but plain loads, and
`Sec-Fetch-Site` and `-Mode` tell the rest. Programs send none of these and are let through.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from mnist_demo.serving.gates.requests import header_of, split_host, split_origin
from mnist_demo.serving.routes.access import to_json

READING = ("GET", "HEAD")


class SameOrigin:
    """ASGI middleware that answers what pages of other sites ask with 403."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or refuse it."""
        if scope["type"] != "http" or is_own(scope) or is_navigation(scope):
            await self._app(scope, receive, send)
            return
        error = "this request comes from a page of another site, which may only link to the demo"
        await to_json({"error": error}, 403)(scope, receive, send)


def is_own(scope: Scope) -> bool:
    """Return whether a request comes from the demo's own page, from the visitor, or from a program."""
    origin = header_of(scope, b"origin")
    if origin is not None:
        # A proxy may ask by another name and tell the one that the browser used. A page of another site cannot set
        # that header: the browser would ask for leave first.
        hosts = (header_of(scope, b"host"), header_of(scope, b"x-forwarded-host"))
        return any(_is_same(origin, host.partition(",")[0]) for host in hosts if host)
    return header_of(scope, b"sec-fetch-site") in (None, "same-origin", "none")


def is_navigation(scope: Scope) -> bool:
    """Return whether a request only opens a page, as a link, an address or a frame does."""
    return (
        scope["method"] in READING
        and header_of(scope, b"origin") is None
        and header_of(scope, b"sec-fetch-mode") == "navigate"
        and header_of(scope, b"sec-fetch-dest") not in ("object", "embed")
    )


def _is_same(origin: str, host: str) -> bool:
    # The scheme is not compared, and a port only where the host has one: behind a proxy both may differ.
    name, port = split_host(host)
    origin_name, origin_port = split_origin(origin)
    return bool(name) and name == origin_name and port in ("", origin_port)
