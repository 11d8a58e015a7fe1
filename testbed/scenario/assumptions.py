"""The table of assumptions, read off the settings: every number that somebody has to believe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from testbed.scenario.shapes import Shape, field_shape, fields
from testbed.units import format_clock


class Row(NamedTuple):
    """What an assumption's declaration says, in the words and units of the table.

    Attributes:
        written: How scenario files write it: ``number``, ``whole number``, ``duration`` or
            ``clock time``.
        default: Its value unless a scenario says otherwise; None where it must be given.
        low: The low end of its range, or the early one of a clock time.
        high: The high end of its range, or the late one; of a clock time after midnight where it
            is the smaller of the two.
        unit: Its unit; ``"1"`` for a share or a factor, ``"clock"`` for a clock time.
        source: Where it comes from.
        about: What it means.
        counts: Microseconds in one of its unit, where it is a duration.
    """

    written: str
    default: Any
    low: Any
    high: Any
    unit: str
    source: str
    about: str
    counts: int = 1

    def told(self, value: Any) -> Any:
        """Return a setting's value as the table tells it."""
        if value is None:
            return None
        if self.written == "clock time":
            return format_clock(value)[:5]
        return value / self.counts if self.written == "duration" else value


def row_of(info: FieldInfo) -> Row | None:
    """Return the row that a field declares, or None if it is no assumption."""
    extra = info.json_schema_extra
    if not isinstance(extra, Mapping) or not extra.get("assumption"):
        return None
    shape = field_shape(info)
    default = None if info.default is PydanticUndefined else info.default
    low, high, counts = shape.bound("ge"), shape.bound("le"), extra.get("microseconds", 1)
    if "earliest" in extra:
        written, low, high = "clock time", extra["earliest"], extra["latest"]
    elif "microseconds" in extra:
        written, low, high = "duration", low / counts, high / counts
    else:
        written = "whole number" if isinstance(low, int) and isinstance(high, int) else "number"
    told = (str(extra["unit"]), str(extra["source"]), info.description or "")
    row = Row(written, default, low, high, *told, counts)  # type: ignore[arg-type]
    return row._replace(default=row.told(default))


def assumptions(model: type[BaseModel], where: str = "") -> Iterator[dict[str, Any]]:
    """Yield a row for every assumption among the settings of a class and those inside it.

    Args:
        model: The settings class.
        where: The dotted key at which it stands; ``[]`` follows the name of a list.
    """
    for key, (_, info) in fields(model).items():
        name = f"{where}.{key}" if where else key
        row = row_of(info)
        if row is None:
            yield from _inside(field_shape(info), name)
        else:
            yield {
                "name": name,
                "about": row.about,
                "default": row.default,
                "low": row.low,
                "high": row.high,
                "unit": row.unit,
                "written": row.written,
                "source": row.source,
            }


def _inside(shape: Shape, name: str) -> Iterator[dict[str, Any]]:
    if shape.is_list:
        yield from _inside(shape.item(), f"{name}[]")
    elif shape.tag is not None:
        for choice, member in shape.tagged.items():
            yield from _inside(member, f"{name}({choice})")
    elif shape.model is not None:
        yield from assumptions(shape.model, name)
