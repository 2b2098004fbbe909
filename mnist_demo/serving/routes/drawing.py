"""The plain route that reads what is on the pad.

    POST read[?model=NAME][&moving=1]    a picture file as the body -> what the network says, see describe_reading

The file may be a photo as a phone makes it. Without a name the best network reads it.

A Gradio event would do, and cost three times as much: with fifty visitors drawing, that decides.
"""

from starlette.requests import Request
from starlette.routing import Route

from mnist_demo.serving.encoding import describe_reading
from mnist_demo.serving.readings import Readings
from mnist_demo.serving.routes.access import MAX_PICTURE, guarded, read_body


def build_drawing_route(readings: Readings) -> Route:
    """Return the route for the networks that a visitor can choose."""

    async def read(request: Request) -> object:
        content = await read_body(request, MAX_PICTURE)
        query = request.query_params
        reading = await readings.read(content, query.get("model") or None, query.get("moving") == "1")
        return describe_reading(reading)

    return Route("/read", guarded(read), methods=["POST"])
