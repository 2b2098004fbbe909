"""What all plain routes share: the login, and answers and errors as JSON."""

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any, TypeGuard

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from mnist_demo.errors import (
    BusyError,
    CheckpointError,
    DiskFullError,
    ImageError,
    ImageFormatError,
    ImageTooLargeError,
    LimitError,
    MnistDemoError,
    NotFoundError,
    RightsError,
    RunsError,
    SettingsError,
    StateError,
)

MAX_BODY = 4_000_000  # bytes; all but pictures take less than a tenth of it
MAX_PICTURE = 20_000_000  # bytes of a picture file, as a phone's camera makes them, several times over
MAX_FORM = MAX_PICTURE + 200_000  # bytes of a form with a file, with what is around it: a drawing takes half of that

KEPT = "public, max-age=31536000, immutable"  # Cache-Control of what its address names the version of

STATUSES: dict[type, int] = {
    SettingsError: 422,
    NotFoundError: 404,
    StateError: 409,
    RightsError: 403,
    ImageError: 422,
    LimitError: 429,
    BusyError: 503,
    ImageTooLargeError: 413,
    ImageFormatError: 415,
    CheckpointError: 409,
    RunsError: 500,
    DiskFullError: 507,
}

Handler = Callable[[Request], Any]


def guarded(handler: Handler) -> Handler:
    """Let only visitors in who have logged in, if there is a login, and tell errors as JSON.

    A handler returns a Response, or something to be sent as JSON. One that is `async` runs on the event loop, so it
    must not take longer than a few milliseconds; any other runs in a thread.
    """

    denied = to_json({"error": "not logged in"}, 401)

    @functools.wraps(handler)
    async def on_loop(request: Request) -> Response:
        try:
            return respond(await handler(request)) if is_allowed(request) else denied
        except (ValueError, MnistDemoError, HTTPException, ClientDisconnect) as error:
            return explain(error)

    @functools.wraps(handler)
    def in_thread(request: Request) -> Response:
        try:
            return respond(handler(request)) if is_allowed(request) else denied
        except (ValueError, MnistDemoError, HTTPException) as error:
            return explain(error)

    return on_loop if inspect.iscoroutinefunction(handler) else in_thread


def respond(answer: object) -> Response:
    """Return what a handler answers as a response: as it is, or as JSON."""
    return answer if isinstance(answer, Response) else to_json(answer)


def to_json(answer: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a response with an answer as JSON, which no browser and no proxy keeps."""
    headers = {"Cache-Control": "no-store", **(headers or {})}
    return Response(orjson.dumps(answer), status, headers, media_type="application/json")


def explain(error: Exception) -> Response:
    """Return the response to a request that failed: {"error": the reason}, with the status of its kind."""
    if isinstance(error, HTTPException):
        return to_json({"error": error.detail}, error.status_code, dict(error.headers or {}))
    if isinstance(error, ClientDisconnect):
        return to_json({"error": "the client has left"}, 400)  # which nobody hears
    headers = {}
    if isinstance(error, LimitError | BusyError):
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    return to_json({"error": str(error)}, status_of(error), headers)


def status_of(error: Exception) -> int:
    """Return the HTTP status of an error: that of the first of its classes that has one."""
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 400)


def is_allowed(request: Request) -> bool:
    """Return whether a request comes from somebody who has logged in, or there is no login."""
    # As Gradio's own routes decide it: a token in a cookie, known since the login.
    app = request.app
    if app.auth is None:
        return True
    return any(request.cookies.get(name) in app.tokens for name in token_names(app))


def token_names(app: Any) -> tuple[str, str]:
    """Return the names of the two cookies in which Gradio's app looks for the token of a login."""
    return f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}"


async def read_body(request: Request, limit: int = MAX_BODY) -> bytes:
    """Return the body of a request, of at most `limit` bytes.

    Raises:
        HTTPException: it is too large.
        ClientDisconnect: whoever sent it left in the middle.
    """
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise HTTPException(413, f"expected at most {limit:,} bytes")
        parts.append(part)
    return b"".join(parts)


def address_of(request: Request) -> str | None:
    """Return the IP address that a request came from, None where the server does not know it."""
    return request.client.host if request.client else None


def is_text(value: object) -> TypeGuard[str]:
    """Return whether a value is a text that can be written as UTF-8: one with a lone surrogate cannot."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def read_count(values: Any, name: str) -> int:
    """Return a whole number from 0 of a body or a query, 0 if it is not there.

    Raises:
        ValueError: it is no such number.
    """
    value = values.get(name, 0)
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ValueError(f"{name}: expected a whole number from 0, found {value!r:.50}")
    return int(text)
