"""How much a request may carry, and all requests together."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mnist_demo.serving.gates.requests import header_of, path_of
from mnist_demo.serving.routes.access import MAX_BODY, MAX_FORM, explain

LIMITS = {"/gradio_api/upload": MAX_FORM, "/read": MAX_FORM, "/steps": MAX_FORM}  # bytes, where MAX_BODY is too few
MAX_IN_FLIGHT = 100_000_000  # bytes of all bodies together that are being received or worked on


class BodyLimit:
    """ASGI middleware that refuses bodies: too large ones with 413, too many at once with 503."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or refuse it: before it begins if it says its length, else when it gets too long."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = LIMITS.get(path_of(scope), MAX_BODY)
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            size = len(message.get("body", b""))
            received += size
            self._in_flight += size
            if received > limit:
                raise _too_large(limit)
            if self._in_flight > MAX_IN_FLIGHT:
                raise HTTPException(503, "too many large requests at once: try again", {"Retry-After": "1"})
            return message

        announced = header_of(scope, b"content-length") or "0"
        if announced.isdigit() and int(announced) > limit:
            await explain(_too_large(limit))(scope, receive, send)
            return
        try:
            await self._app(scope, counted, send)
        finally:
            self._in_flight -= received


def _too_large(limit: int) -> HTTPException:
    return HTTPException(413, f"expected at most {limit:,} bytes")
