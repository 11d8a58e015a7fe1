"""Every key of a scenario file as a page, read off the settings that the keys set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from testbed.scenario.assumptions import row_of
from testbed.scenario.model import Scenario
from testbed.scenario.shapes import Shape, describe, field_shape, fields
from testbed.scenario.starter import toml_value
from testbed.settings import NO_PUBLISHED_RATE
from testbed.units import format_clock, format_duration

_HEAD: Final = """\
# Every key of a scenario file

Written by `testbed schema --format md --out docs/reference.md`; what packages of others add is in
it where they are installed. [scenarios.md](scenarios.md) explains the sections, and
[tutorial.md](tutorial.md) begins at the beginning. A key with a source in *italics* is an
assumption: its range is what a sensitivity study sweeps, and "no published rate" means that nobody
has measured it.
"""
_CLOCK: Final = "a clock time"
_DURATION: Final = "a duration"
_MOST: Final = 60
"""Characters of a default; a longer one is a table of its own, which the page has elsewhere."""


def reference() -> str:
    """Return the page in Markdown."""
    return "\n".join((_HEAD, *_tables(Shape(Scenario), "", "The whole file.", False))) + "\n"


def _tables(shape: Shape, name: str, about: str, listed: bool) -> Iterator[str]:
    """Yield the part of a table and those of the tables inside it."""
    if shape.tag is not None:
        for choice, member in shape.tagged.items():
            model = member.model
            if model is not None:
                said = f"{about} {_plain(model.__doc__ or '')}"
                yield from _one(model, name, f'{shape.tag} = "{choice}"', said, listed)
    elif shape.model is not None:
        yield from _one(shape.model, name, "", about, listed)


def _one(model: type[BaseModel], name: str, choice: str, about: str, listed: bool) -> Iterator[str]:
    head = f"`[[{name}]]`" if listed else f"`[{name}]`" if name else "The top"
    yield f"## {head}{f' with `{choice}`' if choice else ''}"
    yield ""
    yield f"{about}\n"
    inside: list[tuple[Shape, str, str, bool]] = []
    rows: list[str] = []
    for key, (_, info) in fields(model).items():
        shape = field_shape(info)
        item = shape.item() if shape.is_list else shape
        dotted = f"{name}.{key}" if name else key
        if item.model is not None or item.tag is not None:
            inside.append((item, dotted, _plain(info.description or ""), shape.is_list))
        elif not (choice and choice.startswith(f"{key} =")):
            rows.append(_row(key, info, shape))
    if rows:
        yield "| key | expects | if left out | meaning |"
        yield "|---|---|---|---|"
        yield from rows
    else:
        yield "No keys of its own." if not inside else "Tables only."
    yield ""
    for each in inside:
        yield from _tables(*each)


def _row(key: str, info: FieldInfo, shape: Shape) -> str:
    expected = describe(shape)
    meaning = _plain(info.description or "")
    assumed = row_of(info)
    if assumed is not None:
        source = assumed.source
        known = "no published rate" if source == NO_PUBLISHED_RATE else source
        unit = "" if assumed.unit == "1" else f"{assumed.unit}; "
        if assumed.written == "clock time":
            unit = f"swept from {assumed.low} to {assumed.high}; "
        meaning += f" *{unit}{known}.*"
    cells = (f"`{key}`", expected, _default(info, expected), meaning)
    return "| " + " | ".join(each.replace("|", "\\|") for each in cells) + " |"


def _default(info: FieldInfo, expected: str) -> str:
    if info.is_required():
        return "must be there"
    value: Any = info.get_default(call_default_factory=True, validated_data={})
    if value is None or value is PydanticUndefined:
        return "nothing"
    if isinstance(value, int) and not isinstance(value, bool):
        if expected.startswith(_CLOCK):
            return f'`"{format_clock(value)[:5]}"`'
        if expected.startswith(_DURATION):
            return f'`"{format_duration(value)}"`'
    text = toml_value(value)
    return f"`{text}`" if len(text) <= _MOST else "as shipped"


def _plain(text: str) -> str:
    return " ".join(text.replace("``", "`").split())
