"""The plain routes of the Browse tab.

    GET  samples/{split}/sprite?from=N&count=M    a PNG of samples side by side, 16 in a row, 28x28 px each
    GET  samples/{split}/sprite?at=N,N,...        the same of any samples; at most 256
    GET  samples/{split}/overview                 what its classes look like, and histograms of ink and slant
    POST samples/{split}/search                   which samples a filter lets through, see Search
    GET  samples/{split}/{index}?network=NAME     one sample: its label, and what networks say of it: those that are
                                                  shipped, those of the newest five runs, and the named one
    GET  samples/{split}/{index}/file             where it lies in its files, byte by byte
    POST samples/neighbours                       the most similar training samples, see Like;
                                                  {"progress"} while a network still reads them

Pictures are kept by browsers if their address names the version of the data, `v=...`.
"""

from typing import Any

from pydantic import BaseModel, StrictBool, StrictInt
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mnist_demo.errors import SettingsError
from mnist_demo.insight.verdicts import Filter
from mnist_demo.serving.encoding import decode_pixels
from mnist_demo.serving.routes.access import KEPT, guarded, read_count
from mnist_demo.serving.routes.bodies import Count, Pixels, Text, read_json
from mnist_demo.serving.sample_map import MapOfSamples
from mnist_demo.serving.samples import MAX_PICTURES, Part, Samples


class Area(BaseModel):
    """A part of the map of samples: the name of a layout, and the corners of a polygon in it, x and y in [0, 1]."""

    layout: Text
    outline: list[tuple[float, float]]


class Search(BaseModel):
    """Which samples of a split are wanted; for the fields of the filter see `insight.verdicts.Filter`."""

    network: Text = ""
    other: Text = ""
    label: StrictInt | None = None
    guess: StrictInt | None = None
    mistakes: StrictBool = False
    rejects: StrictBool = False
    doubtful: StrictBool = False
    confidence: tuple[float, float] | None = None
    index: tuple[int, int] | None = None
    ink: tuple[float, float] | None = None
    slant: tuple[float, float] | None = None
    area: Area | None = None
    order: Text = "index"
    descending: StrictBool = False
    start: Count = 0
    count: Count = 200
    near: StrictInt | None = None

    def filter(self, among: tuple[int, ...] | None) -> Filter:
        """Return the filter; `among` are the indices that lie in the area.

        Raises:
            SettingsError: one of its fields is out of range.
        """
        others = {"network", "other", "area", "start", "count", "near"}
        return Filter(**self.model_dump(exclude=others), among=among)


class Like(BaseModel):
    """To what samples are to be similar: a sample, or a picture as base64 of 28x28 bytes.

    With a network they are similar in its last hidden layer, without one in their pixels.
    """

    split: Text = ""
    index: Count = 0
    pixels: Pixels = ""
    count: Count = 12
    network: Text = ""


def build_sample_routes(samples: Samples, sample_map: MapOfSamples) -> list[Route]:
    """Return the routes of the samples of both splits, which are on a map, too."""

    def sprite(request: Request) -> Response:
        query = request.query_params
        png = samples.sprite(request.path_params["split"], read_indices(query))
        return Response(png, headers={"Cache-Control": KEPT if "v" in query else "no-store"}, media_type="image/png")

    async def search(request: Request) -> object:
        body = await read_json(request, Search)
        split, network, other = request.path_params["split"], body.network or None, body.other or None
        part, area = Part(body.start, body.count, body.near), body.area
        among = None if area is None else await sample_map.list_inside(split, area.layout, area.outline)
        return await run_in_threadpool(samples.search, split, body.filter(among), network, other, part)

    def overview(request: Request) -> object:
        return samples.overview(request.path_params["split"])

    def describe(request: Request) -> object:
        network = request.query_params.get("network") or None
        return samples.describe(request.path_params["split"], read_count(request.path_params, "index"), network)

    def describe_files(request: Request) -> object:
        return samples.describe_files(request.path_params["split"], read_count(request.path_params, "index"))

    async def neighbours(request: Request) -> object:
        body = await read_json(request, Like)
        picture = decode_pixels(body.pixels) if body.pixels else samples.picture(body.split, body.index)
        return await run_in_threadpool(samples.neighbours, picture, body.count, body.network or None)

    return [
        Route("/samples/neighbours", guarded(neighbours), methods=["POST"]),
        Route("/samples/{split}/sprite", guarded(sprite)),
        Route("/samples/{split}/overview", guarded(overview)),
        Route("/samples/{split}/search", guarded(search), methods=["POST"]),
        Route("/samples/{split}/{index}", guarded(describe)),
        Route("/samples/{split}/{index}/file", guarded(describe_files)),
    ]


def read_indices(query: Any) -> list[int]:
    """Return the indices that a query names, one by one or as a range.

    Raises:
        SettingsError: they are no whole numbers, or too many.
    """
    if "at" not in query:
        start, count = read_count(query, "from"), read_count(query, "count")
        return list(range(start, start + min(count, MAX_PICTURES + 1)))
    places = query["at"].split(",")
    if len(places) > MAX_PICTURES or not all(
        place.isascii() and place.isdigit() and len(place) < 10 for place in places
    ):
        raise SettingsError(f"at: expected at most {MAX_PICTURES} whole numbers, found {query['at']!r:.50}")
    return [int(place) for place in places]
