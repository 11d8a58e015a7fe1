"""``testbed new``: a scenario to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from testbed.cli.guard import CommandError


def new(
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="The file to write; it must not exist yet.")
    ] = "scenario.toml",
) -> None:
    """Write a scenario to start from, complete and with comments.

    It runs as it is.  What the comments say of a key is what the schema says.
    """
    from testbed.scenario.errors import printable
    from testbed.scenario.starter import SCHEMA_FILE, starter

    path = Path(file)
    try:
        with path.open("x", encoding="utf-8") as out:
            out.write(starter())
    except FileExistsError:
        raise CommandError(
            printable(f"{path}: expected the name of a new file, found one that is there"),
            "(it is left as it is)",
        ) from None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise CommandError(printable(f"{path}: expected a file to write, found: {why}")) from None
    schema = path.with_name(SCHEMA_FILE)
    print(printable(f"Wrote {path}.  Next: testbed run {path}"))
    if not schema.exists():
        print(printable(f"To complete keys in an editor: testbed schema --out {schema}"))
