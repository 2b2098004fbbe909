"""Plain routes to what a run was after its epochs, for the page's time machine.

GET  runs/{run}/epochs            {"epochs": those after which its weights are kept}
POST runs/{run}/epochs/{epoch}    {"pixels": base64 of a drawing as networks see it, or ""}: what the network of that
                                  epoch says of the watched digits and of the drawing, each as [digit, confidence]

Its analysis is among the results, and it can be looked into as the network "run:ID@EPOCH".
"""

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.routing import Route

from mnist_demo.runs.book import RunBook
from mnist_demo.serving.encoding import decode_pixels
from mnist_demo.serving.live_readings import LiveNetworks
from mnist_demo.serving.routes.access import guarded, read_count
from mnist_demo.serving.routes.bodies import Pixels, read_json


class Drawing(BaseModel):
    """What else is to be read."""

    pixels: Pixels = ""


def build_epoch_routes(book: RunBook, networks: LiveNetworks) -> list[Route]:
    """Return the routes for the epochs of runs."""

    def epochs(request: Request) -> object:
        return {"epochs": book.store.epochs(book.run(request.path_params["run"]).id).kept()}

    async def read(request: Request) -> object:
        body = await read_json(request, Drawing)
        run, epoch = book.run(request.path_params["run"]), read_count(request.path_params, "epoch")
        drawing = decode_pixels(body.pixels) if body.pixels else None
        return await run_in_threadpool(networks.read_epoch, run, epoch, drawing)

    return [
        Route("/runs/{run}/epochs", guarded(epochs)),
        Route("/runs/{run}/epochs/{epoch}", guarded(read), methods=["POST"]),
    ]
