"""``testbed report``: a study as one page to read, and as tables for a security risk file."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from testbed.cli.guard import CommandError
from testbed.cli.outputs import ShownArms

if TYPE_CHECKING:
    from testbed.report.page import Document


class ReportFormat(Enum):
    """What a report is written as."""

    HTML = "html"
    CSV = "csv"
    MD = "md"


def report(
    results: Annotated[
        str,
        typer.Argument(
            metavar="RESULTS",
            help="The folder that a study was saved in, or that of `testbed matrix`.",
        ),
    ],
    output: Annotated[
        ReportFormat,
        typer.Option(
            "--format",
            help="One HTML file with everything in it, or its tables: a folder of CSV files, or of "
            "one Markdown file.",
        ),
    ] = ReportFormat.HTML,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="The HTML file, or the folder of tables, to write; RESULTS/report.html or "
            "RESULTS/report if left out.",
        ),
    ] = None,
    study: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help="Which study, by the beginning of its key, where the folder has several; if left "
            "out, the matrix where the folder has one, and else the study that was begun last.",
        ),
    ] = None,
    arms: ShownArms = None,
) -> None:
    """Write the report of a study, from its scenario to the risk that is left, or of a matrix.

    The HTML file needs nothing else: no network, no other file.  It says what was simulated, what
    can go wrong, what precautions change and cost, and what the numbers stand on.  The same
    study gives the same bytes.  Some runs are lived again for the pictures.  A sensitivity sweep
    that lies beside a study is shown with it.
    """
    from testbed.report.page.bundle import write_html, write_tables
    from testbed.scenario.errors import printable

    document, notes = _document(Path(results), study, arms, drawn=output is ReportFormat.HTML)
    name = "report.html" if output is ReportFormat.HTML else "report"
    path = Path(results, name) if out is None else Path(out)
    try:
        if output is ReportFormat.HTML:
            saved = [write_html(document, path)]
        else:
            saved = write_tables(document, path, "csv" if output is ReportFormat.CSV else "md")
    except OSError as error:
        where = error.filename if isinstance(error.filename, str) else str(path)
        why = (error.strerror or str(error)).lower()
        raise CommandError(
            printable(f"--out: expected a place to write to, found {where}: {why}")
        ) from None
    for note in notes:
        print(printable(note))
    for each in saved:
        print(printable(f"Saved {each}"))


def _document(
    folder: Path, key: str | None, arms: str | None, *, drawn: bool
) -> tuple[Document, tuple[str, ...]]:
    """Return the report of a folder, with what is to be said of its study beside it."""
    from testbed.report.page import Evidence, KeptMatrix, document_of, matrix_document
    from testbed.scenario.errors import printable
    from testbed.study.kept_sweep import FILE

    kept = KeptMatrix.read(folder) if key is None else None
    if kept is not None:
        return matrix_document(kept, drawn=drawn), ()
    if key is None and (folder / FILE).is_file():
        raise CommandError(
            printable(f"{folder}: expected the folder of a study, found that of a sweep of it"),
            printable(f"(testbed report {folder.parent} shows the sweep with its study)"),
        )
    evidence = Evidence.read(folder, key, arms)
    if not evidence.runs:
        raise CommandError(
            printable(f"{folder}: expected a study with a run of every arm, found none")
        )
    return document_of(evidence, drawn=drawn), evidence.study.notes
