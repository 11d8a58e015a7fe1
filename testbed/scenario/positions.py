"""On which line of a TOML text each key stands, read off tree-sitter's syntax tree."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import Final

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from testbed.scenario.errors import KeyPath

_TOML: Final = Language(tree_sitter_toml.language())
_KEYS: Final = frozenset({"bare_key", "quoted_key", "dotted_key"})


@dataclass(frozen=True, slots=True)
class Repeat:
    """A key or table that was set a second time.

    Attributes:
        path: Where it stands.
        first: The line, from 1, on which it was first set.
        line: The line, from 1, on which it is set again.
    """

    path: KeyPath
    first: int
    line: int


@dataclass(slots=True)
class Positions:
    """Where the keys of a text stand.

    Attributes:
        lines: The line, from 1, of each key, table and list item.
        repeats: The keys and tables that are set more than once.
    """

    lines: dict[KeyPath, int] = field(default_factory=dict)
    repeats: list[Repeat] = field(default_factory=list)
    _set: set[KeyPath] = field(default_factory=set)
    _counts: dict[KeyPath, int] = field(default_factory=dict)

    def table(self, header: Node, node: Node) -> KeyPath:
        """Note a ``[table]`` and return its path."""
        path = self._resolve((), header)
        self._note(path, node)
        return path

    def item(self, header: Node, node: Node) -> KeyPath:
        """Note an item of ``[[list]]`` and return its path."""
        path = self._resolve((), header, last=False)
        self.lines.setdefault(path, _line(node))
        index = self._counts.get(path, 0)
        self._counts[path] = index + 1
        self.lines[*path, index] = _line(node)
        return (*path, index)

    def pair(self, prefix: KeyPath, key: Node, value: Node | None) -> None:
        """Note a ``key = value`` under ``prefix`` and everything inside the value."""
        path = self._resolve(prefix, key)
        self._note(path, key)
        stack = [(path, value)] if value is not None else []
        while stack:
            path, value = stack.pop()
            if value.type == "array":
                items = [item for item in value.named_children if item.type != "comment"]
                for index, item in enumerate(items):
                    self.lines[*path, index] = _line(item)
                    stack.append(((*path, index), item))
            elif value.type == "inline_table":
                for name, inner in map(_halves, value.named_children):
                    if name is not None:
                        inside = self._resolve(path, name)
                        self._note(inside, name)
                        if inner is not None:
                            stack.append((inside, inner))

    def _resolve(self, prefix: KeyPath, key: Node, *, last: bool = True) -> KeyPath:
        """Return the path of a written key: inside a list it means the newest item."""
        path = prefix
        parts = _parts(key)
        for position, part in enumerate(parts, start=1):
            path = (*path, part)
            if position < len(parts):
                self.lines.setdefault(path, _line(key))
            if path in self._counts and (last or position < len(parts)):
                path = (*path, self._counts[path] - 1)
        return path

    def _note(self, path: KeyPath, node: Node) -> None:
        line = _line(node)
        if path in self._set:
            self.repeats.append(Repeat(path, self.lines[path], line))
        else:
            self._set.add(path)
            self.lines[path] = line


def find_positions(text: str) -> Positions:
    """Return where the keys of a TOML text stand.

    Text that is not TOML gives what can be told of it.
    """
    positions = Positions()
    for node in Parser(_TOML).parse(text.encode()).root_node.named_children:
        if node.type == "pair":
            _pairs(positions, (), [node])
            continue
        if node.type not in {"table", "table_array_element"}:
            continue
        children = node.named_children
        if children and children[0].type in _KEYS:
            note = positions.table if node.type == "table" else positions.item
            _pairs(positions, note(children[0], node), children[1:])
    return positions


def _pairs(positions: Positions, prefix: KeyPath, nodes: list[Node]) -> None:
    for node in nodes:
        key, value = _halves(node)
        if key is not None:
            positions.pair(prefix, key, value)


def _halves(node: Node) -> tuple[Node | None, Node | None]:
    """Return the key and the value of a pair; None for what is not there."""
    if node.type != "pair" or not node.named_children:
        return None, None
    key, *rest = node.named_children
    return (key if key.type in _KEYS else None), (rest[0] if rest else None)


def _parts(key: Node) -> list[str]:
    """Return the parts of a key; dotted keys nest to the left in the syntax tree."""
    parts = []
    stack = [key]
    while stack:
        node = stack.pop()
        if node.type == "dotted_key":
            stack.extend(node.named_children)
        elif node.type in _KEYS:
            parts.append(_name(node))
    return parts[::-1]


def _name(node: Node) -> str:
    text = (node.text or b"").decode("utf-8", "replace")
    if node.type == "quoted_key":
        try:
            return next(iter(tomllib.loads(f"{text} = 0")))
        except ValueError:
            return text
    return text


def _line(node: Node) -> int:
    return node.start_point.row + 1
