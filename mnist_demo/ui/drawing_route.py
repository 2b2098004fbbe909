"""The plain route that reads what is on the pad.

    POST read?model=NAME[&moving=1]    a picture file as the body -> what the network says, as ui/reading shows it

A Gradio event would do, and cost three times as much: with fifty visitors drawing, that decides.
"""

from io import BytesIO

from starlette.requests import Request
from starlette.routing import Route

from mnist_demo.errors import MnistDemoError
from mnist_demo.inference import NumberReading, Prediction
from mnist_demo.pictures import open_picture
from mnist_demo.ui.access import guarded, read_body
from mnist_demo.ui.draw_pad import MAX_PIXELS
from mnist_demo.ui.networks import Networks
from mnist_demo.ui.reading import describe_reading


def read_drawing(
    content: bytes, model: str | None, networks: Networks, is_moving: bool = False
) -> Prediction | NumberReading:
    """Return what the network `model` reads on the pad, a digit or a number.

    Args:
        content: a picture file.
        model: as for `Networks.predictor`.
        networks: which there are.
        is_moving: more is about to be drawn; what has begun is not taken apart yet.

    Raises:
        ImageError: it is no picture, or too large.
        MnistDemoError: there is no such network.
    """
    return networks.predictor(model).read(open_picture(BytesIO(content), MAX_PIXELS), cuts=not is_moving)


def build_drawing_route(networks: Networks) -> Route:
    """Return the route for the networks that a visitor can choose."""

    # async: on the event loop, because handing some milliseconds of work to a thread takes as long as the work.
    async def read(request: Request) -> object:
        content = await read_body(request)
        query = request.query_params
        try:
            reading = read_drawing(content, query.get("model") or None, networks, query.get("moving") == "1")
            return describe_reading(reading)
        except MnistDemoError as error:
            return describe_reading(str(error))

    return Route("/read", guarded(read), methods=["POST"])
