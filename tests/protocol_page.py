"""The tables in docs/protocol.md, made from the code that they describe.

When a change of the layout is meant, write them anew from the project's folder::

    python -m tests.protocol_page

With ``--check`` nothing is written, and the exit code says whether the tables still hold.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from struct import Struct
from typing import Any, Final

from testbed.protocol.frames import DATA, HEADER_BYTES, MAX_BODY_BYTES, PAIRING, VERSION
from testbed.protocol.payloads import Payload, Status
from testbed.protocol.vectors import EXAMPLES, built_in

PAGE: Final = Path(__file__).parents[1] / "docs" / "protocol.md"
HEADER_FIELDS: Final = (
    ("version", 1, f"{VERSION}"),
    ("kind", 1, f"{PAIRING} in a pairing frame, {DATA} in a data frame"),
    ("source", 4, "address that the frame claims to be from"),
    ("destination", 4, "address that it is for; `ffffffff` for everyone"),
    ("counter", 4, "0 in a pairing frame; the sender's counter in a data frame"),
)
"""Fields of a header in their order: name, bytes, meaning."""
_MARKED: Final = re.compile(
    r"(<!-- generated: (\w+) -->\n).*?(<!-- end of generated -->)", re.DOTALL
)


def _table(*rows: tuple[Any, ...]) -> str:
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


def _frame() -> str:
    rows: list[tuple[Any, ...]] = []
    start = 0
    for name, size, meaning in HEADER_FIELDS:
        place = start if size == 1 else f"{start} to {start + size - 1}"
        rows.append((place, name, size, meaning))
        start += size
    body = (f"{HEADER_BYTES} on", "body", f"0 to {MAX_BODY_BYTES}", "see below")
    return _table(("bytes", "field", "length", "what it holds"), *rows, body)


def field_sizes(kind: type[Payload]) -> dict[str, int]:
    """Return the fields of a payload, with their bytes, in the order on the air."""
    letters = re.findall(r"\d*[A-Za-z]", str(kind.LAYOUT.format))
    sizes = (Struct(f">{letter}").size for letter in letters)
    return dict(zip(kind.__struct_fields__, sizes, strict=True))


def _payloads() -> str:
    rows: list[tuple[Any, ...]] = []
    for kind in sorted({type(each) for each in EXAMPLES}, key=lambda each: each.CODE):
        sizes = field_sizes(kind)
        fields = ", ".join(f"`{name}` {size}" for name, size in sizes.items()) or "none"
        says = re.sub(r":class:|`", "", (kind.__doc__ or "").partition("\n")[0])
        rows.append((kind.CODE, f"`{kind.__name__}`", fields, 1 + sum(sizes.values()), says))
    return _table(("code", "payload", "fields and their bytes", "length", "meaning"), *rows)


def _statuses() -> str:
    rows = ((int(each), each.name.lower().replace("_", "-")) for each in Status)
    return _table(("status", "meaning"), *rows)


def _messages() -> str:
    rows = [
        (method.code, f"`{method.name}`", index, f"`{kind}`", " + ".join(map(str, sizes)))
        for method in built_in()
        for index, (kind, sizes) in enumerate(method.layout.items())
    ]
    return _table(("code", "method", "index", "message", "bytes of its fields"), *rows)


TABLES: Final[dict[str, Callable[[], str]]] = {
    "frame": _frame,
    "payloads": _payloads,
    "statuses": _statuses,
    "messages": _messages,
}
"""How each table is made, by its name in the page's markers."""


def written_anew(page: str) -> str:
    """Return a page with what stands between its ``generated`` markers made from the code."""
    return _MARKED.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n\n{found[3]}", page)


def names(page: str) -> list[str]:
    """Return the names of the tables that a page marks."""
    return [found[2] for found in _MARKED.finditer(page)]


def main() -> int:
    """Write the tables, or check them."""
    page = PAGE.read_text("utf-8")
    wanted = written_anew(page)
    if "--check" in sys.argv:
        return int(page != wanted)
    PAGE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
