"""``testbed export``: every run of a study, for other programs."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from testbed.cli.guard import CommandError


class ExportFormat(Enum):
    """What a study is exported as."""

    CSV = "csv"
    PARQUET = "parquet"


def export(
    results: Annotated[
        str, typer.Argument(metavar="RESULTS", help="The folder that a study was saved in.")
    ],
    output: Annotated[
        ExportFormat, typer.Option("--format", help="The file's format; Parquet needs an extra.")
    ] = ExportFormat.CSV,
    out: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The file to write; RESULTS/runs.<format> if left out."),
    ] = None,
    study: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help="Which study, by the beginning of its key, where the folder has several; the "
            "one that was begun last if left out.",
        ),
    ] = None,
) -> None:
    """Write every run of a study to a file: one row a replicate and arm.

    Columns are arm, replicate, patient, each metric of the attacked run, and each of its twin
    as twin_ and its name.  A study that still runs, or was interrupted, gives the replicates
    that every arm has.
    """
    from testbed.scenario.errors import printable
    from testbed.study import open_study
    from testbed.study.frames import write_csv, write_parquet

    found = open_study(results, study)
    path = Path(results, f"runs.{output.value}") if out is None else Path(out)
    try:
        (write_csv if output is ExportFormat.CSV else write_parquet)(found, path)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise CommandError(
            printable(f"--out: expected a file to write, found {path}: {why}")
        ) from None
    for note in found.notes:
        print(note)
    print(printable(f"Saved {len(found.rows)} runs of {found.scenario} in {path}"))
