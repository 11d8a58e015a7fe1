"""Where a setting is read: the modules that take an attribute of its name."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

import testbed

_ROOMS: Final = (
    *("physiology", "protocol", "radio", "devices", "people", "attacks", "world"),
    "outcomes",
)
"""The rooms in which a run is made and judged; the rooms above only hand settings on."""


def readers(names: Collection[str]) -> Mapping[str, list[str]]:
    """Return for each name the modules, such as ``people/dosing``, that read it as an attribute.

    Read off the source, so that it cannot fall behind it.  A module that reads another thing
    of the same name is listed too.

    Args:
        names: Last parts of the settings' dotted keys.
    """
    wanted, found = set(names), defaultdict[str, list[str]](list)
    for package in testbed.__path__:
        for room in _ROOMS:
            for path in sorted(Path(package, room).rglob("*.py")):
                module = path.relative_to(package).with_suffix("").as_posix()
                for name in sorted(_attributes(path) & wanted):
                    found[name].append(module)
    return found


def _attributes(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    texts = {
        node.args[1].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "getattr"
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
        and isinstance(node.args[1].value, str)
    }
    return read | texts
