"""The assumptions among settings: every number with a range, read off the settings classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from testbed.scenario.shapes import Shape, field_shape, fields


def assumptions(model: type[BaseModel], where: str = "") -> Iterator[dict[str, Any]]:
    """Yield a row for every assumption among the settings of a class and those inside it.

    Args:
        model: The settings class.
        where: The dotted key at which it stands; ``[]`` follows the name of a list.
    """
    for key, (_, info) in fields(model).items():
        name = f"{where}.{key}" if where else key
        extra = info.json_schema_extra
        if isinstance(extra, Mapping) and extra.get("assumption"):
            shape = field_shape(info)
            default = None if info.default is PydanticUndefined else info.default
            low, high = shape.bound("ge"), shape.bound("le")
            if "microseconds" in extra:
                counts: Any = extra["microseconds"]
                default, low, high = (each / counts for each in (info.default, low, high))
            yield {
                "name": name,
                "about": info.description,
                "default": default,
                "low": low,
                "high": high,
                "unit": extra["unit"],
                "source": extra["source"],
            }
        else:
            yield from _inside(field_shape(info), name)


def _inside(shape: Shape, name: str) -> Iterator[dict[str, Any]]:
    if shape.is_list:
        yield from _inside(shape.item(), f"{name}[]")
    elif shape.tag is not None:
        for choice, member in shape.tagged.items():
            yield from _inside(member, f"{name}({choice})")
    elif shape.model is not None:
        yield from assumptions(shape.model, name)
