"""The plain routes of the map of samples.

    GET  map          which samples are on it, and where they lie in each layout, as base64 of little-endian numbers
    POST map/place    {"pixels"}: where a picture belongs in each layout, [x, y] in [0, 1]

A browser keeps the map for an hour.
"""

from pydantic import BaseModel
from starlette.requests import Request
from starlette.routing import Route

from mnist_demo.serving.encoding import decode_pixels
from mnist_demo.serving.routes.access import guarded, to_json
from mnist_demo.serving.routes.bodies import Pixels, read_json
from mnist_demo.serving.sample_map import MapOfSamples


class Placed(BaseModel):
    """Which picture, as base64 of 28x28 bytes."""

    pixels: Pixels


def build_map_routes(sample_map: MapOfSamples) -> list[Route]:
    """Return the routes of the map."""

    async def show(_: Request) -> object:
        return to_json(await sample_map.describe(), headers={"Cache-Control": "private, max-age=3600"})

    async def place(request: Request) -> object:
        body = await read_json(request, Placed)
        return await sample_map.place(decode_pixels(body.pixels))

    return [Route("/map", guarded(show)), Route("/map/place", guarded(place), methods=["POST"])]
