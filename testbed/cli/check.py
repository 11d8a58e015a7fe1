"""``testbed check``: is a scenario file right?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from testbed.cli.guard import WRONG, complain

if TYPE_CHECKING:
    from testbed.scenario import Scenario


def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Scenario files (TOML).")],
) -> None:
    """Check scenario files, and tell everything that is wrong with each.

    Exit code 2 if any file is wrong.
    """
    from testbed.api import load
    from testbed.scenario import ScenarioError
    from testbed.scenario.errors import printable

    wrong = False
    for file in files:
        try:
            scenario = load(file)
        except ScenarioError as error:
            complain(str(error).splitlines())
            wrong = True
        else:
            print(printable(f"{file}: ok ({_summary(scenario)})"))
    if wrong:
        raise typer.Exit(WRONG)


def _summary(scenario: Scenario) -> str:
    from testbed.mitigations import arms_of
    from testbed.units import format_duration

    steps = 0 if scenario.attacker is None else len(scenario.attacker.step)
    return ", ".join(
        (
            format_duration(scenario.time.duration),
            f"{_count(len(arms_of(scenario.study)), 'arm')} of "
            f"{'' if scenario.study.precision is None else 'at most '}"
            f"{_count(scenario.study.replicates, 'replicate')}",
            _count(steps, "attack step"),
            _count(len(scenario.expect), "expectation"),
        )
    )


def _count(number: int, thing: str) -> str:
    return f"{number or 'no'} {thing}{'' if number == 1 else 's'}"
