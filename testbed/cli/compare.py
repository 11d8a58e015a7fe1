"""``testbed compare``: what changed between two studies, and whether surely."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from testbed.cli import complete
from testbed.cli.console import StudyFormat, console, print_json
from testbed.cli.run import chosen


def compare(
    first: Annotated[
        str, typer.Argument(metavar="BEFORE", help="The folder that a study was saved in.")
    ],
    second: Annotated[
        str, typer.Argument(metavar="AFTER", help="The folder of the other; it may be the same.")
    ],
    first_study: Annotated[
        str | None,
        typer.Option(
            "--before",
            metavar="KEY",
            help="Which study of BEFORE, by the beginning of its key; the one begun last if left "
            "out.",
        ),
    ] = None,
    second_study: Annotated[
        str | None,
        typer.Option("--after", metavar="KEY", help="Which study of AFTER, likewise."),
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Which metrics are compared: names with commas between them, or 'all'; those "
            "that tables usually show if left out.",
            autocompletion=complete.metrics,
        ),
    ] = None,
    output: Annotated[
        StudyFormat, typer.Option("--format", help="What is printed on stdout.")
    ] = StudyFormat.TABLE,
) -> None:
    """Say what changed between two studies, and whether surely.

    Compares settings, versions, and the metrics of the arms that both have.  Where the seed is the
    same, replicates are compared one by one; otherwise as independent studies.  P-values are
    corrected by Holm's method over everything that is compared.
    """
    from testbed.outcomes import METRICS
    from testbed.report import comparisons
    from testbed.scenario.errors import printable
    from testbed.study.comparison import compare as compared
    from testbed.study.opened import read_stored

    usual = [name for name, metric in METRICS.items() if not metric.on_request]
    names = usual if metrics is None else chosen(metrics)
    one, two = read_stored(Path(first), first_study), read_stored(Path(second), second_study)
    found = compared(one, two, names)
    if output is StudyFormat.JSON:
        print_json(comparisons.as_json(found))
        return
    if output is StudyFormat.CSV:
        print(comparisons.as_csv(found), end="")
        return
    for line in comparisons.comparison_lines(found):
        print(printable(line))
    print()
    terminal = console()
    terminal.print(comparisons.comparison_table(found, terminal.width))
    print()
    for line in comparisons.comparison_foot(found):
        print(printable(line))
