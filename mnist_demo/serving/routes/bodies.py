"""What requests to the plain routes carry, as JSON."""

from functools import partial
from typing import Annotated, Any, TypeVar

import numpy as np
import orjson
from pydantic import AfterValidator, BaseModel, Field, PlainValidator, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from mnist_demo.checks import describe
from mnist_demo.errors import SettingsError
from mnist_demo.reading.drawing import PAD, Drawing
from mnist_demo.runs.rights import Visitor
from mnist_demo.serving.routes.access import address_of, is_text, read_body

Body = TypeVar("Body", bound=BaseModel)

MAX_STROKES, MAX_POINTS = 1_000, 10_000  # of a drawing: a digit has 50 points, a pad that is scribbled full 2,000


def _to_text(value: Any, longest: int) -> str:
    value = value or ""
    if not is_text(value) or len(value) > longest:
        raise PydanticCustomError("text", "a text of at most {longest} characters", {"longest": longest})
    return value


def _to_count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise PydanticCustomError("count", "a whole number from 0")
    return value


Count = Annotated[int, PlainValidator(_to_count)]
Text = Annotated[str, PlainValidator(partial(_to_text, longest=200))]
Pixels = Annotated[str, PlainValidator(partial(_to_text, longest=2_000))]  # base64 of 784 bytes


class Asked(BaseModel):
    """Who asks."""

    token: Text = ""
    key: Text = ""

    def visitor(self, request: Request | None = None) -> Visitor:
        """Return who asks, and from which address if a request tells that."""
        return Visitor(self.token or None, self.key or None, address_of(request) if request else None)


class Shown(Asked):
    """Which run a page shows."""

    run: Text = ""


class Action(Asked):
    """What is to be done, with a run or with all of them."""

    action: Any = None
    value: Any = None


class NewLimits(Asked):
    """What visitors may ask for from now on."""

    limits: Any = None


class Watched(Shown):
    """What a page that watches runs knows already; see `live` in runs.py."""

    since: Count = 0
    before: Count = 0
    after: Count = 0
    snapshot: Count = 0
    pixels: Pixels = ""


def _even(points: list[float]) -> list[float]:
    if len(points) % 2:
        raise PydanticCustomError("points", "x and y of each point")
    return points


Coordinate = Annotated[float, Field(strict=True, ge=-PAD, le=2 * PAD)]  # a pointer may be dragged off the pad
StrokePoints = Annotated[list[Coordinate], Field(min_length=2), AfterValidator(_even)]


class DrawingBody(BaseModel):
    """What was drawn on a pad, in thousandths of its side: a stroke is x, y, x, y ... with y pointing down."""

    pen: Annotated[float, Field(strict=True, gt=0, le=PAD)]
    strokes: Annotated[list[StrokePoints], Field(max_length=MAX_STROKES)]

    @field_validator("strokes")
    @classmethod
    def _few(cls, strokes: list[list[float]]) -> list[list[float]]:
        if sum(map(len, strokes)) > 2 * MAX_POINTS:
            raise PydanticCustomError("many", f"at most {MAX_POINTS:,} points")
        return strokes

    def drawing(self) -> Drawing:
        """Return the drawing."""
        return Drawing([np.array(points).reshape(-1, 2) for points in self.strokes], self.pen)


def read_drawing(content: bytes | str) -> Drawing:
    """Return the drawing that a JSON text describes, see DrawingBody.

    Raises:
        ValueError: it is no JSON object.
        SettingsError: a field of it is wrong.
    """
    return check(to_object(content), DrawingBody).drawing()


async def read_json(request: Request, kind: type[Body]) -> Body:
    """Return what a request carries.

    Raises:
        HTTPException: it does not say that it is JSON, or is too large.
        ValueError: it carries no JSON object.
        SettingsError: a field of it is wrong.
    """
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise HTTPException(415, "expected a body of the type application/json")
    return check(to_object(await read_body(request)), kind)


def to_object(content: bytes | str) -> dict[str, Any]:
    """Return the JSON object that a text describes.

    Raises:
        ValueError: it describes none.
    """
    values = orjson.loads(content)
    if not isinstance(values, dict):
        raise ValueError(f"expected a JSON object, found {values!r:.50}")
    return values


def check(values: dict[str, Any], kind: type[Body]) -> Body:
    """Return what a dictionary of values holds.

    Raises:
        SettingsError: a field of it is wrong.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise SettingsError(describe(error)) from error
