"""The gates by themselves, before a small app."""

import re

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from mnist_demo.serving.gates import build_gates
from mnist_demo.serving.gates.connections import MAX_CONNECTIONS, choose_limits
from mnist_demo.serving.gates.counting import CountedRequests, Milestone
from mnist_demo.serving.gates.known_routes import is_open
from mnist_demo.serving.gates.requests import path_of, source_of, split_host, split_origin
from mnist_demo.serving.metrics import Metrics
from mnist_demo.ui.gradio_fixes import SPACE_PROXIES


def build_app(**options):
    async def answer(request):
        return PlainTextResponse("ok")

    defaults = {"names": (), "own_routes": ["runs"], "find_upload": lambda _: None, "is_shared": lambda: False}
    gates = build_gates(**{**defaults, "is_space": False, "metrics": Metrics(), **options})
    return Starlette(
        routes=[Route("/runs", answer, methods=["GET", "POST"]), Route("/secret", answer)], middleware=gates
    )


@pytest.fixture
def http():
    return TestClient(build_app(names=["demo.example"]), base_url="http://demo.example")


def test_a_name_that_was_allowed_is_served_and_no_other(http):
    assert http.get("/runs").text == "ok"
    assert http.get("/runs", headers={"Host": "DEMO.example.:8000"}).text == "ok"
    assert http.get("/runs", headers={"Host": "other.example"}).status_code == 421


def test_a_proxy_may_ask_by_another_name(http):
    headers = {"Host": "127.0.0.1:7860", "X-Forwarded-Host": "demo.example", "Origin": "https://demo.example"}
    assert http.post("/runs", headers=headers).text == "ok"
    assert http.post("/runs", headers={**headers, "Origin": "https://other.example"}).status_code == 403


def test_a_proxy_on_another_port_may_leave_it_out(http):
    assert http.post("/runs", headers={"Host": "demo.example", "Origin": "https://demo.example:8443"}).text == "ok"


def test_they_work_in_a_mounted_app_too():
    http = TestClient(Starlette(routes=[Mount("/digits", build_app())]), base_url="http://localhost")
    assert http.get("/digits/runs").text == "ok"
    assert http.get("/digits/secret").status_code == 404
    assert http.post("/digits/runs", headers={"Origin": "http://other.example"}).status_code == 403
    assert http.post("/digits/gradio_api/queue/join", json={"session_hash": ""}).status_code == 422


def test_they_work_under_a_path_behind_a_proxy():
    http = TestClient(build_app(), base_url="http://localhost", root_path="/digits")
    assert http.get("/runs").text == "ok"
    assert http.get("/secret").status_code == 404


@pytest.mark.parametrize(
    ("path", "root_path", "seen"),
    [
        ("/runs", "", "/runs"),
        ("/digits/runs", "/digits", "/runs"),
        ("/runs", "/digits", "/runs"),
        ("/digits", "/digits", "/"),
        ("/digitsruns", "/digits", "/digitsruns"),
        ("*", "", "*"),
    ],
)
def test_paths_are_those_of_the_routes(path, root_path, seen):
    assert path_of({"path": path, "root_path": root_path}) == seen


@pytest.mark.parametrize(
    ("netloc", "host"),
    [
        ("a:1", ("a", "1")),
        ("A.", ("a", "")),
        ("[::1]", ("::1", "")),
        ("[::1]:7860", ("::1", "7860")),
        ("", ("", "")),
        (":80", ("", "80")),
    ],
)
def test_hosts_are_split(netloc, host):
    assert split_host(netloc) == host


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://a", ("a", "80")),
        ("https://A:1", ("a", "1")),
        ("https://a", ("a", "443")),
        ("http://[::1]:7", ("::1", "7")),
        ("http://[", ("", "")),
        ("http://a:x", ("", "")),
    ],
)
def test_origins_are_split(origin, host):
    assert split_origin(origin) == host


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("testclient", "testclient"),
    ],
)
def test_addresses_are_counted_by_who_has_them(address, source):
    assert source_of({"client": (address, 1)}) == source
    assert source_of({"client": None}) == ""


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "source"),
    [
        ("127.0.0.1,::1", "192.0.2.9", "1.2.3.4", "192.0.2.9"),  # somebody in the room makes it up
        ("127.0.0.1,::1", "127.0.0.1", "1.2.3.4, 192.0.2.9", "192.0.2.9"),  # a proxy on this machine adds what it sees
        (SPACE_PROXIES, "10.1.2.3", "1.2.3.4, 192.0.2.9", "192.0.2.9"),
        (SPACE_PROXIES, "10.1.2.3", "1.2.3.4, 192.0.2.9, 10.9.9.9", "192.0.2.9"),
    ],
)
def test_nobody_chooses_an_address(trusted, peer, forwarded, source):
    seen = []

    async def note(scope, receive, send):
        seen.append(source_of(scope))
        await PlainTextResponse("ok")(scope, receive, send)

    http = TestClient(ProxyHeadersMiddleware(note, trusted), client=(peer, 1))
    assert http.get("/", headers={"X-Forwarded-For": forwarded}).status_code == httpx.codes.OK
    assert seen == [source]


OPEN = """
    / /assets/{path} /config /favicon.ico /gradio_api/api/{api_name} /gradio_api/app_id /gradio_api/call/{api_name}
    /gradio_api/call/{api_name}/{event_id} /gradio_api/info /gradio_api/queue/data
    /gradio_api/queue/join /gradio_api/run/{api_name} /gradio_api/startup-events
    /gradio_api/theme.css /gradio_api/upload /login /logout /robots.txt /static/{path} /svelte/{path} /theme.css
"""
CLOSED = """
    /gradio_api/call/v2/{api_name} /gradio_api/call/v2/{api_name}/{event_id} /gradio_api/cancel
    /gradio_api/component_server
    /gradio_api/custom_component/{id}/{environment}/{type}/{file_name} /gradio_api/deep_link /gradio_api/dev/reload
    /gradio_api/file/{path} /gradio_api/file={path_or_url} /gradio_api/heartbeat/{session_hash}
    /gradio_api/login_check /gradio_api/openapi.json /gradio_api/process_recording /gradio_api/proxy={url_path}
    /gradio_api/queue/status /gradio_api/reset /gradio_api/runs
    /gradio_api/stream/{event_id} /gradio_api/stream/{event_id}/close
    /gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file
    /gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8
    /gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext} /gradio_api/token
    /gradio_api/undo-vibe-edit /gradio_api/upload_progress /gradio_api/user /gradio_api/vibe-code
    /gradio_api/vibe-edit /gradio_api/vibe-starter-queries /manifest.json /monitoring /monitoring/summary
    /monitoring/{key} /openapi.json /pwa_icon /pwa_icon/{size}
"""


def test_every_route_of_gradio_is_open_or_closed_on_purpose(demo):
    """What a new version of Gradio adds is closed until somebody has looked at it, and listed it here."""
    routers = [getattr(route, "original_router", None) for route in demo.app.routes]
    routes = [*demo.app.routes, *(route for router in routers if router for route in router.routes)]
    paths = {route.path.replace(":path", "") for route in routes if hasattr(route, "path")}
    of_gradio = {path.rstrip("/") or "/" for path in paths - {route.path for route in demo.routes}}
    assert of_gradio == {*OPEN.split(), *CLOSED.split()}
    assert {path for path in of_gradio if is_open(re.sub(r"{\w+}", "x", path))} == set(OPEN.split())


def test_a_request_that_breaks_the_app_counts_as_500():
    async def fail(scope, receive, send):
        raise OSError("a server error")

    metrics = Metrics()
    http = TestClient(CountedRequests(Milestone(fail, "routes"), metrics), raise_server_exceptions=False)
    assert http.get("/").status_code == 500
    assert b'mnist_demo_refusals_total{gate="routes",status="500"} 1.0' in metrics.to_text()
    assert metrics.in_flight == 0


def test_connections_leave_descriptors_over():
    most, burst = choose_limits()
    assert 8 <= most <= MAX_CONNECTIONS
    assert 8 <= burst <= 128
