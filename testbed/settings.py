"""The base of every group of settings.

A room keeps its settings beside the thing they set, as a subclass of :class:`Settings`.
The scenario room composes them; the JSON Schema, the error messages and the list of
assumptions are read off the same fields, so a new attack or pairing brings its own keys,
ranges and help text in its one file.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, core_schema

from testbed.units import US_PER_MIN, parse_clock, parse_duration

NO_PUBLISHED_RATE: Final = "no published rate; swept over its range"
"""The honest source of a number that nobody has measured."""


class Settings(BaseModel):
    """A frozen group of settings that refuses keys it does not know."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


def assumption(
    default: Any,
    *,
    ge: float,
    le: float,
    unit: str,
    source: str,
    description: str,
) -> Any:
    """Declare a behavioural or physical number as a row of the table of assumptions.

    Args:
        default: The value used unless a scenario says otherwise.
        ge: The lowest value allowed, and the low end of a sensitivity sweep.
        le: The highest value allowed, and the high end of a sensitivity sweep.
        unit: The unit, or ``"1"`` for a share or a factor.
        source: Where the number comes from, or :data:`NO_PUBLISHED_RATE`.
        description: What the number means, in a sentence.
    """
    return Field(
        default=default,
        ge=ge,
        le=le,
        description=description,
        json_schema_extra={"unit": unit, "source": source, "assumption": True},
    )


def assumed_duration(
    default: str,
    *,
    ge: str,
    le: str,
    unit: str,
    source: str,
    description: str,
) -> Any:
    """Declare a :data:`Duration` as a row of the table of assumptions.

    Args:
        default: The duration used unless a scenario says otherwise, such as ``"30min"``.
        ge: The shortest allowed, and the low end of a sensitivity sweep.
        le: The longest allowed, and the high end of a sensitivity sweep.
        unit: In what the table counts it: ``s``, ``min`` or ``h``.
        source: Where the number comes from, or :data:`NO_PUBLISHED_RATE`.
        description: What the duration means, in a sentence.
    """
    return Field(
        default=parse_duration(default),
        ge=parse_duration(ge),
        le=parse_duration(le),
        description=description,
        json_schema_extra={
            "unit": unit,
            "source": source,
            "assumption": True,
            "microseconds": parse_duration(f"1{unit}"),
        },
    )


def assumed_clock(
    default: str,
    *,
    earliest: str,
    latest: str,
    source: str,
    description: str,
) -> Any:
    """Declare a :data:`ClockTime` as a row of the table of assumptions.

    Any clock time is allowed, because some people sleep by day; the range is what is swept.

    Args:
        default: The clock time used unless a scenario says otherwise, such as ``"23:00"``.
        earliest: The early end of a sensitivity sweep.
        latest: The late end of a sensitivity sweep; after midnight where it is a smaller one.
        source: Where it comes from, or :data:`NO_PUBLISHED_RATE`.
        description: What the clock time is of, in a sentence.
    """
    return Field(
        default=parse_clock(default),
        description=description,
        json_schema_extra={
            "unit": "clock",
            "source": source,
            "assumption": True,
            "earliest": earliest,
            "latest": latest,
        },
    )


def _clock(value: object) -> object:
    if isinstance(value, time) and value.tzinfo is None:
        value = value.isoformat("seconds")  # TOML's own local time, written without quotes
    try:
        return parse_clock(value if isinstance(value, str) else "")
    except ValueError:
        raise PydanticCustomError("clock", 'expected a clock time such as "12:10"') from None


def _duration(value: object) -> object:
    try:
        return parse_duration(value if isinstance(value, str) else "")
    except ValueError:
        message = 'expected a duration such as "24h", "90s" or "1h 30min"'
        raise PydanticCustomError("duration", message) from None


ClockTime = Annotated[
    int,
    BeforeValidator(_clock),
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"}),
]
"""A clock time, written ``"12:10"``, kept as microseconds since midnight."""

Duration = Annotated[
    int,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "examples": ["24h", "90s", "1h 30min"]}),
]
"""A length of time, written ``"24h"``, kept as microseconds."""


def _not_too_often(value: int) -> int:
    if 0 < value < US_PER_MIN:
        raise PydanticCustomError("often", 'expected "0s" for never, or a minute or more')
    return value


HowOften = Annotated[Duration, AfterValidator(_not_too_often)]
"""How long from one time to the next, a minute or more; ``"0s"`` for never."""


def not_one_of(
    kind: str, names: Iterable[str], at: tuple[int | str, ...] = ()
) -> PydanticCustomError:
    """Return the error of a name that is none of some names, for a validator to raise.

    Args:
        kind: What the names name, with its article.
        names: The names that are allowed.
        at: The key that it is about, where a validator of the whole class raises it.
    """
    return PydanticCustomError(
        "choice", "expected {kind}", {"kind": kind, "choices": list(names), "at": at}
    )


class OneOf:
    """Marks a text setting that only takes one of some names.

    Use it as ``Annotated[str, OneOf("a pairing method", PAIRINGS)]``.  The error carries the
    names, so that the nearest right one can be told.

    Args:
        kind: What the names name, with its article.
        names: The names that are allowed.
    """

    __slots__ = ("kind", "names")

    def __init__(self, kind: str, names: Iterable[str]) -> None:
        self.kind = kind
        self.names = tuple(names)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Check the name after the check that it is text."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the names as an enumeration."""
        return {"type": "string", "enum": list(self.names)}

    def _check(self, value: str) -> str:
        if value not in self.names:
            raise not_one_of(self.kind, self.names)
        return value
