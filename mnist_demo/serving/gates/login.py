"""The login: guessing is slow, and whoever logs out logs nobody else out.

Gradio checks the password and hands out a token, which it keeps in `app.tokens` and which a cookie brings back.
"""

import asyncio
import logging

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mnist_demo.errors import LimitError
from mnist_demo.serving.gates.requests import header_of, path_of, replay, source_of
from mnist_demo.serving.routes.access import explain, read_body, to_json, token_names
from mnist_demo.throttle import Throttle

FAILURES = 10  # wrong passwords from one address at once,
FAILURES_SECONDS = 60.0  # and as many again in this time: 14,400 a day
MAX_TOKENS = 1_000  # logins that are remembered; who logged in longest ago is forgotten first

logger = logging.getLogger(__name__)


class LoginLimit:
    """ASGI middleware that lets an address fail to log in a few times a minute, and answers 429 to further tries.

    Each failure is logged with its address.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._throttle = Throttle("wrong passwords", FAILURES, FAILURES_SECONDS)
        self._lock = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or refuse it."""
        if scope["type"] == "http" and scope["method"] == "POST" and path_of(scope).rstrip("/") == "/login":
            await self._log_in(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _log_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        source = source_of(scope)

        async def note_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":  # before the visitor hears of it
                self._note(scope["app"].tokens, source, message["status"])
            await send(message)

        try:
            body = await read_body(Request(scope, receive))
            async with self._lock:  # one at a time, so that guesses side by side count each
                self._throttle.require(source)
                await self._app(scope, replay(body, receive), note_and_send)
        except (LimitError, HTTPException, ClientDisconnect) as error:
            await explain(error)(scope, receive, send)

    def _note(self, tokens: dict[str, str], source: str, status: int) -> None:
        """Count a login that failed, and forget the oldest of too many that did not."""
        if 400 <= status < 500:
            self._throttle.count(source)
            logger.warning("a login from %s failed", source)
        while len(tokens) > MAX_TOKENS:
            del tokens[next(iter(tokens))]


def build_logout_route() -> Route:
    """Return the route that forgets who asks, in place of Gradio's, which forgets everybody of the same name."""

    async def logout(request: Request) -> Response:
        # A link on another site opens it as a page, which is allowed elsewhere.
        if header_of(request.scope, b"sec-fetch-site") not in (None, "none", "same-origin"):
            return to_json({"error": "log out on the page of the demo"}, 403)
        response = RedirectResponse("./", 302)
        for name in token_names(request.app):
            request.app.tokens.pop(request.cookies.get(name), None)
            is_secure = "unsecure" not in name
            response.delete_cookie(name, secure=is_secure, httponly=True, samesite="none" if is_secure else "lax")
        return response

    return Route("/logout", logout)
