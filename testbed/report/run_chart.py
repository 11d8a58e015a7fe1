"""What happened in a run, as the arrows and notes of a sequence chart.

Arrows are frames and start at who truly sent them.  Frames that led to nothing that is told, such
as the readings of a quiet day, are left out and counted.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from testbed.attacks import NODE
from testbed.protocol.frames import (
    BROADCAST,
    HEADER_BYTES,
    PAIRING,
    FrameError,
    decode_header,
)
from testbed.protocol.pairings import decode_message
from testbed.report.sentences import is_counted
from testbed.report.story import clock_of
from testbed.report.traces import describe, who
from testbed.trace import NO_CAUSE, FrameOverheard, FrameSent, RunStarted, Trace
from testbed.verification.story import Line

_PUMP: Final = "pump"
_ORDER: Final = ("wearer", "cgm", "usb", "meter", NODE, _PUMP)
"""Lifelines from left to right; others stand before them."""


class Chart(NamedTuple):
    """A chart.

    Attributes:
        lifelines: Who takes part, from left to right.
        lines: What happened, in order.
    """

    lifelines: tuple[str, ...]
    lines: tuple[Line, ...]


def chart_of(trace: Trace) -> Chart:
    """Return the chart of a run."""
    start = next((event.start_us for _, event in trace.of(RunStarted)), 0)
    nodes = addresses(trace)
    heard = {event.cause for _, event in trace.of(FrameOverheard)}
    shown = _leading(trace)
    lines: list[Line] = []
    left_out = 0
    for position, event in enumerate(trace):
        clock = clock_of(event.t, start)
        if isinstance(event, FrameSent):
            if position not in shown:
                left_out += 1
                continue
            line = _frame(event, nodes, f"{clock} ", position in heard)
        elif isinstance(event, RunStarted) or is_counted(trace, position):
            continue
        else:
            line = Line(who(event), None, f"{clock} {describe(event)}")
        if not lines or lines[-1] != line:
            lines.append(line)
    if left_out:
        said = "frame is" if left_out == 1 else "frames are"
        lines.append(Line(_PUMP, None, f"{left_out} {said} left out, which led to nothing here"))
    there = {name for line in lines for name in (line.at, line.to) if name is not None}
    order = (*sorted(there - set(_ORDER)), *(name for name in _ORDER if name in there))
    return Chart(order, tuple(lines))


def addresses(trace: Trace) -> dict[bytes, str]:
    """Return whose address is which, as the devices' own frames tell it."""
    found: dict[bytes, str] = {}
    for _, event in trace.of(FrameSent):
        if event.node != NODE:
            try:
                found[decode_header(event.data)[1]] = event.node
            except FrameError:
                continue
    return found


def _leading(trace: Trace) -> set[int]:
    """Return the frames of linkings, those of the attacker, and those that led to what is told."""
    shown: set[int] = set()
    for position, event in enumerate(trace):
        if isinstance(event, FrameSent):
            if event.node == NODE or event.data[1:2] == bytes([PAIRING]):
                shown.add(position)
            continue
        if is_counted(trace, position):
            continue
        while (position := trace.events[position].cause) != NO_CAUSE:
            if isinstance(trace.events[position], FrameSent):
                shown.add(position)
    return shown


def _frame(event: FrameSent, nodes: dict[bytes, str], clock: str, heard: bool) -> Line:
    try:
        kind, source, destination, counter = decode_header(event.data)
    except FrameError:
        return Line(event.node, None, f"{clock}sends {len(event.data)} bytes that are no frame")
    text = f"{clock}{_body(event.data) if kind == PAIRING else f'data, counter {counter}'}"
    claimed = nodes.get(source)
    if claimed != event.node:
        text += f", claims to be the {claimed or source.hex()}"
    if heard:
        text += ", overheard"
    to = _PUMP if destination == BROADCAST else nodes.get(destination)
    if to is None or to == event.node:
        return Line(event.node, None, f"{text}, to {destination.hex()}")
    return Line(event.node, to, text)


def _body(data: bytes) -> str:
    try:
        method, message = decode_message(data[HEADER_BYTES:])
    except FrameError:
        return "a linking that makes no sense"
    return f"{method.name}: {message.kind}"
