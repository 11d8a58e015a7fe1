"""``testbed report``: a study as one page to read, and as tables for a security risk file."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from testbed.cli.guard import CommandError
from testbed.cli.outputs import ShownArms


class ReportFormat(Enum):
    """What a report is written as."""

    HTML = "html"
    CSV = "csv"
    MD = "md"


def report(
    results: Annotated[
        str, typer.Argument(metavar="RESULTS", help="The folder that a study was saved in.")
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
            help="Which study, by the beginning of its key, where the folder has several; the "
            "one that was begun last if left out.",
        ),
    ] = None,
    arms: ShownArms = None,
) -> None:
    """Write the report of a study, from its scenario to the risk that is left.

    The HTML file needs nothing else: no network, no other file.  It says what was simulated, what
    can go wrong, what precautions change and cost, and what the numbers stand on.  The same
    study gives the same bytes.  Some runs are lived again for the pictures.
    """
    from testbed.report.page import Evidence
    from testbed.report.page.bundle import write_html, write_tables
    from testbed.scenario.errors import printable

    evidence = Evidence.read(Path(results), study, arms)
    if not evidence.runs:
        raise CommandError(
            printable(f"{results}: expected a study with a run of every arm, found none")
        )
    name = "report.html" if output is ReportFormat.HTML else "report"
    path = Path(results, name) if out is None else Path(out)
    try:
        if output is ReportFormat.HTML:
            saved = [write_html(evidence, path)]
        else:
            saved = write_tables(evidence, path, "csv" if output is ReportFormat.CSV else "md")
    except OSError as error:
        where = error.filename if isinstance(error.filename, str) else str(path)
        why = (error.strerror or str(error)).lower()
        raise CommandError(
            printable(f"--out: expected a place to write to, found {where}: {why}")
        ) from None
    for note in evidence.study.notes:
        print(printable(note))
    for each in saved:
        print(printable(f"Saved {each}"))
