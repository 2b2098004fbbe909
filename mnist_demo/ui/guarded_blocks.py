"""GuardedBlocks: Gradio's Blocks for a page that strangers can reach."""

import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any, cast

import gradio as gr
from starlette.routing import Route

from mnist_demo.serving.gates import build_gates
from mnist_demo.serving.gates.login import build_logout_route
from mnist_demo.serving.gates.uploads import Uploads, build_upload_route
from mnist_demo.ui.gradio_fixes import mend_gradio
from mnist_demo.ui.housekeeping import MAX_READERS, MAX_WAITING, build_lifespan


class GuardedBlocks(gr.Blocks):
    """Blocks with gates before them, and limits to what visitors may leave in memory and on the disk."""

    routes: list[Route]

    def __init__(self, **options: Any) -> None:
        mend_gradio()
        super().__init__(**options)
        self.uploads = Uploads(Path(self.GRADIO_CACHE))
        self._queue.max_size = MAX_WAITING
        self._queue.ANAYLTICS_CACHE_FREQUENCY = sys.maxsize  # tables of events, for Gradio's monitoring, which is off
        self._queue.pending_messages_per_session.max_size = MAX_READERS

    def app_options(self, allowed_hosts: Collection[str] = ()) -> dict[str, Any]:
        """Return the `app_kwargs` with which Gradio's app serves this page, launched or mounted in another app.

        Args:
            allowed_hosts: by which names visitors may ask for the page, beside those of this machine: a proxy's.
        """
        space = [name.strip().lower() for name in os.environ.get("SPACE_HOST", "").split(",") if name.strip()]
        gates = build_gates(
            names=[*space, *(name.lower() for name in allowed_hosts)],
            own_routes=[route.path.split("/")[1] for route in self.routes],
            find_upload=self.uploads.find,
            is_shared=lambda: self.share,
            is_space=bool(space),
        )
        routes = [*self.routes, build_upload_route(self.uploads), build_logout_route()]
        return {"routes": routes, "middleware": gates, "lifespan": build_lifespan(self.uploads)}

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
