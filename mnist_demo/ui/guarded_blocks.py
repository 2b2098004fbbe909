"""GuardedBlocks: Gradio's Blocks for a page that strangers can reach, launched by itself or mounted in another app."""

import asyncio
import atexit
import math
import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any, cast

import gradio as gr
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp

from mnist_demo.serving.gates import build_gates
from mnist_demo.serving.gates.login import build_logout_route
from mnist_demo.serving.gates.uploads import Uploads, build_upload_route
from mnist_demo.serving.metrics import Metrics
from mnist_demo.serving.routes.access import explain
from mnist_demo.ui.gradio_fixes import mend_gradio
from mnist_demo.ui.housekeeping import MAX_READERS, MAX_SESSIONS, MAX_WAITING, keep_house

QUEUE_INTERVAL = 0.05  # s


class GuardedBlocks(gr.Blocks):
    """Blocks with gates before them, and limits to what visitors may leave in memory and on the disk.

    Attributes:
        routes: plain routes of the page, each with a first segment of its own.
        allowed_hosts: by which names visitors may ask for the page, beside those of this machine: a proxy's.
        metrics: figures of the page.
    """

    routes: list[Route]
    allowed_hosts: Collection[str] = ()

    def __init__(self, metrics: Metrics, **options: Any) -> None:
        mend_gradio()
        super().__init__(**options)
        self.metrics = metrics
        self._show_visitors()
        self.uploads = Uploads(Path(self.GRADIO_CACHE))
        atexit.register(self.uploads.close)  # a page that is mounted is never closed
        self.state_session_capacity = MAX_SESSIONS
        self.extra_startup_events.append(self.open)
        self._queue.max_size = MAX_WAITING
        # Nothing here waits in Gradio's queue, which would look a thousand times a second whether something does.
        self._queue.sleep_when_free = QUEUE_INTERVAL
        self._queue.ANAYLTICS_CACHE_FREQUENCY = sys.maxsize  # tables of events, for Gradio's monitoring, which is off
        self._queue.pending_messages_per_session.max_size = MAX_READERS

    def guard(self, app: ASGIApp) -> ASGIApp:
        """Return what stands before the routes of Gradio's app: the gates, and behind them the page's own routes.

        See `place_gates` in gradio_fixes.py for who calls it.
        """
        space = [name.strip().lower() for name in os.environ.get("SPACE_HOST", "").split(",") if name.strip()]
        gates = build_gates(
            names=[*space, *(name.lower() for name in self.allowed_hosts)],
            own_routes=self.own_names(),
            find_upload=self.uploads.find,
            is_shared=lambda: self.share,
            is_space=bool(space),
            metrics=self.metrics,
        )
        routes: list[BaseRoute] = [*self.routes, build_upload_route(self.uploads), build_logout_route()]
        own = Router(routes, redirect_slashes=False, default=app)
        guarded: ASGIApp = ExceptionMiddleware(own, handlers={HTTPException: lambda _, error: explain(error)})
        for gate in reversed(gates):
            guarded = gate.cls(guarded, *gate.args, **gate.kwargs)
        return guarded

    def _show_visitors(self) -> None:
        def count_connections() -> float:
            server = getattr(self, "server", None)  # there is none where the page is mounted in another app
            return len(server.server_state.connections) if server else math.nan

        self.metrics.show("mnist_demo_connections", "Open connections; NaN in another app's server.", count_connections)
        text = "Sessions of pages and programs that were used in the last hour."
        self.metrics.show("mnist_demo_sessions", text, lambda: len(self.state_holder.session_data))

    def own_names(self) -> set[str]:
        """Return the first segments of the page's own routes."""
        return {route.path.split("/")[1] for route in self.routes}

    async def open(self) -> None:
        """Begin to clean up, on the event loop of the server: Gradio calls this when it starts."""
        self._housekeeping = asyncio.create_task(keep_house(self, self.uploads))  # ends with the loop

    async def preprocess_data(self, *arguments: Any, **options: Any) -> list[Any]:
        """Turn what a visitor sent into what a handler takes.

        Raises:
            gr.Error: it does not fit; Gradio would log that as an error of the server.
        """
        try:
            return cast(list[Any], await super().preprocess_data(*arguments, **options))
        except gr.Error as error:
            raise gr.Error(error.message, print_exception=False) from error
        except (ValueError, TypeError, LookupError, OSError) as error:
            raise gr.Error("The values of the event are not what it takes.", print_exception=False) from error

    def close(self, verbose: bool = True) -> None:
        """Stop the server and delete what visitors have uploaded."""
        super().close(verbose)
        self.uploads.close()
