"""The page mounted in another app; tests/browser/test_under_a_path.py draws on it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import gradio as gr
import httpx
import pytest
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.testclient import TestClient
from waiting import wait_for

from mnist_demo.ui.demo import build_demo
from mnist_demo.ui.housekeeping import MAX_SESSIONS

PROJECT = Path(__file__).parent.parent.parent
LESSON = """
import gradio, uvicorn
from fastapi import FastAPI
from mnist_demo.ui.demo import build_demo
app = gradio.mount_gradio_app(FastAPI(), build_demo(), path="/mnist")
uvicorn.run(app, port=0, log_level="info")
"""


@pytest.fixture(scope="module")
def mounted(small_mnist):
    """The page and a client of the app around it, which lets other sites in."""
    page = build_demo(small_mnist, allowed_hosts=["Lesson.example"])
    around = FastAPI()
    around.add_middleware(CORSMiddleware, allow_origins=["*"])
    app = gr.mount_gradio_app(around, page, path="/mnist", auth_dependency=lambda request: request.headers.get("user"))
    with TestClient(app, base_url="http://lesson.example", headers={"user": "ada"}) as http:
        yield page, http
    page.close()


def test_it_goes_by_the_names_that_it_was_given(mounted):
    _, http = mounted
    assert http.get("/mnist/runs").json() == []
    assert http.get("/mnist/runs", headers={"Host": "localhost"}).json() == []
    assert http.get("/mnist/runs", headers={"Host": "other.example"}).status_code == 421


def test_who_is_let_in_by_the_app_around_it_is_asked_for_everything(mounted):
    _, http = mounted
    for address in ("", "runs", "live", "logout", "gradio_api/upload", "gradio_api/info"):
        assert http.get(f"/mnist/{address}", headers={"user": "ada"}).status_code != 401
    del http.headers["user"]
    try:
        for address in ("", "runs", "live", "metrics", "logout", "gradio_api/upload", "gradio_api/info"):
            assert http.get(f"/mnist/{address}").status_code == 401
        for address in ("healthz", "readyz"):  # for probes, which nobody has let in
            assert http.get(f"/mnist/{address}").status_code == 200
    finally:
        http.headers["user"] = "ada"


def test_a_method_that_no_route_has_is_refused(mounted):
    _, http = mounted
    for address in ("live", "gradio_api/upload", "logout"):
        response = http.delete(f"/mnist/{address}")
        assert (response.status_code, response.json()) == (405, {"error": "Method Not Allowed"})


def test_other_sites_stay_out_though_the_app_around_it_lets_them_in(mounted):
    _, http = mounted
    assert http.post("/mnist/runs", json={}, headers={"Origin": "http://evil.example"}).status_code == 403


def test_its_limits_hold(mounted):
    page, http = mounted
    assert http.get("/mnist/config").json()["max_file_size"] == 20_000_000
    assert page.state_holder.capacity == MAX_SESSIONS
    assert not page.show_error


def test_uploads_are_deleted_there_too(mounted):
    page, http = mounted
    (name,) = http.post("/mnist/gradio_api/upload", files={"files": b"x"}).json()
    assert page.uploads.find(name)
    assert not page._housekeeping.done()


def test_its_workers_end_with_the_server(tmp_path):
    command = [sys.executable, "-c", LESSON]
    options = {
        "cwd": tmp_path,
        "env": os.environ | {"PYTHONPATH": str(PROJECT)},
        "stderr": subprocess.PIPE,
        "text": True,
    }
    with subprocess.Popen(command, **options) as server:
        url = next(line.split(" on ")[1].split()[0] for line in server.stderr if " on http://" in line)
        assert httpx.get(f"{url}/mnist/runs", timeout=60).json() == []
        children = Path(f"/proc/{server.pid}/task").glob("*/children")
        workers = [worker for path in children for worker in path.read_text(encoding="ascii").split()]
        assert len(workers) == 3  # one that trains, two that open pictures
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=120)
    wait_for(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), interval=0.1)
