"""Which of Gradio's routes are open.

Gradio serves more than this app needs: it fetches web pages and hands them on, shows files that visitors have put
there, keeps sessions under short links, counts usage, edits its own source. What is not listed here is not there, so
neither is what a later version adds.

Cancelling is closed, too. An event that is cancelled while it ends stays in Gradio's queue for ever, one that is
cancelled before its task begins keeps a place among those that run, and none of this page takes long enough to need it.
"""

import re
from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from mnist_demo.serving.gates.requests import path_of
from mnist_demo.serving.routes.access import to_json

GRADIO_ROUTES = re.compile(
    r"""
    /                                           # the page
    | /(assets|static|svelte)/.+                # its scripts and pictures
    | /(favicon\.ico | robots\.txt)
    | (/gradio_api)?/theme\.css
    | /config/?                                 # what programs ask first
    | /gradio_api/(info/? | app_id/?)
    | /(login/? | logout)
    | /gradio_api/(run|api|call)/[^/]+/?        # an event, by name
    | /gradio_api/call/(?!v2/)[^/]+/[^/]+         # its answer
    | /gradio_api/queue/(join|data)             # the same, by number, as pages and gradio_client do it
    | /gradio_api/upload
    | /gradio_api/startup-events                # asked by launch()
    """,
    re.VERBOSE,
)


class KnownRoutes:
    """ASGI middleware that answers everything but known routes with 404.

    Args:
        app: what is behind.
        own: the first segments of the paths that are this app's own, as "runs".
    """

    def __init__(self, app: ASGIApp, own: Collection[str]) -> None:
        self._app = app
        self._own = frozenset(own)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or refuse it."""
        if scope["type"] != "http" or self._is_known(path_of(scope)):
            await self._app(scope, receive, send)
            return
        await to_json({"error": "there is nothing at this address"}, 404)(scope, receive, send)

    def _is_known(self, path: str) -> bool:
        return path.lstrip("/").partition("/")[0] in self._own or is_open(path)


def is_open(path: str) -> bool:
    """Return whether a path belongs to a route of Gradio's that is open."""
    return GRADIO_ROUTES.fullmatch(path) is not None
