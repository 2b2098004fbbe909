"""How many requests are under way, and which of them are refused by whom."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mnist_demo.serving.metrics import Metrics

REACHED = "mnist_demo.reached"
ROUTES = "routes"  # what is behind all gates


class CountedRequests:
    """ASGI middleware that counts requests, and those that are answered with a status from 400.

    Args:
        app: what is behind, in which `Milestone` tells who answers.
        metrics: where they are counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def count_and_send(message: Message) -> None:
            nonlocal has_begun
            if not has_begun and message["type"] == "http.response.start":
                has_begun = True
                if message["status"] >= 400:
                    self._metrics.count_refusal(message["status"], scope[REACHED])
            await send(message)

        self._metrics.in_flight += 1
        try:
            await self._app(scope, receive, count_and_send)
        except Exception:  # for which the server answers 500
            if not has_begun:
                self._metrics.count_refusal(500, scope[REACHED])
            raise
        finally:
            self._metrics.in_flight -= 1


class Milestone:
    """ASGI middleware that notes how far a request has come: what it has reached last answers it.

    Args:
        app: what is behind.
        name: of that.
    """

    def __init__(self, app: ASGIApp, name: str) -> None:
        self._app = app
        self._name = name

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve the request."""
        scope[REACHED] = self._name
        return self._app(scope, receive, send)
