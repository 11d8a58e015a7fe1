"""A first scenario to start from, with what the schema says of each key beside it.

Only the values are written here.  What a key means, its range and its default are read off the
settings, so a starter cannot tell what is no longer so.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any, Final

from pydantic.fields import FieldInfo

from testbed.scenario.model import Scenario
from testbed.scenario.shapes import Shape, describe, field_shape, fields

SCHEMA_FILE: Final = "scenario.schema.json"
"""The name under which a starter looks for the schema, beside itself."""

_WIDTH: Final = 96
_PLAIN = str | int | float | bool | list[str]

_STORY: Final[tuple[tuple[str, dict[str, _PLAIN]], ...]] = (
    ("time", {"start": "06:00", "duration": "24h"}),
    ("patient", {"cohort": "adults", "profile": "typical"}),
    ("[meal]", {"at": "07:30", "carbs_g": 45}),
    ("[meal]", {"at": "12:30", "carbs_g": 70}),
    ("[meal]", {"at": "18:30", "carbs_g": 80}),
    ("[stay]", {"from": "11:45", "until": "13:45", "place": "cafe"}),
    ("pump", {"remote_bolus": True, "max_bolus_U": 10}),
    ("link", {"pairing": "serial-derived", "channel": "aead-counter"}),
    ("[pairing]", {"device": "meter", "at": "12:10"}),
    (
        "attacker",
        {"place": "cafe", "distance_m": 4, "capabilities": ["antenna"]},
    ),
    ("[attacker.step]", {"do": "overhear-pairing"}),
    ("[attacker.step]", {"do": "remote-bolus", "after": "1h", "units": 10}),
    ("study", {"seed": 1, "replicates": 20, "baseline": "as-shipped"}),
    ("study.arms", {"as-shipped": [], "remote-bolus-off": ["remote-bolus-off"]}),
    ("[expect]", {"arm": "as-shipped", "metric": "unauthorised_U", "at_least": 1}),
    ("[expect]", {"arm": "remote-bolus-off", "metric": "unauthorised_U", "at_most": 0}),
)
"""Tables in the order of the file, lists of tables in brackets, and what stands in them."""


def starter() -> str:
    """Return the text of a scenario that is complete, with comments."""
    lines = [
        f"#:schema ./{SCHEMA_FILE}",
        "# The line above lets editors complete and check keys: `testbed schema --out "
        f"{SCHEMA_FILE}`.",
        "# `testbed check FILE` tells what is wrong, `testbed run FILE` runs it, and",
        "# docs/reference.md has every key there is.  What is left out has its default.",
        "",
        'title   = "A meter is linked in a cafe"',
        'about   = "Say here in a sentence or two what happens."',
        "sources = []  # the public sources that the story stands for",
    ]
    told: set[tuple[str, ...]] = set()
    for name, values in _STORY:
        lines += ["", *_table(name, values, told)]
    return "\n".join(lines) + "\n"


def _table(name: str, values: dict[str, _PLAIN], told: set[tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of a table; what was said of a key before is not said again."""
    path = tuple(name.strip("[]").split("."))
    info, shape = _at(path)
    if path not in told:
        told.add(path)
        yield from _comment(info)
    yield f"[{name}]"
    known = fields(shape.model) if shape.model else {}
    if shape.tag is not None:
        known = fields(shape.tagged[str(values[shape.tag])].model or Scenario)
    width = max(map(len, values))
    for key, value in values.items():
        if key in known and (*path, key) not in told:
            told.add((*path, key))
            field = known[key][1]
            yield from _comment(_told(field))
        yield f"{key:<{width}} = {toml_value(value)}"


def _told(field: FieldInfo) -> str:
    """Return what a key means and, where that is not plain, what it expects."""
    about, expected = (field.description or "").strip(), describe(field_shape(field))
    if expected.startswith(("text", "a clock time")):
        return about
    return f"{about.rstrip('.')}: {expected}."


def _at(path: tuple[str, ...]) -> tuple[str, Shape]:
    """Return what the schema says of a table, and its shape."""
    shape, about = Shape(Scenario), ""
    for key in path:
        _, info = fields(shape.model or Scenario)[key]
        about, shape = info.description or "", field_shape(info)
        if shape.is_list:
            shape = shape.item()
    return about, shape


def _comment(text: str) -> list[str]:
    plain = " ".join(text.replace("``", "`").split())
    return textwrap.wrap(
        plain,
        _WIDTH,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def toml_value(value: Any) -> str:
    """Return a value as TOML writes it: a text, a number, true or false, a list, or a table."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {toml_value(each)}' for key, each in value.items())} }}"
    return f"{value:g}" if isinstance(value, float) else str(value)
