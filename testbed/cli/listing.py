"""``testbed list``: the names that scenario files may use, and what stands behind them."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from testbed.cli import complete
from testbed.cli.console import Format, console, print_json
from testbed.cli.guard import nearest_name

KINDS: Final = {
    "pairings": "how devices are linked",
    "channels": "how devices speak once linked",
    "mitigations": "precautions, as arms use them",
    "attacks": "steps that an attacker can take",
    "devices": "further devices that a pump can be linked with",
    "therapies": "how a pump's basal follows the sensor",
    "metrics": "what a run is reduced to",
    "sensor-errors": "how far a CGM sensor is off",
    "profiles": "how people behave",
    "places": "where people and attackers can be",
    "models": "glucose-insulin models, and where their people are from",
    "patients": "the virtual patients of every model",
    "assumptions": "every number that is assumed, with its range and source",
}
"""What can be listed, in a few words each."""


def list_names(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="WHAT",
            help=f"One of {', '.join(KINDS)}.",
            autocompletion=complete.lists,
        ),
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = (
        Format.TABLE
    ),
) -> None:
    """List the names that scenario files may use.

    Each comes with what stands behind it.  Without WHAT, say what can be listed.
    """
    if what is None:
        rows = [{"name": name, "about": about} for name, about in KINDS.items()]
    elif what in KINDS:
        from testbed.cli.catalogue import CATALOGUE

        rows = CATALOGUE[what]()
    else:
        raise nearest_name("a list", what, KINDS)
    if output is Format.JSON:
        print_json(rows)
        return
    from testbed.cli.lists import listed

    terminal = console()
    terminal.print(listed(rows, terminal.width))
