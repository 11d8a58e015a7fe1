"""The rules of reading a file: its values, its lines, and what is refused."""

from __future__ import annotations

import errno
import os
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.scenario.document import (
    MAX_BYTES,
    MAX_DEPTH,
    Document,
    parse_document,
    read_document,
)
from testbed.scenario.errors import ScenarioError

quick = settings(derandomize=True, deadline=None)

STORY = '''\
# a story
title = "t"
about = """
two
lines"""
patient.behaviour.accept = 0.5
patient.cohort = "adults"

[time]
"start" = 06:00:00
'du ration' = "24h"

[[meal]]
at = "12:30"
[[meal]]
at = [
  1,
  # a comment
  {x = 1, y.z = [
    2]},
]
[[meal.part]]
g = 1
[[meal.part]]
g = 2
[meal.sauce]
g = 3

[a.b.c]
"\\u0041" = 1
[a]
d = 1
'''


def refused(text: str) -> str:
    """Return the only problem of a text, as it is told."""
    with pytest.raises(ScenarioError) as caught:
        parse_document(text, "f.toml")
    assert len(caught.value.problems) == 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("title",), 2),
        (("about",), 3),
        (("patient",), 6),
        (("patient", "behaviour", "accept"), 6),
        (("patient", "cohort"), 7),
        (("time",), 9),
        (("time", "start"), 10),
        (("time", "du ration"), 11),
        (("meal",), 13),
        (("meal", 0), 13),
        (("meal", 0, "at"), 14),
        (("meal", 1), 15),
        (("meal", 1, "at"), 16),
        (("meal", 1, "at", 0), 17),
        (("meal", 1, "at", 1), 19),
        (("meal", 1, "at", 1, "y", "z", 0), 20),
        (("meal", 1, "part", 0, "g"), 23),
        (("meal", 1, "part", 1), 24),
        (("meal", 1, "sauce", "g"), 27),
        (("a", "b"), 29),
        (("a", "b", "c", "A"), 30),
        (("a",), 31),
        (("a", "d"), 32),
    ],
)
def test_each_kind_of_key_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    """Dotted, quoted, nested and inline keys and list items have the line they stand on."""
    document = parse_document(STORY, "f.toml")
    assert document.line(path) == line


@pytest.mark.parametrize("path", [("time", "end"), ("time", "start", "x"), ("time", 7)])
def test_a_missing_key_has_the_line_of_its_ancestor(path: tuple[str | int, ...]) -> None:
    """A key that is not there is told at the nearest thing around it that is."""
    expected = 10 if path[1] == "start" else 9
    assert parse_document(STORY, "f.toml").line(path) == expected


def test_values_are_those_of_tomllib() -> None:
    """The values are what the standard library reads."""
    assert parse_document(STORY, "f.toml").data == tomllib.loads(STORY)


def test_a_value_is_found_by_its_path() -> None:
    """A path leads to its value, or to nothing."""
    document = parse_document(STORY, "f.toml")
    assert document.at(("meal", 1, "part", 0, "g")) == 1
    assert document.at(("meal", 9)) is None
    assert document.at(("title", "x")) is None


@pytest.mark.parametrize("change", [("\n", "\r\n"), ("# a story", "\ufeff# a story")])
def test_line_ends_and_byte_order_mark_change_nothing(
    change: tuple[str, str], tmp_path: Path
) -> None:
    """A file from another system reads the same, with the same lines."""
    file = tmp_path / "f.toml"
    file.write_bytes(STORY.replace(*change).encode())
    document = read_document(file)
    assert document.data == tomllib.loads(STORY)
    assert document.line(("meal", 1, "sauce", "g")) == 27
    assert document.name == str(file)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "f.toml:1: expected a scenario, found an empty file"),
        ("# only\n  \n# comments", "f.toml:1: expected a scenario, found an empty file"),
        ("a = 1\nb = \0", "f.toml:2: expected text, found a NUL byte, save the file as UTF-8"),
        ("a = '\ud800'", "f.toml:1: expected UTF-8 text, found half of a surrogate pair"),
        (
            "a = 1\na = 2",
            "f.toml:2: a: expected each key once, found it again, first set on line 1",
        ),
        (
            "[p]\nb.c = 1\n[q]\n[p]",
            "f.toml:4: p: expected each key once, found it again, first set on line 1",
        ),
        (
            "p = {x = 1,\n x = 2}".replace("\n", ""),
            "f.toml:1: p.x: expected each key once, found it again, first set on line 1",
        ),
        ("a = 9223372036854775808", "f.toml:1: a: expected a whole number of at most 64 bits"),
        (
            "a = 0\nb = " + "9" * 5000,
            "f.toml:2: expected TOML, found a number with too many digits",
        ),
        ("a = 1\nb 2", 'f.toml:2: expected a "=" after the key, found "2" at column 3'),
        ("a = 1 b", 'f.toml:1: expected the end of the line, found "b" at column 7'),
        ("a = ten", 'f.toml:1: expected a value such as 10, 0.5, true, "text" or [1, 2]'),
        ('a = "x\nb = 1', "f.toml:1: expected a closing quote, found the end of the line"),
        ("a = [1,\n2", 'f.toml:2: expected a "," or the closing "]" of the list, found the end'),
        ("[a", 'f.toml:1: expected a "]" after the name of the table'),
        ("[[a]", 'f.toml:1: expected a "]]" after the name of the list'),
        ("a = 2022-02-30", "f.toml:1: expected a date or time that exists"),
        ("a = 'x\x1b[31m'", "f.toml:1: expected no control characters"),
    ],
)
def test_a_text_that_is_not_toml_is_told_in_plain_words(text: str, told: str) -> None:
    """What is wrong with the text is told with its line and without jargon."""
    assert refused(text).startswith(told)


@pytest.mark.parametrize(
    "text",
    [
        "a = 1\nb = " + "[" * 100_000,
        "a = 1\nb = " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        "a = 1\nb = " + "{a = " * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1),
        "a = 1\n" + "b." * 500_000 + "c = 1",
        "a = 1\n[" + "'b' . " * 50_000 + '"c"]',
    ],
    ids=["open", "lists", "tables", "dotted", "header"],
)
def test_deep_nesting_is_refused_at_once(text: str) -> None:
    """Nesting that would exhaust a reader is a problem with a line, told without delay."""
    begun = time.monotonic()
    told = refused(text)
    assert told.startswith("f.toml:2: expected tables and lists nested at most 32 deep")
    assert time.monotonic() - begun < 20  # quadratic reading would take hours


def test_nesting_up_to_the_limit_is_read() -> None:
    """Nesting as deep as the limit is fine."""
    text = "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    assert parse_document(f"a = {text}", "f.toml").line(("a",)) == 1


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A file that is not there is a problem, not a traceback."""
    with pytest.raises(ScenarioError, match="found no file of that name"):
        read_document(tmp_path / "none.toml")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    """A directory is not a scenario."""
    with pytest.raises(ScenarioError, match=r"^\S+: expected a scenario file, found a directory$"):
        read_document(tmp_path)


@pytest.mark.parametrize("name", ["a\0b", "n" * 5000], ids=["nul", "long"])
def test_an_impossible_name_is_told(name: str) -> None:
    """A name no file can have is a problem, not a traceback."""
    with pytest.raises(ScenarioError, match="expected a file that can be read"):
        read_document(name)


def test_a_forbidden_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be read is a problem, not a traceback."""
    file = tmp_path / "f.toml"
    file.write_text("a = 1")

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ScenarioError, match="found no permission to read it"):
        read_document(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no fifos")
def test_a_fifo_is_refused_without_waiting(tmp_path: Path) -> None:
    """A fifo nobody writes to is refused instead of waited for."""
    os.mkfifo(tmp_path / "f.toml")
    with pytest.raises(ScenarioError, match="not a regular file"):
        read_document(tmp_path / "f.toml")


def test_a_device_is_refused() -> None:
    """A device, which may never end, is not read."""
    with pytest.raises(ScenarioError, match="not a regular file"):
        read_document(os.devnull)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    """A file of 100 MB is refused by its size, at once."""
    file = tmp_path / "f.toml"
    with file.open("wb") as handle:
        handle.truncate(100_000_000)
    begun = time.monotonic()
    with pytest.raises(ScenarioError, match=r"at most 1 MiB, found 95\.4 MiB"):
        read_document(file)
    assert time.monotonic() - begun < 5


def test_a_file_that_grows_while_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that says it is small and is not is read no further than the limit."""
    file = tmp_path / "f.toml"
    file.write_bytes(b"a" * (MAX_BYTES + 1))
    monkeypatch.setattr("testbed.scenario.document._check_kind", lambda *_: None)
    with pytest.raises(
        ScenarioError, match=r"^\S+: expected a file of at most 1 MiB, found a larger one$"
    ):
        read_document(file)


def test_a_binary_file_names_its_first_bad_line(tmp_path: Path) -> None:
    """A file that is not UTF-8 is refused with the line of the first bad byte."""
    file = tmp_path / "f.toml"
    file.write_bytes(b"a = 1\nb = '\xff'\n\xfe")
    with pytest.raises(ScenarioError, match=r"toml:2: expected UTF-8 text, found the byte 0xff"):
        read_document(file)


@quick
@given(raw=st.binary())
def test_any_bytes_are_read_or_refused(
    raw: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the bytes are, the answer is a document or a ScenarioError."""
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(raw)
    answer(lambda: read_document(file))


TOKENS = ["a", "b", '"c"', "'", '"', '"""', ".", "=", "[", "]", "[[", "]]", "{", "}", ",", "#"]
TOKENS += ["\n", "\r\n", "\r", " ", "1", "-0", "1e9", "inf", "true", "12:10:00", "2022-09-20"]
TOKENS += ["\\u00", "\\", "\ufeff", "\x1b", "a = 1\n", "[[a]]\n", "[a]\n", "[a.b]\n", "{a=[{"]


@quick
@given(st.lists(st.sampled_from(TOKENS)).map("".join))
def test_any_soup_of_toml_is_read_or_refused(text: str) -> None:
    """Whatever the order of TOML's pieces, the answer is a document or a ScenarioError."""
    answer(lambda: parse_document(text, "f.toml"))


def answer(read: Any) -> None:
    """Read, and look at every line that is told."""
    refusal, document = None, None
    try:
        document = read()
    except ScenarioError as error:
        refusal = error
    if refusal is not None:
        assert refusal.problems
        assert str(refusal).replace("\n", "").isprintable()
        return
    assert isinstance(document, Document)
    for path in paths(document.data):
        assert 1 <= document.line(path) <= document.text.count("\n") + 1


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of every key and list item inside a value."""
    if isinstance(value, dict):
        pairs: list[tuple[str | int, Any]] = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    else:
        return [path]
    return [path, *(inner for part, item in pairs for inner in paths(item, (*path, part)))]


def quoted(text: str) -> str:
    """Return text as a TOML string."""
    escaped = "".join(c if c.isalnum() and c.isascii() else f"\\U{ord(c):08x}" for c in text)
    return f'"{escaped}"'


class Writer:
    """Writes a tree of (kind, content) as TOML and keeps where each key was put."""

    def __init__(self) -> None:
        """Start an empty file."""
        self.text = ""
        self.lines: dict[tuple[str | int, ...], int] = {}

    def mark(self, path: tuple[str | int, ...]) -> None:
        """Note that ``path`` stands on the line that is being written."""
        self.lines.setdefault(path, self.text.count("\n") + 1)

    def body(self, table: dict[str, Any], path: tuple[str | int, ...], keys: list[str]) -> None:
        """Write a table's own lines, then the tables inside it."""
        for key, (kind, content) in table.items():
            here = (*path, key)
            if kind == "dotted":
                for inner, value in content.items():
                    self.mark(here)
                    self.mark((*here, inner))
                    self.text += f"{quoted(key)} . {quoted(inner)} = "
                    self.value(value, (*here, inner))
                    self.text += "\n"
            elif kind not in {"table", "tables"}:
                self.mark(here)
                self.text += f"{quoted(key)} = "
                self.value((kind, content), here)
                self.text += "\n\n"
        for key, (kind, content) in table.items():
            names = [*keys, quoted(key)]
            if kind == "table":
                self.mark((*path, key))
                self.text += f"[{'.'.join(names)}]\n"
                self.body(content, (*path, key), names)
            elif kind == "tables":
                for index, item in enumerate(content):
                    self.mark((*path, key))
                    self.mark((*path, key, index))
                    self.text += f"[[{'.'.join(names)}]] # item\n"
                    self.body(item, (*path, key, index), names)

    def value(self, node: tuple[str, Any], path: tuple[str | int, ...]) -> None:
        """Write a value on the right of an equals sign."""
        kind, content = node
        if kind == "list":
            self.text += "[\n"
            for index, item in enumerate(content):
                self.mark((*path, index))
                self.value(item, (*path, index))
                self.text += ", # next\n"
            self.text += "]"
        elif kind == "inline":
            self.text += "{"
            for position, (key, item) in enumerate(content.items()):
                self.text += ", " if position else ""
                self.mark((*path, key))
                self.text += f"{quoted(key)} = "
                self.value(item, (*path, key))
            self.text += "}"
        else:
            self.text += content


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=3)
scalars = st.tuples(
    st.just("scalar"), st.sampled_from(["1", "0.5", "true", '"t"', '"""\n1\n\n"""', "12:10:00"])
)
inline = st.recursive(
    scalars,
    lambda inner: (
        st.tuples(st.just("list"), st.lists(inner, max_size=3))
        | st.tuples(st.just("inline"), st.dictionaries(names, inner, max_size=3))
    ),
    max_leaves=6,
)
bodies = st.recursive(
    st.dictionaries(
        names,
        inline
        | st.tuples(st.just("dotted"), st.dictionaries(names, inline, min_size=1, max_size=2)),
        max_size=3,
    ),
    lambda inner: st.dictionaries(
        names,
        inline
        | st.tuples(st.just("table"), inner)
        | st.tuples(st.just("tables"), st.lists(inner, min_size=1, max_size=3)),
        max_size=3,
    ),
    max_leaves=8,
).filter(bool)


@quick
@given(bodies)
def test_the_lines_are_those_the_writer_used(body: dict[str, Any]) -> None:
    """Every key of a written file is told on the line it was written on."""
    writer = Writer()
    writer.body(body, (), [])
    document = parse_document(writer.text, "f.toml")
    assert set(paths(document.data)) == {(), *writer.lines}
    assert {path: document.line(path) for path in writer.lines} == writer.lines
