"""What is deleted while the server runs: old uploads, and sessions that nobody has used for long.

Gradio's own `delete_cache` ends for good at the first file that it cannot delete, and knows no sessions.
"""

import asyncio
import logging
from datetime import datetime, timedelta

import gradio as gr
from starlette.concurrency import run_in_threadpool

from mnist_demo.serving.gates.uploads import Uploads

INTERVAL = 30.0  # s
MAX_SESSIONS = 1_000  # some 20 kB each
SESSION_AGE = timedelta(hours=1)
MAX_WAITING = 100  # events in Gradio's queue, all visitors together
MAX_READERS = 200  # sessions whose answers are kept until they fetch them

logger = logging.getLogger(__name__)


async def keep_house(page: gr.Blocks, uploads: Uploads) -> None:
    """Clean up until this is cancelled."""
    while True:
        try:
            await run_in_threadpool(uploads.sweep)
            forget_sessions(page)
        except Exception:  # nothing may end this, or the disk fills
            logger.exception("cleaning up failed; it will be tried again")
        await asyncio.sleep(INTERVAL)


def forget_sessions(page: gr.Blocks, max_age: timedelta = SESSION_AGE) -> None:
    """Forget the sessions of a page that nobody has used for `max_age`, and the answers that they never fetched.

    Call it on the event loop.
    """
    sessions, queue = page.state_holder, page._queue
    with sessions.lock:
        for name, used in list(sessions.time_last_used.items()):
            if datetime.now() - used > max_age:
                sessions.session_data.pop(name, None)
                del sessions.time_last_used[name]
    known = {*sessions.session_data, *(event.session_hash for event in queue.event_ids_to_events.values())}
    for pending in (queue.pending_messages_per_session, queue.pending_event_ids_session):
        for name in [name for name in pending if name not in known]:
            del pending[name]
    for files in page.temp_file_sets:  # of Gradio's `delete_cache`, which would add up
        files.clear()
