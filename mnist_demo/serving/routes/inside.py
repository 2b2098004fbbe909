"""The plain routes that look inside a network, see serving/inside.py. Pictures are base64 of 28x28 bytes.

POST inside/saliency    {"network", "pixels", "digit", "against"}: which pixels speak for a digit
POST inside/maps        {"network", "pixels"}: what each layer makes of the picture
POST inside/pixel       {"network", "pixels", "path", "place"}: the arithmetic of one number of a convolution
POST inside/strongest   {"network", "path", "channel"}: the training samples on which a unit fires most, or {"progress"}
POST inside/damage      {"network", "pixels", "name", "strength"}: the picture damaged, and read
POST inside/corruption  {"network", "pixels", "name"}: the picture corrupted, and read
POST inside/fool        {"network", "pixels"}: the smallest change that turns the answer
POST inside/layers      {"network"}: its layers
POST inside/first-layer {"network"}: the weights of its first layer, as pictures
GET  inside/robustness  how accurate the bundled networks are on damaged test images, see serving/robustness.py

The last one is kept by browsers if its address names the version of the figures, `v=...`.
"""

from pydantic import BaseModel, StrictFloat, StrictInt
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mnist_demo.serving.encoding import decode_pixels
from mnist_demo.serving.inside import Inside
from mnist_demo.serving.robustness import RobustnessFigures
from mnist_demo.serving.routes.access import KEPT, guarded, to_json
from mnist_demo.serving.routes.bodies import Pixels, Text, read_json


class OfNetwork(BaseModel):
    """Into which network."""

    network: Text


class Looked(OfNetwork):
    """At which picture."""

    pixels: Pixels


class Salient(Looked):
    """For which digit, None for the guess, and against which, None for none."""

    digit: StrictInt | None = None
    against: StrictInt | None = None


class OnePixel(Looked):
    """At which channel, row and column of which layer."""

    path: Text
    place: tuple[StrictInt, StrictInt, StrictInt]


class OneUnit(OfNetwork):
    """Which channel of which layer; of a fully connected layer its unit."""

    path: Text
    channel: StrictInt


class Damaged(Looked):
    """By which damage, and how strongly."""

    name: Text
    strength: StrictFloat | StrictInt


class Corrupted(Looked):
    """By which corruption."""

    name: Text


def build_inside_routes(inside: Inside, figures: RobustnessFigures) -> list[Route]:
    """Return the routes that look inside networks."""

    async def saliency(request: Request) -> object:
        body = await read_json(request, Salient)
        return await inside.saliency(body.network, decode_pixels(body.pixels), body.digit, body.against)

    async def maps(request: Request) -> object:
        body = await read_json(request, Looked)
        return {"layers": await inside.maps(body.network, decode_pixels(body.pixels))}

    async def pixel(request: Request) -> object:
        body = await read_json(request, OnePixel)
        return await inside.pixel(body.network, decode_pixels(body.pixels), body.path, body.place)

    async def strongest(request: Request) -> object:
        body = await read_json(request, OneUnit)
        return await run_in_threadpool(inside.strongest, body.network, body.path, body.channel)

    async def damage(request: Request) -> object:
        body = await read_json(request, Damaged)
        return await inside.damage(body.network, decode_pixels(body.pixels), body.name, body.strength)

    async def corruption(request: Request) -> object:
        body = await read_json(request, Corrupted)
        return await inside.corrupt(body.network, decode_pixels(body.pixels), body.name)

    async def fool(request: Request) -> object:
        body = await read_json(request, Looked)
        return await inside.fool(body.network, decode_pixels(body.pixels))

    async def layers(request: Request) -> object:
        body = await read_json(request, OfNetwork)
        return {"layers": await inside.describe(body.network)}

    async def first_layer(request: Request) -> object:
        body = await read_json(request, OfNetwork)
        return await inside.first_layer(body.network)

    async def robustness(request: Request) -> Response:
        is_kept = request.query_params.get("v") == figures.version
        return to_json(figures.answer, headers={"Cache-Control": KEPT if is_kept else "no-store"})

    handlers = {
        "saliency": saliency,
        "maps": maps,
        "pixel": pixel,
        "strongest": strongest,
        "damage": damage,
        "corruption": corruption,
        "fool": fool,
        "layers": layers,
        "first-layer": first_layer,
    }
    asked = [Route(f"/inside/{name}", guarded(handler), methods=["POST"]) for name, handler in handlers.items()]
    return [*asked, Route("/inside/robustness", guarded(robustness))]
