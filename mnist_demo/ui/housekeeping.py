"""What is deleted while the server runs: old uploads, and sessions that nobody has used for long.

Gradio's own `delete_cache` ends for good at the first file that it cannot delete, and knows no sessions.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool

from mnist_demo.serving.gates.uploads import Uploads

INTERVAL = 30.0  # s
MAX_SESSIONS = 1_000  # some 20 kB each
SESSION_AGE = timedelta(hours=1)
MAX_WAITING = 100  # events in Gradio's queue, all visitors together
MAX_READERS = 200  # sessions whose answers are kept until they fetch them

logger = logging.getLogger(__name__)


def build_lifespan(uploads: Uploads) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """Return the `lifespan` of Gradio's app that cleans up while it lasts."""

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        task = asyncio.create_task(_keep_house(app, uploads))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return lifespan


async def _keep_house(app: Any, uploads: Uploads) -> None:
    while True:
        try:
            await run_in_threadpool(uploads.sweep)
            forget_sessions(app)
        except Exception:  # nothing may end this, or the disk fills
            logger.exception("cleaning up failed; it will be tried again")
        await asyncio.sleep(INTERVAL)


def forget_sessions(app: Any, max_age: timedelta = SESSION_AGE) -> None:
    """Forget the sessions of Gradio's app that nobody has used for `max_age`, and the answers that they never fetched.

    Call it on the event loop.
    """
    sessions, queue = app.state_holder, app.get_blocks()._queue
    with sessions.lock:
        for name, used in list(sessions.time_last_used.items()):
            if datetime.now() - used > max_age:
                sessions.session_data.pop(name, None)
                del sessions.time_last_used[name]
    known = {*sessions.session_data, *(event.session_hash for event in queue.event_ids_to_events.values())}
    for pending in (queue.pending_messages_per_session, queue.pending_event_ids_session):
        for name in [name for name in pending if name not in known]:
            del pending[name]
    for files in app.get_blocks().temp_file_sets:  # of Gradio's `delete_cache`, which would add up
        files.clear()
