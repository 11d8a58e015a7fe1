"""``testbed trace``: one run, event by event."""

from __future__ import annotations

import sys
from enum import Enum
from typing import Annotated

import typer


class TraceFormat(Enum):
    """How a trace is printed."""

    TEXT = "text"
    JSONL = "jsonl"


FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="A scenario file (TOML).")]
ArmOption = Annotated[
    str | None,
    typer.Option(metavar="ARM", help="Which arm of the study; the baseline if left out."),
]
ReplicateOption = Annotated[
    int,
    typer.Option(metavar="R", min=0, max=9_999_999, help="Which person and which dice, from 0."),
]
TwinOption = Annotated[bool, typer.Option("--twin", help="The same run without the attacker.")]


def trace(
    file: FileArgument,
    arm: ArmOption = None,
    replicate: ReplicateOption = 0,
    twin: TwinOption = False,
    output: Annotated[
        TraceFormat,
        typer.Option("--format", help="Lines to read, or JSON Lines with the series at the end."),
    ] = TraceFormat.TEXT,
) -> None:
    """Print one run, event by event.

    A line has the event's number, the clock, who, what, and the number of the event that led to
    it.  Frames show sender, length, addresses (source > destination) and the body's first bytes.
    """
    from testbed.api import load, simulate
    from testbed.report.traces import trace_lines

    run = simulate(load(file), arm, replicate, attack=not twin)
    if output is TraceFormat.JSONL:
        sys.stdout.write(run.trace.jsonl().decode())
        return
    for line in trace_lines(run.trace):
        print(line)
