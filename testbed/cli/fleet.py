"""``testbed fleet``: what reports of an attack do for others, and when."""

from __future__ import annotations

from typing import Annotated

import typer

from testbed.cli.outputs import ShownArms


def fleet(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A scenario file with an attacker.")],
    replicates: Annotated[
        int | None, typer.Option(min=2, help="How many replicates, instead of the file's.")
    ] = None,
    arms: ShownArms = None,
) -> None:
    """Say when a maker would be aware of such attacks, and how many wearers too late.

    Runs the scenario's study, counts who notices the attack, and goes on by the assumptions of
    patient.behaviour.reports, report_after_h and [fleet].  On average over many wearers; what
    reporting does for the one who reports is nothing, exactly.
    """
    from rich import box
    from rich.table import Table

    from testbed.api import load
    from testbed.cli.console import console
    from testbed.mitigations import arms_of
    from testbed.study import run_study
    from testbed.study.fleet import fleet_of
    from testbed.study.shown import left_out, names_in

    scenario = load(file)
    if replicates is not None:
        scenario = scenario.patched({"study.replicates": replicates})
    if arms is not None:
        names_in(arms, arms_of(scenario.study))
    table = Table("arm", box=box.SIMPLE, show_edge=False, pad_edge=False)
    for head in ("reported", "cases until aware", "days until aware", "cases until changed"):
        table.add_column(head, justify="right")
    study = run_study(scenario)
    if arms is not None:
        study = study.show(arms)
    for arm, found in fleet_of(study, scenario).items():
        numbers = (found.cases, found.days, found.cases_before_change)
        shown = ["never" if each is None else f"{each:.1f}" for each in numbers]
        table.add_row(arm, f"{100 * found.reported:.0f} %", *shown)
    console().print(table)
    for line in left_out(study):
        print(line)
    print(
        "Under the assumptions of [fleet], conditional on attacks that go on; not an incidence.\n"
        "Effect on the wearer who reports: 0, exactly."
    )
