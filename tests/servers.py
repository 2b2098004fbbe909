"""Servers around the demo: one in a thread for any ASGI app, and a reverse proxy that strips a path."""

import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Mount
from waiting import wait_for

PER_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade"}  # headers that no proxy passes on


@contextlib.contextmanager
def serving(app, **options) -> Iterator[str]:
    """Serve an ASGI app in a thread, with uvicorn's `options`, and give its address: "http://127.0.0.1:PORT"."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1, **options))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            wait_for(lambda: server.started)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def build_proxy(target: str, path: str) -> Starlette:
    """Return an app that hands what is asked under `path` on to `target`, without that path, as in docs/serving.md."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, object]]:
        async with httpx.AsyncClient(base_url=target, timeout=None) as client:
            yield {"client": client}

    async def forward(scope, receive, send):
        request = Request(scope, receive)
        headers = {name: value for name, value in request.headers.items() if name not in PER_CONNECTION}
        headers["X-Forwarded-Proto"] = "http"
        client = request.state.client
        address = httpx.URL(path=scope["path"].removeprefix(path), query=scope["query_string"])
        content = None if request.method in ("GET", "HEAD") else request.stream()
        outgoing = client.build_request(request.method, address, headers=headers, content=content)
        answer = await client.send(outgoing, stream=True)
        kept = [(name, value) for name, value in answer.headers.raw if name.decode().lower() not in PER_CONNECTION]
        response = StreamingResponse(answer.aiter_raw(), answer.status_code)
        response.raw_headers = kept
        try:
            await response(scope, receive, send)
        finally:
            await answer.aclose()

    return Starlette(routes=[Mount(path, forward)], lifespan=lifespan)
