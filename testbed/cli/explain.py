"""``testbed explain``: one run as a story."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from testbed.cli.console import print_json
from testbed.cli.trace import ArmOption, FileArgument, ReplicateOption, TwinOption


class StoryFormat(Enum):
    """How a story is printed."""

    TEXT = "text"
    JSON = "json"
    MD = "md"


def explain(
    file: FileArgument,
    arm: ArmOption = None,
    replicate: ReplicateOption = 0,
    twin: TwinOption = False,
    output: Annotated[
        StoryFormat, typer.Option("--format", help="Lines to read, JSON, or Markdown.")
    ] = StoryFormat.TEXT,
) -> None:
    """Tell one run as a story, cause by cause.

    Each line stands under the one that led to it.  Routine, such as the readings of the sensor, is
    counted.  At the end stands what came of it, beside the same day without the attacker.
    """
    from testbed.api import load, simulate

    told = simulate(load(file), arm, replicate, attack=not twin).explain()
    if output is StoryFormat.JSON:
        print_json(told.as_json())
    else:
        print(told.text() if output is StoryFormat.TEXT else told.markdown(), end="")
