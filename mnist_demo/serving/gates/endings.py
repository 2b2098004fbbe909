"""How answers end that cannot be finished."""

import logging

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)


class CleanEndings:
    """ASGI middleware that takes it for no error of the server when a client leaves, or asks for a stream that is over.

    Gradio's event stream tells its client that there is no such session, and raises that as well.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request."""
        has_left = has_begun = False

        async def listen() -> Message:
            nonlocal has_left
            message = await receive()
            has_left |= message["type"] == "http.disconnect"
            return message

        async def answer(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            await self._app(scope, listen, answer)
        except Exception as error:  # whatever it is: nobody is there to be told, and uvicorn would log a traceback
            if has_left:
                logger.info("%s: the client has left: %r", scope["path"], error)
            elif has_begun and isinstance(error.__cause__, HTTPException):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                raise
