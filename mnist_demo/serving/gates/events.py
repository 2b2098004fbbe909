"""What reaches Gradio of the events that visitors send: what was checked, and nothing else.

Gradio takes any JSON. It fetches what a file's path names, ends its queue on an empty session, and answers 500 with a
traceback to what does not fit. So bodies are read here, and written anew from what is known.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mnist_demo.errors import MnistDemoError, NotFoundError, SettingsError
from mnist_demo.serving.gates.requests import path_of, replay
from mnist_demo.serving.routes.access import explain, read_body, to_json

EVENT = re.compile(r"/gradio_api/(?:run|api|call)/([^/]+)/?|/gradio_api/queue/join")
FIELDS = ("data", "session_hash", "event_id", "fn_index", "trigger_id", "event_data")
IDS = ("session_hash", "event_id")
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # as pages and gradio_client make them up
MAX_DEPTH = 20  # lists in lists; events here need 3
MAX_VALUES = 10_000  # lists, numbers, texts ...: parsed, each takes some 100 bytes for a few that are sent

FindUpload = Callable[[str], Path | None]


class CheckedEvents:
    """ASGI middleware that answers events that are none with 4xx.

    Args:
        app: what is behind: Gradio's app.
        find_upload: where an upload of a name lies, None if there is none.
    """

    def __init__(self, app: ASGIApp, find_upload: FindUpload) -> None:
        self._app = app
        self._find_upload = find_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request with a body that was checked, or refuse it."""
        is_post = scope["type"] == "http" and scope["method"] == "POST"
        event = EVENT.fullmatch(path_of(scope)) if is_post else None
        if event is None:
            await self._app(scope, receive, send)
            return
        try:
            if Headers(scope=scope).get("content-type", "").partition(";")[0] != "application/json":
                raise HTTPException(415, "expected a body of the type application/json")
            values = check_event(await read_body(Request(scope, receive)), self._find_upload)
            require_function(scope["app"].get_blocks().fns, event[1], values)
        except (MnistDemoError, HTTPException, ClientDisconnect) as error:
            await refuse(error)(scope, receive, send)
            return
        await self._app(scope, replay(orjson.dumps(values), receive), send)


def refuse(error: Exception) -> Response:
    """Return the answer to an event that is none, in which gradio_client finds the reason, too."""
    response = explain(error)
    if response.status_code != 422:
        return response
    detail = {"__type__": "validate", "is_valid": False, "parameter_name": "the request", "message": str(error)}
    return to_json({"error": str(error), "detail": [detail]}, 422)


def check_event(body: bytes, find_upload: FindUpload) -> dict[str, Any]:
    """Return what Gradio may see of an event.

    Raises:
        SettingsError: it is not JSON, or not of an event, or names a file that is no upload.
    """
    try:
        values = orjson.loads(body)
    except ValueError as error:  # lone surrogates, too
        raise SettingsError(f"the event: expected JSON: {error}") from error
    if not isinstance(values, dict):
        raise SettingsError(f"the event: expected a JSON object, found {values!r:.50}")
    values = {name: values[name] for name in FIELDS if values.get(name) is not None}
    for name in IDS:
        if name in values and not (isinstance(values[name], str) and ID.fullmatch(values[name])):
            raise SettingsError(f"{name}: expected up to 64 letters, digits, - and _, found {values[name]!r:.80}")
    checked: dict[str, Any] = _Checker(find_upload).check(values, 0)
    return checked


def require_function(functions: dict[int, Any], name: str | None, event: dict[str, Any]) -> None:
    """Return if there is a function for an event, by its index or else by its name, and it gets what it takes.

    Raises:
        NotFoundError: there is no such function.
        SettingsError: it takes another number of values.
    """
    index = event.get("fn_index")
    if index is None:
        index = next((index for index, function in functions.items() if function.api_name == name), None)
    if not isinstance(index, int) or index not in functions or functions[index].fn is None:
        raise NotFoundError(f"there is no event {(name or event.get('fn_index'))!r:.80}")
    inputs, data = functions[index].inputs, event.get("data")
    counts = {len(inputs), sum(not block.skip_api for block in inputs)}
    if not isinstance(data, list) or len(data) not in counts:
        raise SettingsError(f"data: expected a list of {len(inputs)} values, found {data!r:.80}")


class _Checker:
    """Copies an event, with uploads as the files that they are."""

    def __init__(self, find_upload: FindUpload) -> None:
        self._find_upload = find_upload
        self._count = 0

    def check(self, value: Any, depth: int) -> Any:
        self._count += 1
        if self._count > MAX_VALUES or depth > MAX_DEPTH:
            raise SettingsError(f"the event: expected at most {MAX_VALUES:,} values, {MAX_DEPTH} deep")
        if isinstance(value, list):
            return [self.check(entry, depth + 1) for entry in value]
        if not isinstance(value, dict):
            return value
        if "path" in value:
            return self._check_file(value["path"])
        return {name: self.check(entry, depth + 1) for name, entry in value.items()}

    def _check_file(self, path: object) -> dict[str, Any]:
        # Gradio takes any object with a path for a file.
        file = self._find_upload(path) if isinstance(path, str) else None
        if file is None:
            raise SettingsError(f"path: expected a file that was uploaded to this server, found {path!r:.80}")
        return {"path": str(file), "meta": {"_type": "gradio.FileData"}}
