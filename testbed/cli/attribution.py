"""``testbed attribution``: how much of the effect of all precautions each of them has."""

from __future__ import annotations

from typing import Annotated

import typer

from testbed.cli.console import Format, console, print_json
from testbed.cli.guard import CommandError


def attribution(
    results: Annotated[
        str, typer.Argument(metavar="RESULTS", help="The folder that a study was saved in.")
    ],
    metrics: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Which metrics: names with commas between them; the usual ones if left out.",
        ),
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = (
        Format.TABLE
    ),
    study: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Which study, by the beginning of its key."),
    ] = None,
) -> None:
    """Divide the effect of all mitigations of a full factorial among them.

    Shares are Shapley's: what a mitigation adds when it is taken, on average over every order in
    which they could be taken.  The study must have an arm for every combination of its
    mitigations, as a full design of [study.factors] has.
    """
    from testbed.cli.run import chosen
    from testbed.study import open_study
    from testbed.study.attribution import attributions
    from testbed.study.methods import SHAPLEY

    found = open_study(results, study)
    if found.game is None:
        raise CommandError(
            "expected a study with an arm for every combination of two mitigations or more, "
            f"found {len(found.arms)} arms",
            '(in the scenario file: [study.factors] design = "full", mitigations = ["@advice"])',
        )
    names = None if metrics is None else chosen(metrics)
    if output is Format.JSON:
        told = found.attributions if names is None else attributions(found, found.game, names)
        print_json(
            {
                "mitigations": list(found.game.players),
                "method": SHAPLEY,
                "of": [each.as_json() for each in told],
            }
        )
        return
    from testbed.report.shares import AttributionTable, sides_of

    terminal = console()
    for side in sides_of(found):
        terminal.print(AttributionTable(found, side, names))
    for note in found.notes:
        print(note)
