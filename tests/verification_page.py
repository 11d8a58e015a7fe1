"""The tables in docs/verification.md, made by the search that they tell of.

When a change of what is found is meant, write them anew from the project's folder::

    python -m tests.verification_page
"""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import Final

from rich.console import Console
from testbed.protocol.vectors import built_in
from testbed.report.verdicts import Findings
from testbed.verification.verify import Row, verify

PAGE: Final = Path(__file__).parents[1] / "docs" / "verification.md"
_MARKED: Final = re.compile(
    r"(<!-- generated: verdicts -->\n).*?(<!-- end of generated -->)", re.DOTALL
)


def found() -> list[Row]:
    """Return what the search finds for the methods that the project has."""
    return verify(method.name for method in built_in())


def written_anew(page: str, rows: list[Row]) -> str:
    """Return the page with its tables made from what was found."""
    out = StringIO()
    Console(file=out, width=80, markup=False, highlight=False).print(Findings(rows).tables())
    text = "\n".join(line.rstrip() for line in out.getvalue().splitlines())
    return _MARKED.sub(lambda marks: f"{marks[1]}```text\n{text}\n```\n{marks[2]}", page)


if __name__ == "__main__":
    PAGE.write_text(written_anew(PAGE.read_text(encoding="utf-8"), found()), encoding="utf-8")
