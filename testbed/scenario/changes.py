"""TOML values with some of them changed."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any


def with_changes(written: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return TOML values with some of them changed; what is not changed is shared, not copied.

    Args:
        written: The values, by section.
        changes: New values by dotted key.

    Raises:
        TypeError: If a key leads through something that is no table.
    """
    changed = dict(written)
    touched = {dotted.partition(".")[0] for dotted in changes}
    changed.update((key, copy.deepcopy(changed[key])) for key in touched if key in changed)
    for dotted, value in changes.items():
        *tables, key = dotted.split(".")
        table = changed
        for each in tables:
            if isinstance(table.get(each), str):  # a name that stands for its table
                table[each] = {"name": table[each]}
            table = table.setdefault(each, {})
            if not isinstance(table, dict):
                raise TypeError(f"{dotted}: expected a table, found {table!r}")
        table[key] = copy.deepcopy(value)
    return changed
