"""The plain routes that read what is on the pad.

    POST read[?model=NAME][&moving=1]    -> what the network says, see describe_reading
    POST steps                           -> {"steps": [{"title", "picture": a data URL}]}, how it gets to see that

Both take a drawing as JSON (see DrawingBody), a picture file as it is, or a form with a drawing over a picture: a field
"drawing" and a file "picture". Without a name the best network reads it. Boxes of digits are in px of the picture, or
in thousandths of the pad's side.

A Gradio event would do, and cost three times as much: with fifty visitors drawing, that decides.
"""

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from mnist_demo.serving.encoding import describe_reading, encode_png
from mnist_demo.serving.readings import OnPad, Readings
from mnist_demo.serving.routes.access import MAX_PICTURE, guarded, read_body
from mnist_demo.serving.routes.bodies import read_drawing

MAX_DRAWING = 150_000  # bytes of JSON: the most points that there may be


def build_drawing_routes(readings: Readings) -> list[Route]:
    """Return the routes for the networks that a visitor can choose."""

    async def read(request: Request) -> object:
        query = request.query_params
        pad = await read_pad(request)
        return describe_reading(await readings.read(pad, query.get("model") or None, query.get("moving") == "1"))

    async def list_steps(request: Request) -> object:
        steps = await readings.list_steps(await read_pad(request))
        return {"steps": [{"title": step.title, "picture": encode_png(step.picture)} for step in steps]}

    return [
        Route("/read", guarded(read), methods=["POST"]),
        Route("/steps", guarded(list_steps), methods=["POST"]),
    ]


async def read_pad(request: Request) -> OnPad:
    """Return what a request says is on a pad.

    Raises:
        HTTPException: it is too large, or a form without a drawing and a picture.
        ValueError: the drawing is no JSON object.
        SettingsError: the drawing is none.
    """
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json":
        return OnPad(read_drawing(await read_body(request, MAX_DRAWING)))
    if kind != "multipart/form-data":
        return OnPad(picture=await read_body(request, MAX_PICTURE))
    async with request.form(max_files=1, max_fields=1, max_part_size=MAX_DRAWING) as form:
        drawing, picture = form.get("drawing"), form.get("picture")
        if not isinstance(drawing, str) or not isinstance(picture, UploadFile):
            raise HTTPException(422, 'expected a form with a field "drawing" and a file "picture"')
        return OnPad(read_drawing(drawing), await picture.read())
