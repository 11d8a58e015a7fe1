"""``testbed schema``: the JSON Schema of scenario files."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from testbed.cli.guard import CommandError


class SchemaFormat(Enum):
    """How the keys of scenario files are described."""

    JSON = "json"
    MD = "md"


def schema(
    output: Annotated[
        SchemaFormat,
        typer.Option("--format", help="A JSON Schema for programs, or a page in Markdown."),
    ] = SchemaFormat.JSON,
    out: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The file to write; stdout if left out."),
    ] = None,
) -> None:
    """Print the JSON Schema of scenario files, or write it for an editor.

    It says what each key means, its type, its range and its default; keys that are assumptions
    also have their unit and source.  What one key demands of another, `testbed check` knows.
    An editor that knows TOML takes it from a first line `#:schema ./FILE`, as `testbed new` has it.
    """
    if output is SchemaFormat.MD:
        from testbed.scenario.reference import reference

        text = reference()
    else:
        text = json.dumps(scenario_schema(), indent=2, allow_nan=False) + "\n"
    if out is None:
        print(text, end="")
        return
    from testbed.scenario.errors import printable

    try:
        Path(out).write_text(text, encoding="utf-8")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise CommandError(
            printable(f"--out: expected a file to write, found {out}: {why}")
        ) from None


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files as plain data."""
    from testbed.scenario import Scenario

    told = Scenario.model_json_schema(by_alias=True, mode="validation")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of the pump-link testbed",
    }
    return {**head, **{key: value for key, value in told.items() if key != "title"}}
