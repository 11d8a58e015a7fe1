"""A TOML file as data, and the line on which each key stands.

The values come from the standard library's ``tomllib``; the lines come from tree-sitter's
syntax tree of the same text, which is only built when somebody asks for a line.  Whatever
the bytes are, reading ends in a :class:`Document` or a :class:`ScenarioError`.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NoReturn

from testbed.scenario.errors import KeyPath, Problem, ScenarioError, dotted, show
from testbed.scenario.positions import Positions, find_positions

MAX_BYTES: Final = 1024 * 1024
"""The largest scenario file that is read."""

MAX_DEPTH: Final = 32
"""The deepest nesting of tables and lists that is read."""

_INT64: Final = 2**63
_KEY_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?<![\w\\-]){_KEY_PART}(?:[ \t]*+\.[ \t]*+{_KEY_PART}){{{MAX_DEPTH}}}")
"""A dotted key no scenario needs; tomllib takes quadratic time over such a key."""

_LONG_NUMBER = re.compile(r"[0-9](?:_?[0-9]){40}")
_TOML_ERROR = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_REPEATED = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Cannot redefine", "Duplicate")
_QUOTE: Final = "a closing quote"
_SYNTAX: Final = (
    ("Illegal character '\\n'", _QUOTE),
    ("Illegal character", "no control characters"),
    ("Found invalid character", "no control characters"),
    ("Invalid statement", 'a line such as key = "value", [table] or [[list]]'),
    ("Expected newline", "the end of the line"),
    ("Expected ']]'", 'a "]]" after the name of the list'),
    ("Expected ']'", 'a "]" after the name of the table'),
    ("Expected '='", 'a "=" after the key'),
    ("Expected", _QUOTE),
    ("Unterminated string", _QUOTE),
    ("Unclosed array", 'a "," or the closing "]" of the list'),
    ("Unclosed inline table", 'a "," or the closing "}" of the table'),
    ("Unescaped", "an escape such as \\n, or single quotes around text with a \\"),
    ("Invalid hex", "hexadecimal digits after \\u or \\U"),
    ("Escaped character", "the number of a Unicode character"),
    ("Invalid initial", "a key of letters, digits, _ and -"),
    ("Invalid value", 'a value such as 10, 0.5, true, "text" or [1, 2]'),
    ("Invalid date", "a date or time that exists"),
)


@dataclass(frozen=True)
class Document:
    """A scenario file that was read.

    Attributes:
        name: The file's name as it is shown in messages.
        data: Its tables, lists and values.
        text: Its text, without byte order mark and with plain line ends.
    """

    name: str
    data: dict[str, Any]
    text: str = field(repr=False, default="")

    @cached_property
    def _positions(self) -> Positions:
        return find_positions(self.text)

    def line(self, path: KeyPath) -> int:
        """Return the line, from 1, of the key at ``path`` or of its nearest ancestor."""
        while path:
            line = self._positions.lines.get(path)
            if line is not None:
                return line
            path = path[:-1]
        return 1

    def at(self, path: KeyPath) -> Any:
        """Return the value at ``path``, or None when there is none."""
        return value_at(self.data, path)


def value_at(value: Any, path: KeyPath) -> Any:
    """Return the value at ``path`` inside tables and lists, or None when there is none."""
    for part in path:
        if isinstance(part, int):
            inside = isinstance(value, list) and 0 <= part < len(value)
        else:
            inside = isinstance(value, dict) and part in value
        if not inside:
            return None
        value = value[part]
    return value


def read_document(path: str | os.PathLike[str]) -> Document:
    """Read a scenario file.

    Raises:
        ScenarioError: If it is missing, is not a regular file, may not be read, is larger
            than :data:`MAX_BYTES`, is not UTF-8 or is not TOML.
    """
    name = os.fspath(path)
    try:
        raw = _read(name)
    except ScenarioError:
        raise
    except FileNotFoundError:
        _fail(name, None, "a scenario file", "no file of that name")
    except PermissionError:
        _fail(name, None, "a file that may be read", "no permission to read it")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        _fail(name, None, "a file that can be read", reason.lower())
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{raw[error.start]:02x}"
        _fail(name, line, "UTF-8 text", found, "save the file as UTF-8")
    return parse_document(text, name)


def _read(name: str) -> bytes:
    """Return the bytes of a regular file of at most MAX_BYTES, opening nothing else."""
    _check_kind(name, os.stat(name))
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(name, flags), "rb") as file:
        _check_kind(name, os.fstat(file.fileno()))  # it may have been swapped since
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        _fail(name, None, "a file of at most 1 MiB", "a larger one")
    return raw


def _check_kind(name: str, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        _fail(name, None, "a scenario file", "a directory")
    if not stat.S_ISREG(status.st_mode):
        _fail(name, None, "a scenario file", "something that is not a regular file")
    if status.st_size > MAX_BYTES:
        found = f"{status.st_size / MAX_BYTES:.1f} MiB"
        _fail(name, None, "a file of at most 1 MiB", found)


def parse_document(text: str, name: str) -> Document:
    """Return the document of TOML ``text``; ``name`` is the file's name in messages.

    Raises:
        ScenarioError: If the text is not TOML, holds nothing or is nested too deeply.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    _check_text(text, name)
    try:
        data = tomllib.loads(text)
    except RecursionError:
        _too_deep(name, _deepest_line(text))
    except ValueError as error:
        raise ScenarioError([_syntax_problem(text, name, str(error))]) from None
    if not data:
        _fail(name, 1, "a scenario", "an empty file")
    document = Document(name, data, text)
    _check_values(document)
    return document


def _check_text(text: str, name: str) -> None:
    if (nul := text.find("\0")) >= 0:
        _fail(name, _line_of(text, nul), "text", "a NUL byte", "save the file as UTF-8")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        _fail(name, _line_of(text, error.start), "UTF-8 text", "half of a surrogate pair")
    if match := _LONG_KEY.search(text):
        _too_deep(name, _line_of(text, match.start()))


def _check_values(document: Document) -> None:
    """Refuse deep nesting and numbers beyond 64 bits, which later steps cannot hold."""
    stack: list[tuple[KeyPath, Any]] = [((), document.data)]
    problems = []
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict | list):
            if len(path) > MAX_DEPTH:
                _too_deep(document.name, document.line(path[:MAX_DEPTH]))
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            stack.extend(((*path, part), item) for part, item in pairs)
        elif isinstance(value, int) and not -_INT64 <= value < _INT64:
            expected = "a whole number of at most 64 bits"
            where = (document.name, document.line(path), dotted(path))
            problems.append(Problem(*where, expected, show(value)))
    if problems:
        raise ScenarioError(problems)


def _syntax_problem(text: str, name: str, message: str) -> Problem:
    match = _TOML_ERROR.fullmatch(message)
    if match is None:  # from int(): more digits than Python reads
        number = _LONG_NUMBER.search(text)
        line = _line_of(text, number.start()) if number else 1
        return Problem(name, line, "", "TOML", "a number with too many digits")
    what = match[1]
    if match[2]:
        line, column = int(match[2]), int(match[3])
        rest = text.split("\n")[line - 1][column - 1 :]
        found = f"{show(rest) if rest else 'the end of the line'} at column {column}"
    else:
        line, found = _line_of(text.rstrip(), len(text)), "the end of the file"
    if what.startswith(_REPEATED):
        for again in find_positions(text).repeats:
            if again.line == line:
                found = f"it again, first set on line {again.first}"
                return Problem(name, line, dotted(again.path), "each key once", found)
        return Problem(name, line, "", "each key and table once", found)
    expected = next((says for start, says in _SYNTAX if what.startswith(start)), "TOML")
    return Problem(name, line, "", expected, found, "the file is not valid TOML")


def _line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _deepest_line(text: str) -> int:
    """Return the line on which brackets first stand deeper than MAX_DEPTH, about."""
    depth = 0
    for match in re.finditer(r"[\[\]{}]", text):
        depth += 1 if match[0] in "[{" else -1
        if depth > MAX_DEPTH:
            return _line_of(text, match.start())
    return 1


def _too_deep(name: str, line: int) -> NoReturn:
    expected = f"tables and lists nested at most {MAX_DEPTH} deep"
    _fail(name, line, expected, "deeper ones")


def _fail(
    name: str, line: int | None, expected: str, found: str, hint: str | None = None
) -> NoReturn:
    raise ScenarioError([Problem(name, line, "", expected, found, hint)]) from None
