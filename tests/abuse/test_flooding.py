"""Requests that would stop the server for everybody, or fill its memory and its disk."""

import asyncio
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route
from waiting import finish, wait_for

from mnist_demo.serving.gates import bodies, connections, uploads
from mnist_demo.ui.gradio_fixes import MAX_UNCOLLECTED, WatchingServer
from mnist_demo.ui.housekeeping import MAX_READERS, MAX_SESSIONS, MAX_WAITING, forget_sessions

APP = Path(__file__).parent.parent.parent / "app.py"


@pytest.fixture(scope="module")
def http(demo):
    with httpx.Client(base_url=demo.local_url, timeout=60) as client:
        yield client


def sample(client):
    return client.predict("train", 10, api_name="/sample")["label"]


@pytest.fixture(scope="module")
def index(demo):
    return next(index for index, function in demo.fns.items() if function.api_name == "sample")


def join(http, index, session, **more):
    return http.post(
        "gradio_api/queue/join", json={"data": ["train", 1], "fn_index": index, "session_hash": session, **more}
    )


class TestQueue:
    """Gradio's queue serves whoever comes next."""

    @pytest.mark.parametrize("session", ["", " ", "\n", "a" * 65, "a/b", "ä", 7, [], {}, False, True])
    def test_no_session_stops_it(self, demo, http, index, session):
        for _ in range(3):
            join(http, index, "abc")
        assert join(http, index, session).status_code == 422
        assert not demo._queue.stopped
        assert sample(Client(demo.local_url, verbose=False)) == 3

    def test_nor_do_more_sessions_than_it_remembers(self, demo, http, index, monkeypatch):
        monkeypatch.setattr(demo._queue.pending_messages_per_session, "max_size", 2)
        monkeypatch.setattr(demo._queue, "sleep_when_free", 0.2)  # so that all wait together
        for number in range(10):
            assert join(http, index, f"many-{number}").status_code == 200
        wait_for(lambda: len(demo._queue) == 0)
        assert not demo._queue.stopped
        assert sample(Client(demo.local_url, verbose=False)) == 3

    def test_nor_does_anything_else_that_is_said_to_it(self, demo, http, index):
        odd = ["", "abc", "x" * 64, None, 7, -1, [], {}, 10**30, True]
        for value in odd:
            for name in (
                "session_hash",
                "event_id",
                "fn_index",
                "trigger_id",
                "event_data",
                "batched",
                "simple_format",
            ):
                for route in ("queue/join", "call/sample", "run/sample"):
                    body = {
                        "data": ["train", 1],
                        "fn_index": index,
                        "session_hash": "abc",
                        "event_id": "abc",
                        name: value,
                    }
                    assert http.post(f"gradio_api/{route}", json=body).status_code != 500, f"{route} {name} {value}"
            with http.stream("GET", "gradio_api/queue/data", params={"session_hash": str(value)}) as response:
                assert response.status_code == 200
        wait_for(lambda: len(demo._queue) == 0)
        assert not demo._queue.stopped
        assert sample(Client(demo.local_url, verbose=False)) == 3

    def test_nobody_cancels_what_it_is_just_ending(self, demo, http, index, monkeypatch):
        """Gradio keeps such an event for ever."""
        is_ending, summarize = threading.Event(), demo._queue.compute_analytics_summary

        def summarize_slowly(events):
            is_ending.set()
            time.sleep(1)
            return summarize(events)

        wait_for(lambda: not demo._queue.event_ids_to_events)
        monkeypatch.setattr(demo._queue, "compute_analytics_summary", summarize_slowly)
        event = join(http, index, "cancels").json()["event_id"]
        assert is_ending.wait(60)
        http.post("gradio_api/cancel", json={"session_hash": "cancels", "fn_index": index, "event_id": event})
        wait_for(lambda: not demo._queue.event_ids_to_events, seconds=10)

    def test_a_session_that_fetches_nothing_has_to_fetch_first(self, http, index):
        statuses = [join(http, index, "idle").status_code for _ in range(MAX_UNCOLLECTED + 1)]
        assert statuses == [200] * MAX_UNCOLLECTED + [503]

    def test_few_wait(self, demo, http, index, monkeypatch):
        assert demo._queue.max_size == MAX_WAITING
        monkeypatch.setattr(demo._queue, "max_size", 0)
        assert join(http, index, "late").status_code == 503


class TestSessions:
    def test_they_begin_small_and_keep_nothing_that_was_sent(self, demo, http):
        predict = next(index for index, function in demo.fns.items() if function.api_name == "predict")
        data = [None, "A" * 1_000_000]
        http.post("gradio_api/run/x", json={"data": data, "fn_index": predict, "session_hash": "draws"})
        session = demo.app.state_holder["draws"]
        assert session.config_values == {}
        assert "AAAA" not in repr(vars(session.blocks_config.blocks[demo.fns[predict].inputs[1]._id]))

    def test_there_are_not_many(self, demo, http, monkeypatch):
        assert demo.app.state_holder.capacity == MAX_SESSIONS
        monkeypatch.setattr(demo.app.state_holder, "capacity", 5)
        for number in range(10):
            http.post("gradio_api/run/sample", json={"data": ["train", 1], "session_hash": f"s{number}"})
        assert "s9" in demo.app.state_holder

    def test_they_grow_old(self, demo, http, index):
        assert demo._queue.pending_messages_per_session.max_size == MAX_READERS
        join(http, index, "old")
        wait_for(lambda: not demo._queue.event_ids_to_events)

        async def forget():
            forget_sessions(demo, timedelta(0))

        finish(forget())
        assert not demo.app.state_holder.session_data
        assert not demo.app.state_holder.time_last_used
        assert not demo._queue.pending_messages_per_session
        assert not demo._queue.pending_event_ids_session


class TestBodies:
    ROUTES = ("read", "live", "limits", "login", "gradio_api/run/sample", "gradio_api/queue/join")

    @pytest.mark.parametrize("route", ROUTES)
    @pytest.mark.parametrize("is_announced", [True, False])
    def test_too_large_ones_are_refused(self, http, route, is_announced):
        limit = bodies.LIMITS.get(f"/{route}", bodies.MAX_BODY)
        body = b"[" * (limit + 1)
        content = body if is_announced else iter([body[:-1], body[-1:]])
        response = http.post(route, content=content, headers={"content-type": "application/json"})
        assert response.status_code == 413
        assert re.fullmatch(r"expected at most [0-9,]+ bytes", response.json()["error"])  # a handler may want fewer

    def test_what_is_announced_is_refused_before_it_is_sent(self, demo):
        with socket.create_connection(("127.0.0.1", demo.server_port), timeout=60) as client:
            client.sendall(b"POST /live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 413")

    def test_too_many_at_once_are_told_to_wait(self, http, monkeypatch):
        monkeypatch.setattr(bodies, "MAX_IN_FLIGHT", 1_000_000)
        response = http.post(
            "gradio_api/run/sample", content=b"1" * 1_000_001, headers={"content-type": "application/json"}
        )
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        assert http.get("runs").status_code == 200
        assert http.post("live", json={}).status_code == 200  # what was refused does not count for ever


def upload(http, content, **options):
    return http.post("gradio_api/upload", files={"files": content}, **options)


class TestUploads:
    @pytest.fixture(autouse=True)
    def _empty(self, demo):
        demo.uploads.sweep(max_age=-1)
        yield
        demo.uploads.sweep(max_age=-1)

    def files(self, demo):
        return list(demo.uploads.folder.iterdir())

    @pytest.mark.parametrize("is_announced", [True, False])
    def test_a_large_one_is_refused(self, demo, http, is_announced):
        form = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
        content = form + bytes(bodies.MAX_FORM)
        headers = {"content-type": "multipart/form-data; boundary=b"}
        response = http.post("gradio_api/upload", content=content if is_announced else iter([content]), headers=headers)
        assert response.status_code == 413
        assert self.files(demo) == []

    def test_one_that_is_cut_off_leaves_nothing(self, demo, http):
        head = "POST /gradio_api/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n"
        head += "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        form = '--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
        with socket.create_connection(("127.0.0.1", demo.server_port)) as client:
            client.sendall((head + form).encode() + bytes(3_000_000))
            wait_for(lambda: demo.uploads._arriving)
        wait_for(lambda: not demo.uploads._arriving)
        assert self.files(demo) == []

    @pytest.mark.parametrize("content", [b"", b"--b--\r\n", b"x", b"--b\r\n\r\nx\r\n--b--\r\n"])
    def test_what_is_none_is_refused(self, http, content):
        headers = {"content-type": "multipart/form-data; boundary=b"}
        response = http.post("gradio_api/upload", content=content, headers=headers)
        assert response.status_code in (400, 422)
        assert response.json()["error"]

    def test_many_files_at_once_are_refused(self, demo, http):
        files = [("files", ("x", b"x"))] * (uploads.FILES_PER_REQUEST + 1)
        response = http.post("gradio_api/upload", files=files)
        assert response.status_code == 400
        assert response.json() == {"error": "Too many files. Maximum number of files is 10."}
        assert self.files(demo) == []

    def test_names_are_not_the_visitors(self, demo, http):
        for name in ("../../x", "/etc/x", "a" * 300, "", "\0", "x\xff"):
            response = http.post("gradio_api/upload", files={"files": (name, b"x")})
            assert response.is_client_error or len(response.json()[0]) == 32
        assert {path.parent for path in self.files(demo)} == {demo.uploads.folder}

    def test_one_address_does_not_take_all_room_and_a_full_folder_is_told(self, demo, http, monkeypatch):
        monkeypatch.setattr(uploads, "MAX_SHARE", 3_000)
        monkeypatch.setattr(uploads, "MAX_TOTAL", 5_000)

        def send(address):
            return upload(http, bytes(1_500), headers={"X-Forwarded-For": address})

        assert [send("192.0.2.1").status_code for _ in range(2)] == [200, 429]
        assert [send(f"192.0.2.{n}").status_code for n in (2, 3, 4)] == [200, 200, 507]
        monkeypatch.setattr(uploads, "MIN_AGE", 0)  # older ones give way
        assert [send("192.0.2.1").status_code for _ in range(5)] == [200] * 5
        assert len(self.files(demo)) <= 3

    def test_it_is_not_done_without_end(self, http):
        headers = {"X-Forwarded-For": "192.0.2.99"}
        statuses = [upload(http, b"x", headers=headers).status_code for _ in range(uploads.UPLOADS_PER_MINUTE + 5)]
        assert statuses[:50] == [200] * 50
        assert statuses[-1] == 429

    def test_they_grow_old(self, demo, http):
        (name,) = upload(http, b"x").json()
        demo.uploads.sweep()
        assert demo.uploads.find(name)
        demo.uploads.sweep(max_age=0)
        assert demo.uploads.find(name) is None
        assert self.files(demo) == []
        event = {"data": [{"path": name}, "cnn"]}
        assert http.post("gradio_api/run/predict", json=event).status_code == 422

    def test_a_file_that_is_gone_ends_no_cleaning(self, demo, http):
        first, second = (upload(http, b"x").json()[0] for _ in range(2))
        demo.uploads.find(first).unlink()
        demo.uploads.sweep(max_age=0)
        assert demo.uploads.find(second) is None

    def test_reading_one_leaves_no_other(self, demo, http):
        cache = demo.uploads.folder.parent
        before = set(cache.iterdir())
        (name,) = upload(http, b"no picture").json()
        for _ in range(3):
            http.post("gradio_api/run/predict", json={"data": [{"path": name}, "cnn"]})
        assert set(cache.iterdir()) == before

    def test_a_full_disk_is_told(self, http, monkeypatch):
        def fill(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(uploads.shutil, "copyfileobj", fill)
        response = upload(http, b"x")
        assert response.status_code == 507
        assert response.json() == {"error": "the upload cannot be kept: No space left on device"}

    def test_folders_of_killed_servers_are_deleted_and_no_others(self, tmp_path):
        for name, age in (("mnist-demo-old", 4000), ("mnist-demo-new", 10), ("another", 4000)):
            (tmp_path / name).mkdir()
            os.utime(tmp_path / name, (time.time() - age,) * 2)
        own = uploads.Uploads(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {"mnist-demo-new", "another", own.folder.name}
        own.close()
        assert not own.folder.exists()


@contextmanager
def serve(routes, most, monkeypatch, waits):
    """A server of these routes that waits as long as `waits` say, by phase."""
    import uvicorn

    monkeypatch.setattr(connections, "WATCH_INTERVAL", 0.05)
    monkeypatch.setattr(connections, "WAITS", dict(zip(connections.Phase, waits, strict=True)))
    monkeypatch.setattr("mnist_demo.ui.gradio_fixes.choose_limits", lambda: (most, 16))
    listener = socket.create_server(("127.0.0.1", 0))
    server = WatchingServer(uvicorn.Config(Starlette(routes=routes), log_level="warning", fd=listener.fileno()))
    server.run_in_thread()
    try:
        server.port = listener.getsockname()[1]
        yield server
    finally:
        server.close()


def ask(port, content=b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"):
    client = socket.create_connection(("127.0.0.1", port), timeout=60)
    client.sendall(content)
    return client


FLOOD = b"GET /flood HTTP/1.1\r\nHost: localhost\r\n\r\n"


class TestSlowClients:
    @pytest.fixture
    def routes(self):
        async def page(request):
            await request.body()
            return StreamingResponse(iter([b"ok"]))

        async def ticks():
            for number in range(20):
                yield b"tick %d\n" % number
                await asyncio.sleep(0.1)

        async def events(request):
            return StreamingResponse(ticks(), media_type="text/event-stream")

        async def flood(request):
            return StreamingResponse(iter([bytes(1_000_000)] * 1_000))

        return [Route("/", page, methods=["GET", "POST"]), Route("/events", events), Route("/flood", flood)]

    def test_neither_heads_nor_bodies_are_waited_for_for_ever(self, routes, monkeypatch):
        with serve(routes, 100, monkeypatch, (0.5, 0.5, 0.5)) as server, ExitStack() as stack:
            post = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
            slow = [
                ask(server.port, content)
                for content in (b"", b"G", b"GET / HTTP/1.1\r\nHost: local", post, post + b"123")
            ]
            for client in slow:
                stack.enter_context(client)
                assert client.recv(1) == b""

    def test_a_client_that_does_not_read_is_left(self, routes, monkeypatch):
        with serve(routes, 100, monkeypatch, (60, 60, 0.5)) as server, ask(server.port, FLOOD):
            wait_for(lambda: server.server_state.connections)
            wait_for(lambda: not server.server_state.connections)

    def test_event_streams_stay(self, routes, monkeypatch):
        with serve(routes, 100, monkeypatch, (0.5, 0.5, 0.5)) as server:
            assert httpx.get(f"http://127.0.0.1:{server.port}/events", timeout=60).text.count("tick") == 20

    def test_the_one_that_has_waited_longest_makes_room(self, routes, monkeypatch):
        with serve(routes, 5, monkeypatch, (60, 60, 60)) as server, ExitStack() as stack:
            slow = []
            for _ in range(5):
                slow.append(stack.enter_context(ask(server.port, b"GET")))
                time.sleep(0.01)
            assert httpx.get(f"http://127.0.0.1:{server.port}/", timeout=60).text == "ok"
            assert slow[0].recv(1) == b""
            slow[-1].setblocking(False)
            with pytest.raises(BlockingIOError):
                slow[-1].recv(1)


def test_more_slow_clients_than_descriptors_leave_room_for_others_with_few_descriptors(small_mnist, tmp_path):
    command = [sys.executable, str(APP), "--port", "17960", "--data", str(small_mnist)]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    options = {"cwd": tmp_path, "env": environment, "stdout": subprocess.PIPE, "text": True}
    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))  # noqa: E731
    with subprocess.Popen(command, preexec_fn=limit, **options) as process, ExitStack() as stack:
        try:
            url = next(line.split()[-1] for line in process.stdout if "http://" in line)
            port = int(url.rpartition(":")[2])
            contents = (
                b"GET / HTTP/1.1\r\nHost: ",
                b"POST /live HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
                b"",
            )
            for number in range(70):
                stack.enter_context(ask(port, contents[number % 3]))
            for _ in range(20):
                assert httpx.get(f"{url}/runs", timeout=60).json() == []
            assert httpx.get(url, timeout=60).status_code == 200  # with a file to open
        finally:
            process.send_signal(signal.SIGTERM)
