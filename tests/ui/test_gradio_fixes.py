"""Gradio alone still has the faults that ui/gradio_fixes.py mends: when a test here fails, that fix can go."""

import json
import subprocess
import sys

import pytest

SCRIPT = """
import asyncio, json, tempfile
from pathlib import Path
import gradio as gr
from gradio import processing_utils, queueing, route_utils, routes, state_holder, http_server
from starlette.datastructures import Headers

with gr.Blocks(analytics_enabled=False) as page:
    text, file = gr.Textbox("hello"), gr.File()
    gr.Button().click(lambda value: value, text, text)
found = {}

cors = routes.CustomCORSMiddleware(None)
found["place_gates"] = cors.is_valid_origin(Headers({"host": "192.0.2.1", "origin": "http://evil.example"}))

asked = []
async def get(url):
    asked.append(url)
    raise ConnectionError
processing_utils.async_ssrf_protected_get = get
data = {"path": "http://evil.example/x", "meta": {"_type": "gradio.FileData"}}
try:
    asyncio.run(processing_utils.async_move_files_to_cache(data, file, check_in_upload_folder=True))
except ConnectionError:
    pass
found["forbid_fetching"] = asked == ["http://evil.example/x"]

event = type("Event", (), {"alive": True, "session_hash": "gone", "_id": "1"})()
try:
    queueing.Queue.send_message(page._queue, event, type("Message", (), {})())
    found["keep_queue_alive"] = False
except KeyError:
    found["keep_queue_alive"] = True

session = state_holder.SessionState(page)
session._update_value_in_config(text._id, "x" * 100)
found["keep_sessions_small"] = "x" * 100 in str(session.config_values)

file.GRADIO_CACHE = folder = tempfile.mkdtemp()
file._process_single_file(gr.FileData(path="/nowhere"))
found["leave_no_files"] = bool(list(Path(folder).iterdir()))

import inspect, uvicorn
options = inspect.signature(http_server.start_server).parameters, inspect.signature(uvicorn.Config).parameters
found["watch_connections"] = "http" not in options[0] and not [name for name in options[1] if "header_timeout" in name]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def faults():
    """Which faults Gradio has in a process that this project has not touched."""
    result = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    "fix",
    [
        "place_gates",
        "forbid_fetching",
        "keep_queue_alive",
        "keep_sessions_small",
        "leave_no_files",
        "watch_connections",
    ],
)
def test_gradio_still_has_the_fault(faults, fix):
    assert faults[fix], f"Gradio does not need {fix}() any more"
