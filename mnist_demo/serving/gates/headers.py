"""What browsers are told about every answer."""

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Hugging Face shows a Space in a frame of its own page.
FRAMES = "frame-ancestors 'self' https://huggingface.co https://*.huggingface.co"
# Gradio's page has inline scripts and evaluates templates; but whatever runs in it can reach this server only.
OWN_SOURCES = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; base-uri 'self'; form-action 'self'; "
    f"object-src 'none'; {FRAMES}"
)


class SafeHeaders:
    """ASGI middleware that keeps browsers from guessing content types and from loading from elsewhere.

    Args:
        app: what is behind.
        loads_elsewhere: whether the page has to load scripts from elsewhere, as that of a share link does.
    """

    def __init__(self, app: ASGIApp, loads_elsewhere: Callable[[], bool]) -> None:
        self._app = app
        self._loads_elsewhere = loads_elsewhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request and add to the head of the answer."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), (b"x-content-type-options", b"nosniff")]
                if any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers):
                    policy = FRAMES if self._loads_elsewhere() else OWN_SOURCES
                    headers.append((b"content-security-policy", policy.encode()))
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_safely if scope["type"] == "http" else send)
