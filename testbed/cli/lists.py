"""How a list of rows is laid out for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

_SHORT: Final = 14
"""Characters up to which a value stands beside others on one line."""
_HEAD: Final = 8
"""Characters up to which the head of a column stands on one line."""
_INDENT: Final = "    "

Row = Mapping[str, Any]


def listed(rows: Sequence[Row], width: int) -> RenderableType:
    """Return rows as entries where they have something to say, as a table otherwise.

    Args:
        rows: Rows with the same keys, of which the first is ``name``.
        width: Columns of the terminal.
    """
    if rows and "about" in rows[0]:
        return Group(*(part for row in rows for part in _entry(row, width)))
    gap = 1
    if rows and len(rows[0]) > len(rows):
        rows, gap = list(_turned(rows)), 0  # the names are heads then, and whole
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, gap, 0, 0))
    for key, value in (rows[0] if rows else {}).items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        table.add_column(_head(key), justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*map(_value, row.values()))
    return table


def _head(key: str) -> str:
    """Return a key broken into short lines after its underscores."""
    lines = textwrap.wrap(
        key.replace("_", "_ "), _HEAD, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(line.replace("_ ", "_") for line in lines)


def _turned(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield a row for each key, for rows that have more keys than fit beside each other."""
    for key in rows[0]:
        if key != "name":
            yield {"name": key, **{row["name"]: row[key] for row in rows}}


def _entry(row: Row, width: int) -> Iterator[Text]:
    yield Text(str(row["name"]), style="bold")
    yield _indented(str(row["about"]), width)
    short: list[str] = []
    long: list[str] = []
    for key, value in row.items():
        if key in ("name", "about") or value in ([], {}, None):
            continue
        is_short = not isinstance(value, list | dict) and len(str(value)) <= _SHORT
        (short if is_short else long).append(f"{key}: {_value(value)}")
    for text in ([", ".join(short)] if short else []) + long:
        yield _indented(text, width, style="dim")


def _indented(text: str, width: int, style: str = "") -> Text:
    filled = textwrap.fill(text, max(width, 40), initial_indent=_INDENT, subsequent_indent=_INDENT)
    return Text(filled, style=style)


def _value(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} = {_toml(each)}" for key, each in value.items())
    if isinstance(value, list):
        sentences = bool(value) and all(str(each).endswith(".") for each in value)
        return (" " if sentences else ", ").join(map(_value, value))
    return str(value)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
