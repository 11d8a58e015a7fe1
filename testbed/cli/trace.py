"""``testbed trace``: one run, event by event."""

from __future__ import annotations

import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from testbed.cli import complete
from testbed.cli.guard import CommandError

if TYPE_CHECKING:
    from testbed.api import Run


class TraceFormat(Enum):
    """How a trace is printed."""

    TEXT = "text"
    JSONL = "jsonl"
    CHART = "chart"
    MERMAID = "mermaid"
    SVG = "svg"
    PCAPNG = "pcapng"


FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="A scenario file (TOML).")]
ArmOption = Annotated[
    str | None,
    typer.Option(
        metavar="ARM",
        help="Which arm of the study; the baseline if left out.",
        autocompletion=complete.arms,
    ),
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
        typer.Option(
            "--format",
            help="Lines to read; JSON Lines with the series at the end; a sequence chart in "
            "characters, for Mermaid or as SVG; or the frames as a capture for Wireshark.",
        ),
    ] = TraceFormat.TEXT,
    out: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The file to write; stdout if left out."),
    ] = None,
) -> None:
    """Print one run, event by event.

    A line has the event's number, the clock, who, what, and the number of the event that led to
    it.  Frames show sender, length, addresses (source > destination) and the body's first bytes.
    Charts leave out the frames that led to nothing.  docs/traces.md has more.
    """
    from testbed.api import load, simulate

    run = simulate(load(file), arm, replicate, attack=not twin)
    data = _told(run, output)
    if out is not None:
        _write(Path(out), data)
    elif output is TraceFormat.PCAPNG:
        if sys.stdout.isatty():
            raise CommandError(
                "--format pcapng: expected a file or a pipe, found a terminal",
                "(--out FILE writes a file)",
            )
        sys.stdout.buffer.write(data)
    else:
        sys.stdout.write(data.decode())


def _told(run: Run, output: TraceFormat) -> bytes:
    from testbed.report.run_chart import chart_of
    from testbed.report.sequence import mermaid_chart, svg_chart, text_chart
    from testbed.report.traces import trace_lines
    from testbed.version import VERSION

    trace = run.trace
    if output is TraceFormat.JSONL:
        return trace.jsonl()
    twin = "" if run.attack else ", without the attacker"
    title = f"{run.scenario.title}: {run.arm}, replicate {run.replicate}{twin}"
    if output is TraceFormat.PCAPNG:
        from testbed.report.pcapng import pcapng

        return pcapng(trace, f"pump-link-testbed {VERSION}", f"Simulated. {title}")
    if output is TraceFormat.TEXT:
        return "".join(f"{line}\n" for line in trace_lines(trace)).encode()
    chart = chart_of(trace)
    if output is TraceFormat.SVG:
        return svg_chart(chart.lines, chart.lifelines, title).encode()
    draw = mermaid_chart if output is TraceFormat.MERMAID else text_chart
    return f"{draw(chart.lines, chart.lifelines)}\n".encode()


def _write(path: Path, data: bytes) -> None:
    from testbed.scenario.errors import printable

    try:
        path.write_bytes(data)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise CommandError(
            printable(f"--out: expected a file to write, found {path}: {why}")
        ) from None
