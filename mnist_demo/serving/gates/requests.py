"""What the gates ask of a request before anybody reads its body."""

from urllib.parse import urlsplit

from starlette.types import Message, Receive, Scope

from mnist_demo.throttle import network_of


def path_of(scope: Scope) -> str:
    """Return the path of a request as the routes of the app see it, without the prefix of a mount or a proxy."""
    path, prefix = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(prefix) or "/" if path.startswith(f"{prefix}/") or path == prefix else path


def header_of(scope: Scope, name: bytes) -> str | None:
    """Return a header of a request, None if it has none of that name."""
    for key, value in scope["headers"]:  # a loop, because every request comes by some ten times
        if key == name:
            return str(value, "latin-1")
    return None


def split_host(netloc: str) -> tuple[str, str]:
    """Return the name, in lower case, and the port of "name:port", "" for no port."""
    netloc = netloc.strip()
    name, colon, port = netloc.rpartition(":")
    if not colon or port.endswith("]"):  # [::1] has colons, and no port
        name, port = netloc, ""
    return name.strip("[]").rstrip(".").lower(), port


def split_origin(origin: str) -> tuple[str, str]:
    """Return the name and the port of an Origin header, "" and "" for "null" and what is no origin."""
    try:
        parts = urlsplit(origin)
        port = parts.port or {"https": 443}.get(parts.scheme, 80)
    except ValueError:
        return "", ""
    return (parts.hostname or "").rstrip("."), str(port)


def source_of(scope: Scope) -> str:
    """Return whom to count a request for."""
    return network_of(scope["client"][0] if scope.get("client") else "")


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that hands over a body that was read already, and then goes on with `receive`."""
    message: Message | None = {"type": "http.request", "body": body, "more_body": False}

    async def again() -> Message:
        nonlocal message
        if message is None:
            return await receive()
        first, message = message, None
        return first

    return again
