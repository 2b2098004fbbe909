"""What handlers of all tabs share: errors that reach the visitor with their own text."""

import contextlib
import functools
import inspect
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar, cast

import gradio as gr

from mnist_demo.errors import MnistDemoError
from mnist_demo.runs.rights import Visitor

# For listeners that answer in milliseconds: no queue, no spinner, and not a part of the published API.
QUICK: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}

P = ParamSpec("P")
R = TypeVar("R")


def tells_errors(handler: Callable[P, R]) -> Callable[P, R]:
    """Turn this package's errors into Gradio's, whose text the page and the clients show; for `async` handlers too."""

    @functools.wraps(handler)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with _telling():
            return handler(*args, **kwargs)

    @functools.wraps(handler)
    async def async_wrapper(*args: P.args, **kwargs: P.kwargs) -> Any:
        with _telling():
            return await cast(Awaitable[Any], handler(*args, **kwargs))

    return cast(Callable[P, R], async_wrapper) if inspect.iscoroutinefunction(handler) else wrapper


@contextlib.contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except MnistDemoError as error:
        raise gr.Error(str(error), print_exception=False) from error


def come_from(request: gr.Request | None, visitor: Visitor) -> Visitor:
    """Return a visitor with the address that its request came from; a handler that is called by itself has none."""
    client = request.client if request is not None else None
    return replace(visitor, address=client.host if client else None)
