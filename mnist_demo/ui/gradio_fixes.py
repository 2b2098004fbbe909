"""What Gradio 6.31 leaves open to visitors and no middleware can close, closed from outside.

Each function mends one fault, for all of this process. tests/ui/test_gradio_fixes.py holds for each a test that Gradio
alone still has the fault; when that fails, the function can go.
"""

import os
from copy import copy
from typing import Any

import gradio as gr
from gradio import http_server, processing_utils, queueing, routes, state_holder
from starlette.types import ASGIApp, Receive, Scope, Send

from mnist_demo.serving.gates.connections import WatchedProtocol, choose_limits

MAX_UNCOLLECTED = 20  # events of one session whose answers nobody has fetched
# A Space's proxy is in a private network, and says from where a visitor comes.
SPACE_PROXIES = "127.0.0.1,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"


def mend_gradio() -> None:
    """Mend all; more than once does no harm."""
    place_gates()
    forbid_fetching()
    keep_queue_alive()
    keep_sessions_small()
    leave_no_files()
    watch_connections()


def place_gates() -> None:
    """Put the gates of a page where Gradio's app has its CORS, which lets every other site in, with cookies.

    That middleware stands outside of those that an app can add and answers before them. It is also the one place where
    an app that is mounted with `gr.mount_gradio_app` can be guarded, since that makes the app by itself: should Gradio
    mend its CORS, the gates still have to stand here.
    """
    routes.CustomCORSMiddleware = PageGates  # type: ignore[attr-defined, assignment]


class PageGates:
    """ASGI middleware of Gradio's app: what the page's `guard` makes of it, nothing for pages that have none."""

    def __init__(self, app: ASGIApp, **options_of_cors: Any) -> None:
        self._app = app
        self._guarded: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request behind the gates."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._guarded is None:  # no app knows its page before it is complete
            guard = getattr(scope["app"].get_blocks(), "guard", None)
            self._guarded = guard(self._app) if guard else self._app
        await self._guarded(scope, receive, send)


def forbid_fetching() -> None:
    """Send no request for a visitor: a file whose path is a web address is fetched, in any argument of any event.

    The gates refuse such events; this is for what comes round them, as a handler's own answer.
    """

    async def refuse(url: str) -> Any:
        raise gr.Error("This server fetches nothing from other addresses.", print_exception=False)

    processing_utils.async_ssrf_protected_get = refuse


def keep_queue_alive() -> None:
    """Let the queue outlive a visitor who is gone.

    A message for a session that the queue does not know, an empty one or one of 2,000 before, ends the task that
    serves everybody. And the answers that nobody fetches are kept without end.
    """
    push = queueing.Queue.push
    if push.__module__ == __name__:
        return

    def send_message(self: queueing.Queue, event: Any, event_message: Any) -> None:
        messages = self.pending_messages_per_session.get(event.session_hash)
        if event.alive and messages is not None:
            event_message.event_id = event._id
            messages.put_nowait(event_message)

    async def push_if_fetched(self: queueing.Queue, body: Any, request: Any, username: Any) -> Any:
        if len(self.pending_event_ids_session.get(body.session_hash, ())) >= MAX_UNCOLLECTED:
            return False, f"{MAX_UNCOLLECTED} answers of this session wait to be fetched.", "queue_full"
        return await push(self, body, request, username)

    queueing.Queue.send_message = send_message  # type: ignore[method-assign]
    queueing.Queue.push = push_if_fetched  # type: ignore[method-assign]


def keep_sessions_small() -> None:
    """Make sessions without what only deep links need, which the gates close.

    A session begins with the configuration of every component, 16 ms and 115 kB for this page, and keeps all that its
    visitor sends; any request can begin one.
    """
    state_holder.SessionState = SmallSession  # type: ignore[misc]


class SmallSession(state_holder.SessionState):
    """A session that knows its components, and not what visitors have put into them."""

    def __init__(self, blocks: gr.Blocks) -> None:
        self.blocks_config = copy(blocks.default_config)
        self.config_values = {}
        self.state_data = {}
        self._state_ttl = {}
        self.is_closed = False
        self.STATE_TTL_WHEN_CLOSED = 3600

    def __setitem__(self, key: int, value: Any) -> None:
        super().__setitem__(key, value)
        self.config_values.clear()

    def _update_config(self, key: int) -> None:
        pass

    def _update_value_in_config(self, key: int, value: Any) -> None:
        pass


def leave_no_files() -> None:
    """Make no empty file for each picture that is handed to an event, which nothing deletes."""
    of_type = gr.File._process_single_file

    def process(self: gr.File, file: Any) -> Any:
        is_path = self.type == "filepath" and not self.file_types
        return file.path if is_path else of_type(self, file)

    if of_type.__module__ != __name__:
        gr.File._process_single_file = process  # type: ignore[assignment, method-assign]


def watch_connections() -> None:
    """Serve with an end to waiting, see serving/gates/connections.py: launch() has no option for that.

    Behind a Space's proxy the address of visitors comes from its headers, which uvicorn believes of this machine only.
    No route is a WebSocket, so none is offered.
    """
    http_server.Server = WatchingServer  # type: ignore[assignment, misc]


class WatchingServer(http_server.Server):
    """Gradio's server with settings of our own."""

    def __init__(self, config: Any, **options: Any) -> None:
        max_connections, config.backlog = choose_limits()
        config.http = type("Protocol", (WatchedProtocol,), {"max_connections": max_connections})
        config.ws = "none"
        if "SPACE_HOST" in os.environ:
            config.forwarded_allow_ips = SPACE_PROXIES
        super().__init__(config, **options)
