"""Validation of settings from the page, the shell or a file, with uniform "expected ..., found ..." messages."""

import math
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from mnist_demo.errors import SettingsError


def require_choice(name: str, value: object, allowed: Iterable[str]) -> None:
    """Check that `value` is one of `allowed`.

    Raises:
        SettingsError: it is not.
    """
    choices = tuple(allowed)
    if value not in choices:
        raise SettingsError(f"{name}: expected one of {', '.join(choices)}, found {value!r}")


def finite_number(name: str, value: Any) -> float:
    """Return `value` as a float.

    Raises:
        SettingsError: it is not a finite number.
    """
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    except OverflowError:
        pass
    raise SettingsError(f"{name}: expected a number, found {'nothing' if value is None else repr(value)[:50]}")


def whole_number(name: str, value: Any, low: int, high: int) -> int:
    """Return `value` as an int; JavaScript has no integer type, so 3 may arrive as 3.0.

    Raises:
        SettingsError: it is not a whole number from `low` to `high`.
    """
    expected = f"{name}: expected a whole number from {low:,} to {high:,}, found"
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise SettingsError(f"{expected} {'nothing' if value is None else repr(value)}")
    if not low <= value <= high:
        raise SettingsError(f"{expected} {int(value):,}")
    return int(value)


def share(name: str, value: Any, includes_one: bool) -> float:
    """Return `value` as a float from 0 to 1; 1 itself only if `includes_one`.

    Raises:
        SettingsError: it is not such a number.
    """
    number = finite_number(name, value)
    if not 0 <= number <= 1 or (number == 1 and not includes_one):
        raise SettingsError(f"{name}: expected 0 to {'1' if includes_one else 'less than 1'}, found {number:g}")
    return number


def describe(error: ValidationError) -> str:
    """Return the first error that pydantic reports, as "name: expected ..., found ..."."""
    first = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return f"{name}: expected a value, found none"
    if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{name}: expected no such field"
    return f"{name}: expected {first['msg'].removeprefix('Input should be ')}, found {first['input']!r:.80}"
