"""The commands put together."""

from __future__ import annotations

from typing import Annotated

import typer

from testbed import __version__
from testbed.cli.attribution import attribution
from testbed.cli.check import check
from testbed.cli.compare import compare
from testbed.cli.explain import explain
from testbed.cli.export import export
from testbed.cli.fleet import fleet
from testbed.cli.guard import GuardedGroup
from testbed.cli.listing import list_names
from testbed.cli.matrix import matrix
from testbed.cli.new import new
from testbed.cli.report import report
from testbed.cli.run import run
from testbed.cli.schema import schema
from testbed.cli.sensitivity import sensitivity
from testbed.cli.trace import trace
from testbed.cli.verify import verify

app = typer.Typer(
    name="testbed",
    cls=GuardedGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"testbed {__version__}")
        raise typer.Exit


@app.callback()
def _testbed(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    """Simulate attacks on insulin-pump links, and measure what each precaution changes.

    Software only: no radio, no pump, no real product's protocol.  Results are conditional on
    an attack attempt and on the assumptions that `testbed list assumptions` prints.
    """


app.command("run")(run)
app.command("matrix")(matrix)
app.command("new")(new)
app.command("check")(check)
app.command("list")(list_names)
app.command("trace")(trace)
app.command("explain")(explain)
app.command("verify")(verify)
app.command("report")(report)
app.command("sensitivity")(sensitivity)
app.command("attribution")(attribution)
app.command("compare")(compare)
app.command("export")(export)
app.command("fleet")(fleet)
app.command("schema")(schema)
