"""Sequence charts: arrows between lifelines and notes at them, as text, for Mermaid and as SVG.

The same three ways for what the search finds and for what happened in a run.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from testbed.scenario.errors import printable
from testbed.verification.story import LIFELINES, Line

_APART: Final = 28
"""Columns between two lifelines."""
_MARGIN: Final = 5


def text_chart(story: Sequence[Line], lifelines: Sequence[str] = LIFELINES) -> str:
    """Return a story with its lifelines drawn from the top down, in plain characters."""
    return "\n".join(_Columns(lifelines).chart(story))


class _Columns:
    """Lifelines at fixed columns of text."""

    def __init__(self, lifelines: Sequence[str]) -> None:
        self._names = lifelines
        self._at = {name: _MARGIN + place * _APART for place, name in enumerate(lifelines)}

    def chart(self, story: Sequence[Line]) -> Iterator[str]:
        yield "".join(f"{name:^{_APART}}" for name in self._names)[_APART // 2 - _MARGIN :].rstrip()
        for line in story:
            yield from (
                self._note(line) if line.to is None else self._arrow(line.at, line.to, line.text)
            )
        yield self._lifelines()

    def _lifelines(self, *, without: tuple[int, int] | None = None) -> str:
        row = [" "] * (max(self._at.values()) + 1)
        for column in self._at.values():
            if without is None or not without[0] <= column < without[1]:
                row[column] = "|"
        return "".join(row).rstrip()

    def _write(self, text: str, start: int) -> str:
        """Return the lifelines with a text over them from a column on."""
        row = self._lifelines(without=(start, start + len(text))).ljust(start)
        return (row[:start] + text + row[start + len(text) :]).rstrip()

    def _note(self, line: Line) -> Iterator[str]:
        middle, last = self._at[line.at], max(self._at.values())
        text = printable(f"* {line.at}: {line.text}")
        for piece in textwrap.wrap(text, _APART * 2 - 4, subsequent_indent="  "):
            start = max(0, min(middle - 2, last + _MARGIN + 4 - len(piece)))
            yield self._write(piece, start)

    def _arrow(self, at: str, to: str, text: str) -> Iterator[str]:
        left, right = sorted((self._at[at], self._at[to]))
        for piece in textwrap.wrap(printable(text), right - left - 3):
            yield self._write(piece, left + 2)
        shaft = "-" * (right - left - 2)
        yield self._write(f"{shaft}>" if self._at[at] == left else f"<{shaft}", left + 1)


def mermaid_chart(story: Sequence[Line], lifelines: Sequence[str] = LIFELINES) -> str:
    """Return a story as a sequence diagram for Mermaid."""
    lines = ["sequenceDiagram"]
    lines += (f"    participant {_mermaid(name.capitalize())}" for name in lifelines)
    for line in story:
        at, text = _mermaid(line.at.capitalize()), _mermaid(line.text)
        if line.to is None:
            lines.append(f"    Note over {at}: {text}")
        else:
            lines.append(f"    {at}->>{_mermaid(line.to.capitalize())}: {text}")
    return "\n".join(lines)


def _mermaid(text: str) -> str:
    """Return a text without the characters that end a statement of Mermaid's."""
    return printable(text).replace("#", "#35;").replace(";", ",").replace("#35,", "#35;")


_WIDE: Final = 190
_HIGH: Final = 18
_LETTERS: Final = 30
"""SVG's units between lifelines and between lines of text, and letters of a note's line."""


def svg_chart(
    story: Sequence[Line], lifelines: Sequence[str] = LIFELINES, title: str = "Sequence chart"
) -> str:
    """Return a story as an SVG picture that needs nothing from elsewhere.

    Args:
        story: What happened, in order.
        lifelines: The names of those who take part, from left to right.
        title: What a reader who cannot see the picture is told it is.
    """
    at = {name: _WIDE // 2 + place * _WIDE for place, name in enumerate(lifelines)}
    parts: list[str] = []
    y = 2 * _HIGH
    for line in story:
        drawn, y = (_svg_note if line.to is None else _svg_arrow)(line, at, y)
        parts += drawn
    width, height = _WIDE * len(lifelines), y + 2 * _HIGH
    heads = [
        part
        for name, x in at.items()
        for part in (
            f'<line class="life" x1="{x}" y1="{2 * _HIGH}" x2="{x}" y2="{y + _HIGH}"/>',
            f'<text class="name" x="{x}" y="{_HIGH + 6}">{_svg_text(name)}</text>',
        )
    ]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" '
            f"aria-label={quoteattr(printable(title))}>",
            f"<title>{_svg_text(title)}</title>",
            "<style>text{font:12px sans-serif;text-anchor:middle;fill:#222}.name{font-weight:bold}"
            ".life{stroke:#999;stroke-dasharray:4 4}.arrow{stroke:#1f4e79;stroke-width:1.4}"
            ".note{fill:#fff8dc;stroke:#b8a760}</style>",
            '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
            'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#1f4e79"/>'
            "</marker></defs>",
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            *heads,
            *parts,
            "</svg>",
            "",
        )
    )


def _svg_text(text: str) -> str:
    return escape(printable(text))


def _svg_note(line: Line, at: dict[str, int], y: int) -> tuple[list[str], int]:
    pieces = textwrap.wrap(line.text, _LETTERS) or [""]
    x, high = at[line.at], _HIGH * len(pieces) + 6
    rect = (
        f'<rect class="note" x="{x - _WIDE // 2 + 3}" y="{y + 4}" '
        f'width="{_WIDE - 6}" height="{high}" rx="4"/>'
    )
    return [rect, *_svg_lines(pieces, x, y + 4)], y + high + 10


def _svg_arrow(line: Line, at: dict[str, int], y: int) -> tuple[list[str], int]:
    start, end = at[line.at], at[line.to or line.at]
    letters = max(_LETTERS, _LETTERS * abs(end - start) // _WIDE)
    pieces = textwrap.wrap(line.text, letters)
    below = y + _HIGH * len(pieces) + 8
    arrow = (
        f'<line class="arrow" x1="{start}" y1="{below}" x2="{end}" y2="{below}" '
        'marker-end="url(#head)"/>'
    )
    return [*_svg_lines(pieces, (start + end) // 2, y), arrow], below + 8


def _svg_lines(pieces: Sequence[str], x: int, y: int) -> list[str]:
    return [
        f'<text x="{x}" y="{y + _HIGH * (number + 1) - 3}">{_svg_text(piece)}</text>'
        for number, piece in enumerate(pieces)
    ]
