"""What all plain routes share: the login, and answers and errors as JSON."""

import functools
import inspect
import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mnist_demo.errors import MnistDemoError, RightsError, SettingsError
from mnist_demo.rights import Visitor

MAX_BODY = 4_000_000  # bytes; the largest is a photo that the pad has reduced, 200,000

Handler = Callable[[Request], Any]


def guarded(handler: Handler) -> Handler:
    """Let only visitors in who have logged in, if there is a login, and tell errors as JSON.

    A handler returns a Response, or something to be sent as JSON. One that is `async` runs on the event loop, so it
    must not take longer than a few milliseconds; any other runs in a thread.
    """

    def respond(answer: object) -> Response:
        return answer if isinstance(answer, Response) else JSONResponse(answer, headers={"Cache-Control": "no-store"})

    def explain(error: Exception) -> Response:
        status = 403 if isinstance(error, RightsError) else 404 if isinstance(error, MnistDemoError) else 400
        return JSONResponse({"error": str(error)}, status)

    denied = JSONResponse({"error": "not logged in"}, 401)

    @functools.wraps(handler)
    async def on_loop(request: Request) -> Response:
        try:
            return respond(await handler(request)) if is_allowed(request) else denied
        except (ValueError, MnistDemoError) as error:
            return explain(error)

    @functools.wraps(handler)
    def in_thread(request: Request) -> Response:
        try:
            return respond(handler(request)) if is_allowed(request) else denied
        except (ValueError, MnistDemoError) as error:
            return explain(error)

    return on_loop if inspect.iscoroutinefunction(handler) else in_thread


def is_allowed(request: Request) -> bool:
    """Return whether a request comes from somebody who has logged in, or there is no login."""
    # As Gradio's own routes decide it: a token in a cookie, known since the login.
    app = request.app
    if app.auth is None:
        return True
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    return any(request.cookies.get(name) in app.tokens for name in names)


async def read_body(request: Request) -> bytes:
    """Return the body of a request.

    Raises:
        ValueError: it is too large.
    """
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            raise ValueError(f"expected at most {MAX_BODY:,} bytes")
        parts.append(part)
    return b"".join(parts)


async def read_json(request: Request) -> dict[str, Any]:
    """Return the JSON object that a request carries.

    Raises:
        ValueError: it carries none. It must say that it is JSON: no page of another origin can send that unasked.
    """
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise ValueError("expected a body of the type application/json")
    try:
        values = json.loads(await read_body(request))
    except RecursionError as error:
        raise ValueError("expected a flat JSON object") from error
    if not isinstance(values, dict):
        raise ValueError(f"expected a JSON object, found {values!r:.50}")
    return values


def visitor_of(values: dict[str, Any]) -> Visitor:
    """Return who asks, as the "token" and the "key" of a body say."""
    return Visitor(read_text(values, "token") or None, read_text(values, "key") or None)


def read_text(values: dict[str, Any], name: str, longest: int = 200) -> str:
    """Return a text of a body, "" if it is not there.

    Raises:
        SettingsError: it is no text, or too long.
    """
    value = values.get(name) or ""
    if not isinstance(value, str) or len(value) > longest:
        raise SettingsError(f"{name}: expected a text of at most {longest} characters, found {value!r:.50}")
    return value


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
