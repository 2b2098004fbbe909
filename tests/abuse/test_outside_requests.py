"""What would carry something out of the server: requests that visitors have it make, and pages of other sites."""

import json
import socket
import sys
import threading

import gradio as gr
import httpx
import pytest
from gradio.processing_utils import async_move_files_to_cache
from waiting import finish

HTML = b"<script>alert(1)</script>"
JSON = {"content-type": "application/json"}
calls = []  # where this process has connected to, or which name it has looked up, while somebody listens


def note_call(event, arguments):
    if calls and event in ("socket.getaddrinfo", "socket.connect", "socket.sendto"):
        target = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
        calls.append((event, target))


sys.addaudithook(note_call)  # for ever, so it does little


@pytest.fixture(scope="module")
def http(demo):
    with httpx.Client(base_url=demo.local_url, timeout=60) as client:
        client.get("runs")  # connects
        yield client


@pytest.fixture(scope="module")
def function(demo):
    """The numbers of Gradio's functions by their names."""
    return {function.api_name: index for index, function in demo.fns.items()}


@pytest.fixture
def elsewhere():
    """The port of a listener on another address, which must hear nothing, and nobody else either."""
    heard = []
    with socket.create_server(("127.0.0.2", 0)) as listener:

        def listen():
            try:
                while True:
                    connection, _ = listener.accept()
                    heard.append(connection.recv(100))
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi")
                    connection.close()
            except OSError:  # closed at the end
                pass

        threading.Thread(target=listen, daemon=True).start()
        calls.append("listening")
        yield listener.getsockname()[1]
        outside = [call for call in calls[1:] if "127.0.0.1" not in str(call)]
        calls.clear()
        listener.shutdown(socket.SHUT_RDWR)
    assert heard == []
    assert outside == []


class TestFiles:
    """Nothing but what was uploaded to this server is a file."""

    PATHS = (
        "http://127.0.0.2:{port}/x.png",
        "https://127.0.0.2:{port}/x.png",
        "HTTP://127.0.0.2:{port}/x.png",
        "//127.0.0.2:{port}/x.png",
        "http://huggingface.co/x.png",
        "http://[::ffff:127.0.0.2]:{port}/x.png",
        "file:///etc/passwd",
        "/etc/passwd",
        "../../../etc/passwd",
        "{uploads}/../../x",
        "{uploads}",
        "",
        "0" * 32,
    )

    @pytest.mark.parametrize("path", PATHS)
    def test_no_other_path_is_one(self, http, demo, function, elsewhere, path):
        path = path.format(port=elsewhere, uploads=demo.uploads.folder)
        file = {"path": path, "url": path, "meta": {"_type": "gradio.FileData"}}
        event = {"fn_index": function["predict"], "session_hash": "abc"}
        hidden = {"a": [{"b": file}]}
        bodies = [{"data": [file, "cnn"]}, {"data": [[hidden], "cnn"]}, {"data": [None, hidden]}]
        bodies += [{"data": [{"path": path}, None]}, {"data": [None, None], "event_data": hidden}]
        for body in bodies:
            for route in ("run/predict", "api/predict", "call/predict", "queue/join"):
                response = http.post(f"gradio_api/{route}", json={**event, **body})
                assert response.status_code == 422, f"{route} {body}"
                assert "expected a file that was uploaded to this server" in response.json()["error"]

    def test_in_no_event(self, http, demo, elsewhere):
        file = {"path": f"http://127.0.0.2:{elsewhere}/x", "meta": {"_type": "gradio.FileData"}}
        for index, function in demo.fns.items():
            body = {"fn_index": index, "session_hash": "abc", "data": [file] * len(function.inputs)}
            if function.fn and function.inputs:
                assert http.post("gradio_api/run/x", json=body).status_code == 422

    @pytest.mark.parametrize(
        "route",
        [
            "gradio_api/file={}",
            "gradio_api/file%3D{}",
            "gradio_api/file/{}",
            "file={}",
            "gradio_api/proxy={}",
            "gradio_api//file={}",
            "/gradio_api/file={}",
            "%67radio_api/file={}",
            "runs/../gradio_api/file={}",
            "gradio_api/stream/a/b/1/playlist-file?x={}",
            "gradio_api/component_server?x={}",
            "gradio_api/deep_link?session_hash={}",
            "?deep_link={}",
            "config?deep_link={}",
        ],
    )
    def test_no_route_fetches_one(self, http, elsewhere, route):
        addresses = (
            "http://127.0.0.2:{}/x",
            "HTTP://127.0.0.2:{}/x",
            "http:%2F%2F127.0.0.2:{}%2Fx",
            "//127.0.0.2:{}/x",
        )
        for address in addresses:
            response = http.get(route.format(address.format(elsewhere)))
            assert "deep_link=" in route or response.status_code == 404
            assert response.text != "hi"

    def test_what_was_uploaded_cannot_be_read_by_anybody(self, http, demo):
        (name,) = http.post("gradio_api/upload", files={"files": ("page.html", HTML, "text/html")}).json()
        assert demo.uploads.find(name).read_bytes() == HTML
        for path in (name, str(demo.uploads.find(name)), f"{demo.uploads.folder}/{name}"):
            for route in ("gradio_api/file=", "gradio_api/file/", "file=", "static/", "assets/", "svelte/", ""):
                response = http.get(f"{route}{path}")
                assert response.is_client_error
                assert HTML not in response.content

    def test_what_came_round_the_gates_would_not_be_fetched_either(self, demo, elsewhere):
        url = f"http://127.0.0.2:{elsewhere}/x"
        file = {"path": url, "url": url, "meta": {"_type": "gradio.FileData"}}
        block = next(block for block in demo.blocks.values() if isinstance(block, gr.File))
        with pytest.raises(gr.Error, match="fetches nothing"):
            finish(async_move_files_to_cache(file, block))


CLOSED = [
    "gradio_api/token",
    "gradio_api/user",
    "gradio_api/login_check",
    "gradio_api/dev/reload",
    "gradio_api/runs",
    "gradio_api/openapi.json",
    "gradio_api/custom_component/a/client/b/c",
    "gradio_api/heartbeat/abc",
    "gradio_api/queue/status",
    "gradio_api/upload_progress?upload_id=x",
    "gradio_api/vibe-code",
    "gradio_api/deep_link",
    "openapi.json",
    "monitoring",
    "monitoring/summary",
    "monitoring/x",
    "pwa_icon",
    "pwa_icon/99999",
    "manifest.json",
    "docs",
    "redoc",
]


class TestRoutes:
    @pytest.mark.parametrize("route", CLOSED)
    def test_what_this_app_does_not_need_is_not_there(self, http, route):
        for method in ("GET", "POST", "PUT", "DELETE"):
            response = http.request(method, route)
            assert response.status_code == 404, method
            assert response.json() == {"error": "there is nothing at this address"}

    @pytest.mark.parametrize(
        "route", ["gradio_api/process_recording", "gradio_api/vibe-edit", "gradio_api/call/v2/run"]
    )
    def test_nor_to_be_posted_to(self, http, route):
        assert http.post(f"gradio_api/{route}", json={"data": []}).status_code == 404

    def test_no_answer_names_a_folder_of_the_server(self, http, demo):
        upload = http.post("gradio_api/upload", files={"files": b"x"})
        file = {"path": upload.json()[0], "meta": {"_type": "gradio.FileData"}}
        run = http.post("gradio_api/run/predict", json={"data": [file, "cnn"]})
        answers = [upload, run, *(http.get(route) for route in ("", "config", "gradio_api/info?all_endpoints=true"))]
        for answer in answers:
            assert not any(
                folder in answer.text for folder in ("/tmp/", "/root", "/home/", "site-packages", sys.prefix)
            )


class TestOtherSites:
    """Seen from a page of another site."""

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "192.0.2.7", "[2001:db8::7]"])
    @pytest.mark.parametrize(
        "origin",
        ["http://evil.example", "null", "http://127.0.0.1.evil.example", "http://192.0.2.8", "", "http://[", "x"],
    )
    def test_nothing_is_answered(self, http, demo, host, origin):
        headers = {"Host": f"{host}:{demo.server_port}", "Origin": origin}
        responses = [http.get(route, headers=headers) for route in ("runs", "config", "")]
        responses += [http.post(route, headers=headers, json={}) for route in ("live", "read", "gradio_api/run/sample")]
        preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        responses.append(http.options("live", headers={**headers, **preflight}))
        for response in responses:
            assert response.status_code == 403
            assert not any(name.startswith("access-control") for name in response.headers)

    def test_another_port_of_this_machine_is_another_site(self, http):
        assert http.post("live", headers={"Origin": "http://127.0.0.1:1"}, json={}).status_code == 403

    def test_the_page_itself_is(self, http, demo):
        for host in ("127.0.0.1", "192.0.2.7"):
            netloc = f"{host}:{demo.server_port}"
            response = http.post("live", headers={"Host": netloc, "Origin": f"http://{netloc}"}, json={})
            assert response.status_code == 200
            assert "access-control-allow-origin" not in response.headers

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_what_it_loads_without_an_origin_is_refused_but_links_work(self, http, site):
        fetch = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
        assert http.get("runs", headers=fetch).status_code == 403
        assert http.post("live", headers=fetch, json={}).status_code == 403
        link = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        assert http.get("", headers=link).status_code == 200
        assert http.get("logout", headers=link).status_code == 403
        assert http.post("live", headers=link, json={}).status_code == 403

    @pytest.mark.parametrize(
        "host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "localhost.evil.example"]
    )
    def test_a_name_that_was_bound_to_this_machine_is_refused(self, http, host):
        for route in ("", "runs", "config", "gradio_api/info"):
            response = http.get(route, headers={"Host": host})
            assert response.status_code == 421
            assert f"--allow-host {host.partition(':')[0]}" in response.json()["error"]

    def test_a_share_link_is_a_name_only_while_there_is_one(self, http, demo, monkeypatch):
        assert http.get("runs", headers={"Host": "abc.gradio.live"}).status_code == 421
        monkeypatch.setattr(demo, "share", True)
        assert http.get("runs", headers={"Host": "abc.gradio.live"}).status_code == 200

    def test_no_type_is_guessed_and_the_page_loads_from_here_only(self, http):
        assert http.get("runs").headers["x-content-type-options"] == "nosniff"
        policy = http.get("").headers["content-security-policy"]
        assert "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:" in policy
        assert "frame-ancestors 'self' https://huggingface.co" in policy


class TestEvents:
    @pytest.mark.parametrize(
        ("content", "status"),
        [
            (b"", 422),
            (b"[]", 422),
            (b'"' + b"x" * 100, 422),
            (b'{"data": ["\\ud800", 1]}', 422),
            (b'{"data": [' + b"[" * 900 + b"]" * 900 + b", 1]}", 422),
            (b'{"data": [' + b"[" * 90_000 + b"]" * 90_000 + b", 1]}", 422),
            (b'{"data": [[' + b"1," * 20_000 + b"1], 1]}", 422),
            (b'{"data": ["train"]}', 422),
            (b'{"data": {}}', 422),
            (b"{}", 422),
            (b'{"data": ["train", 1], "fn_index": 9999}', 404),
            (b'{"data": ["train", 1], "session_hash": [1]}', 422),
            ('{"data": ["train", 1]}'.encode("utf-16"), 422),
        ],
    )
    def test_what_is_none_is_refused(self, http, content, status):
        response = http.post("gradio_api/run/sample", content=content, headers=JSON)
        assert response.status_code == status
        assert len(response.text) < 500

    def test_an_unknown_one_is_not_found(self, http):
        for route in ("run", "api", "call"):
            response = http.post(f"gradio_api/{route}/nope", json={"data": []})
            assert response.status_code == 404
            assert response.json() == {"error": "there is no event 'nope'"}

    def test_forms_of_other_sites_are_none(self, http):
        body = json.dumps({"data": ["train", 1]})
        response = http.post("gradio_api/run/sample", content=body, headers={"content-type": "text/plain"})
        assert response.status_code == 415

    @pytest.mark.parametrize("data", [["/etc/passwd", None], [[], {}], [{"a": 1}, []], [1, 2]])
    def test_values_that_do_not_fit_are_told_without_a_traceback(self, http, capfd, data):
        response = http.post("gradio_api/run/predict", json={"data": data})
        assert response.json()["error"]
        assert "Traceback" not in capfd.readouterr().err

    @pytest.mark.parametrize("run", [[], {}, [["x"]], 7])
    def test_what_is_no_id_of_a_run_is_told_without_a_traceback(self, http, capfd, run):
        for route, data in (("run", [run]), ("stop_training", [run, None, None])):
            assert http.post(f"gradio_api/run/{route}", json={"data": data}).json()["error"]
        assert "Traceback" not in capfd.readouterr().err

    def test_a_client_that_leaves_in_mid_request_leaves_no_traceback(self, http, demo, capfd):
        routes = ["read", "live", "limits", "runs/x", "login", "gradio_api/upload", "gradio_api/queue/join"]
        routes += ["gradio_api/run/sample", "gradio_api/call/sample"]
        form = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nabc'

        def leave(request, kind, body):
            with socket.create_connection(("127.0.0.1", demo.server_port)) as client:
                head = f"{request} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: 9999\r\n\r\n"
                client.sendall(head.encode() + body)

        for route in routes:
            leave(f"POST /{route}", "application/json", b'{"a": ')
            leave(f"POST /{route}", "multipart/form-data; boundary=b", form)
        for session in ("abc", "nope"):
            leave(f"GET /gradio_api/queue/data?session_hash={session}", "text/plain", b"")
        http.get("gradio_api/queue/data?session_hash=nope")
        assert http.get("runs").status_code == 200
        assert "Traceback" not in capfd.readouterr().err
