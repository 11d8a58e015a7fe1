"""A report as files: one page, or its tables for a security risk file that is kept elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from testbed.report.page.document import Document
from testbed.report.page.html import html_page
from testbed.report.page.sheet import plain
from testbed.report.tables import CONDITIONAL
from testbed.study.manifest import write_whole

Tables = Literal["csv", "md"]


def write_html(document: Document, path: Path) -> Path:
    """Write a report as one HTML file and return its path.

    Raises:
        OSError: If it cannot be written; an older one is then as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, html_page(document))
    return path


def write_tables(document: Document, folder: Path, form: Tables) -> list[Path]:
    """Write every table of a report into a folder and return the paths.

    CSV has a file for each table, named for its place in the report; Markdown is one file.

    Args:
        document: The report.
        folder: The folder, made if it is not there.
        form: ``csv`` or ``md``.

    Raises:
        OSError: If a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sheets = document.sheets
    if form == "md":
        head = [f"# {plain(document.title)}", "", f"Results are {CONDITIONAL}.", ""]
        said = [f"- {plain(line)}" for line in document.findings]
        texts: Sequence[tuple[str, str]] = [
            ("tables.md", "\n".join([*head, *said, "", *(each.as_markdown() for each in sheets)]))
        ]
    else:
        texts = [
            (f"{number:02}_{each.name}.csv", each.as_csv())
            for number, each in enumerate(sheets, start=1)
        ]
    paths = []
    for name, text in texts:
        write_whole(folder / name, text)
        paths.append(folder / name)
    return paths
