"""Whom the app around this one lets in: the `auth_dependency` of `gr.mount_gradio_app`.

Gradio asks it before its own routes, and knows nothing of the page's.
"""

import inspect
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mnist_demo.serving.gates.requests import path_of
from mnist_demo.serving.routes.access import explain

OPEN = {
    "/gradio_api/startup-events",  # asked by launch(), which is no visitor
    "/healthz",  # asked by probes, which cannot log in
    "/readyz",
}


class Admission:
    """ASGI middleware that answers 401 to those whom `auth_dependency` does not know; without one it lets all in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or refuse it."""
        dependency = getattr(scope.get("app"), "auth_dependency", None)
        if dependency is None or scope["type"] != "http" or path_of(scope) in OPEN:
            await self._app(scope, receive, send)
            return
        try:
            await require_user(dependency, Request(scope, receive))
        except HTTPException as error:
            await explain(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def require_user(dependency: Any, request: Request) -> None:
    """Return if `auth_dependency` names a user.

    Raises:
        HTTPException: it does not, or refuses the request itself.
    """
    user = dependency(request)
    if inspect.isawaitable(user):
        user = await user
    if user is None:
        raise HTTPException(401, "not logged in")
