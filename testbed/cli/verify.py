"""``testbed verify``: which attacks on the pairing methods and channels exist at all."""

from __future__ import annotations

from typing import Annotated

import typer

from testbed.cli.console import Format, console, print_json
from testbed.cli.guard import nearest_name
from testbed.cli.progress import Bar


def verify(
    methods: Annotated[
        list[str] | None,
        typer.Argument(metavar="[METHOD]...", help="Pairing methods; all if left out."),
    ] = None,
    sessions: Annotated[
        int,
        typer.Option(metavar="N", min=1, max=4, help="How many times the same devices are linked."),
    ] = 2,
    ability: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="What the attacker can do while devices pair; may be given more than once. "
            "All if left out.",
        ),
    ] = None,
    states: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, help="How many states each search looks at before it gives up."
        ),
    ] = 100_000,
    charts: Annotated[
        bool, typer.Option(help="Print every attack as a sequence chart, below the tables.")
    ] = True,
    output: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = (
        Format.TABLE
    ),
) -> None:
    """Search everything an attacker could do while devices pair, and on the link afterwards.

    Runs the simulator's own pairing methods and channels on symbolic values, with an attacker
    who hears, drops, replays, reorders, makes up and relays messages.  Says what holds, what is
    broken and by which shortest attack; a search that was cut short says "not exhausted".
    """
    from testbed.protocol.pairings import PAIRINGS
    from testbed.report.verdicts import Findings
    from testbed.verification.abilities import ABILITIES
    from testbed.verification.verify import verify as look

    for kind, given, known in (
        ("a pairing method", methods, PAIRINGS),
        ("an ability", ability, ABILITIES),
    ):
        for name in given or ():
            if name not in known:
                raise nearest_name(kind, name, known)
    with Bar(1) as bar:
        found = Findings(
            look(
                dict.fromkeys(methods or PAIRINGS),
                dict.fromkeys(ability or ABILITIES),
                sessions=sessions,
                most_states=states,
                progress=bar,
            )
        )
    if output is Format.JSON:
        print_json(found.as_json())
        return
    terminal = console()
    terminal.print(found.tables())
    for chart in found.charts() if charts else ():
        print(f"\n{chart}", end="")
