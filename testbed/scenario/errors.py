"""What is wrong with a scenario file, in words a reader can act on.

A problem names the file, the line, the dotted key, what was expected, what was found and,
where one is near, the right name.  All problems of a file travel together in one
:class:`ScenarioError`.  A scenario file may be hostile, so nothing it holds reaches a
message with its control characters intact.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from difflib import get_close_matches
from enum import Enum
from itertools import islice
from typing import Final

SHOWN_CHARACTERS: Final = 40
"""How much of a found value a message shows."""

_LISTED_NAMES: Final = 12
_LONGEST_NAME: Final = 64
_NEARNESS: Final = 0.6
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

KeyPath = tuple[str | int, ...]
"""Where a value stands in a document: keys, and list positions counted from 0."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a scenario file.

    Attributes:
        file: The file's name as the reader gave it.
        line: The line, counted from 1, or None when there is none to name.
        key: The dotted key, list items counted from 1 (``meal[2].carbs_g``), or empty.
        expected: What should stand there, or empty when ``found`` says it all.
        found: What stands there.
        hint: What to do about it, such as the nearest right name.
    """

    file: str
    line: int | None = None
    key: str = ""
    expected: str = ""
    found: str = ""
    hint: str | None = None

    def __str__(self) -> str:
        """Return ``file:line: key: expected ..., found ..., hint`` on one printable line."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        says = [f"expected {self.expected}"] if self.expected else []
        if self.found:
            says.append(f"found {self.found}" if self.expected else self.found)
        if self.hint:
            says.append(self.hint)
        return printable(": ".join(part for part in (place, self.key, ", ".join(says)) if part))


class ScenarioError(ValueError):
    """A scenario file cannot be used.

    Attributes:
        problems: Everything that is wrong with it, in the order of the lines.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep ``problems`` in the order of their lines."""
        self.problems: tuple[Problem, ...] = tuple(
            sorted(problems, key=lambda problem: problem.line or float("inf"))
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Problem, ...]]]:
        """Let the error cross from a worker process with its problems."""
        return type(self), (self.problems,)


def did_you_mean(word: str, choices: Iterable[str]) -> str | None:
    """Return the one of ``choices`` nearest to ``word``, or None when none is near.

    Case and the difference of ``-`` and ``_`` do not count.
    """
    if len(word) > _LONGEST_NAME:
        return None
    folded = {_fold(choice): choice for choice in choices}
    near = get_close_matches(_fold(word), folded, n=1, cutoff=_NEARNESS)
    return folded[near[0]] if near else None


def _fold(word: str) -> str:
    return word.casefold().replace("-", "_")


def one_of(names: Collection[str]) -> str:
    """Return ``one of a, b, c``, cut short after a dozen names."""
    listed = ", ".join(islice(names, _LISTED_NAMES))
    more = len(names) - _LISTED_NAMES
    if more > 0:
        return f"one of {listed} and {more} more"
    return f"one of {listed}" if len(names) > 1 else listed


def dotted(path: KeyPath) -> str:
    """Return a path as it is written in messages; list items are counted from 1."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            name = part if _BARE_KEY.fullmatch(part) else show(part)
            text += f".{name}" if text else name
    return text


def printable(text: str) -> str:
    """Return ``text`` with everything a terminal could act on written as an escape."""
    return text if text.isprintable() else "".join(map(_escape, text))


def _escape(character: str) -> str:
    if character.isprintable():
        return character
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(character) or (
        f"\\u{ord(character):04x}" if ord(character) <= 0xFFFF else f"\\U{ord(character):08x}"
    )


def show(value: object) -> str:
    """Return a value as TOML would write it, cut after 40 characters, safe to print."""
    text = ""
    for piece in _pieces(value):
        if len(text) + len(piece) > SHOWN_CHARACTERS:
            return text + ('..."' if isinstance(value, str) else "...")
        text += piece
    return text


def _pieces(value: object) -> Iterator[str]:
    """Yield the text of a value in pieces, lazily, so that a huge value costs nothing."""
    if isinstance(value, Enum):
        value = value.value
    if value is None:
        yield "nothing"
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, str):
        yield from _quoted(value)
    elif isinstance(value, int) and value.bit_length() > 2 * SHOWN_CHARACTERS:
        yield f"a whole number of {value.bit_length()} bits"
    elif isinstance(value, datetime | date | time):
        yield value.isoformat()
    elif isinstance(value, Mapping):
        yield from _braced(value)
    elif isinstance(value, list | tuple):
        yield from _bracketed(value)
    else:
        yield from map(_escape, str(value))


def _quoted(text: str) -> Iterator[str]:
    yield '"'
    for character in text:
        yield f"\\{character}" if character in '"\\' else _escape(character)
    yield '"'


def _braced(table: Mapping[object, object]) -> Iterator[str]:
    yield "{"
    for position, (key, value) in enumerate(table.items()):
        yield ", " if position else ""
        yield from [str(key)] if _BARE_KEY.fullmatch(str(key)) else _quoted(str(key))
        yield " = "
        yield from _pieces(value)
    yield "}"


def _bracketed(items: Iterable[object]) -> Iterator[str]:
    yield "["
    for position, item in enumerate(items):
        yield ", " if position else ""
        yield from _pieces(item)
    yield "]"
