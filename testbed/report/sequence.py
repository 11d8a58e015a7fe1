"""Sequence charts of stories, as text and for Mermaid."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from testbed.verification.story import LIFELINES, Line

_APART: Final = 28
"""Columns between two lifelines."""
_MARGIN: Final = 5
_AT: Final = {name: _MARGIN + place * _APART for place, name in enumerate(LIFELINES)}


def text_chart(story: Sequence[Line]) -> str:
    """Return a story with its lifelines drawn from the top down, in plain characters."""
    lines = ["".join(f"{name:^{_APART}}" for name in LIFELINES)[_APART // 2 - _MARGIN :].rstrip()]
    for line in story:
        lines += _note(line) if line.to is None else _arrow(line.at, line.to, line.text)
    lines.append(_lifelines())
    return "\n".join(lines)


def _lifelines(*, without: tuple[int, int] | None = None) -> str:
    row = [" "] * (max(_AT.values()) + 1)
    for column in _AT.values():
        if without is None or not without[0] <= column < without[1]:
            row[column] = "|"
    return "".join(row).rstrip()


def _write(text: str, start: int) -> str:
    """Return the lifelines with a text over them from a column on."""
    row = _lifelines(without=(start, start + len(text))).ljust(start)
    return (row[:start] + text + row[start + len(text) :]).rstrip()


def _note(line: Line) -> Iterator[str]:
    middle = _AT[line.at]
    for piece in textwrap.wrap(f"* {line.at}: {line.text}", _APART * 2 - 4, subsequent_indent="  "):
        start = max(0, min(middle - 2, max(_AT.values()) + _MARGIN + 4 - len(piece)))
        yield _write(piece, start)


def _arrow(at: str, to: str, text: str) -> Iterator[str]:
    left, right = sorted((_AT[at], _AT[to]))
    for piece in textwrap.wrap(text, right - left - 3):
        yield _write(piece, left + 2)
    shaft = "-" * (right - left - 2)
    yield _write(f"{shaft}>" if _AT[at] == left else f"<{shaft}", left + 1)


def mermaid_chart(story: Sequence[Line]) -> str:
    """Return a story as a sequence diagram for Mermaid."""
    lines = ["sequenceDiagram"]
    lines += (f"    participant {name.capitalize()}" for name in LIFELINES)
    for line in story:
        at = line.at.capitalize()
        if line.to is None:
            lines.append(f"    Note over {at}: {line.text}")
        else:
            lines.append(f"    {at}->>{line.to.capitalize()}: {line.text}")
    return "\n".join(lines)
