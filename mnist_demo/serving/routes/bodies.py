"""What requests to the plain routes carry, as JSON."""

from functools import partial
from typing import Annotated, Any, TypeVar

import orjson
from pydantic import BaseModel, PlainValidator, ValidationError
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from mnist_demo.checks import describe
from mnist_demo.errors import SettingsError
from mnist_demo.runs.rights import Visitor
from mnist_demo.serving.routes.access import address_of, is_text, read_body

Body = TypeVar("Body", bound=BaseModel)


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


async def read_json(request: Request, kind: type[Body]) -> Body:
    """Return what a request carries.

    Raises:
        HTTPException: it does not say that it is JSON, or is too large.
        ValueError: it carries no JSON object.
        SettingsError: a field of it is wrong.
    """
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise HTTPException(415, "expected a body of the type application/json")
    values = orjson.loads(await read_body(request))
    if not isinstance(values, dict):
        raise ValueError(f"expected a JSON object, found {values!r:.50}")
    return check(values, kind)


def check(values: dict[str, Any], kind: type[Body]) -> Body:
    """Return what a dictionary of values holds.

    Raises:
        SettingsError: a field of it is wrong.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise SettingsError(describe(error)) from error
