"""A trace as text: one line an event, for people.

A line has the event's number, the clock, who, what, and the number of the event that led to
it.  Frames show what anybody on the air can read: length, addresses, and the body's first bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from testbed.attacks import NODE
from testbed.protocol.frames import HEADER_BYTES, PAIRING, FrameError, decode_header
from testbed.protocol.pairings import decode_message
from testbed.scenario.errors import printable
from testbed.trace import (
    NO_CAUSE,
    Acted,
    Alerted,
    Attacked,
    BasalChanged,
    BasalDelivered,
    BolusEnded,
    BolusHeld,
    BolusStarted,
    CommandAccepted,
    CommandRefused,
    Doubted,
    Event,
    ExtraDelivered,
    FrameLost,
    FrameOverheard,
    FrameRefused,
    FrameSent,
    Jammed,
    Linked,
    Moved,
    Noticed,
    PairingFailed,
    PairingOpened,
    ReadingStored,
    RunStarted,
    SettingChanged,
    Trace,
)
from testbed.units import US_PER_HOUR, US_PER_MIN, US_PER_MS, US_PER_S, format_clock, to_units

_SHOWN_BYTES: Final = 8
_OF_THE_PUMP: Final = (
    *(ReadingStored, BolusStarted, BolusEnded, BolusHeld),
    *(BasalDelivered, ExtraDelivered, BasalChanged, SettingChanged),
)
_WHO: Final = ("node", "who", "device")


def trace_lines(trace: Trace) -> Iterator[str]:
    """Yield one printable line for each event of a trace, without line ends."""
    start = next((event.start_us for _, event in trace.of(RunStarted)), 0)
    clocks = [format_clock(event.t, start) for event in trace]
    people = [who(event) for event in trace]
    digits = len(str(max(len(clocks) - 1, 0)))
    clock_width, who_width = (max(map(len, each), default=0) for each in (clocks, people))
    for position, event in enumerate(trace):
        number = f"#{position}".rjust(digits + 1)
        clock = clocks[position].ljust(clock_width)
        node = people[position].ljust(who_width)
        because = f"  (from #{event.cause})" if event.cause != NO_CAUSE else ""
        yield printable(f"{number}  {clock}  {node}  {describe(event)}{because}")


def who(event: Event) -> str:
    """Return the name of who an event is of."""
    if isinstance(event, Attacked):
        return NODE
    if isinstance(event, _OF_THE_PUMP):
        return "pump"
    return next((str(getattr(event, name)) for name in _WHO if hasattr(event, name)), "run")


def describe(event: Event) -> str:  # noqa: PLR0912 - one case for each kind of event
    """Return what happened, to go after the name of who did it."""
    match event:
        case RunStarted():
            return (
                f"starts: {event.patient}, {event.minutes} min, "
                f"{event.carb_ratio_g_per_U:g} g/U, "
                f"{event.correction_factor_mgdl_per_U:.3g} mg/dL per U"
            )
        case Moved(place=place):
            return f"is now at: {place}"
        case FrameSent(data=data):
            return f"sends {_frame(data)}"
        case FrameLost(why=why):
            return f"misses the frame: {why}"
        case FrameRefused(why=why):
            return f"refuses the frame: {why}"
        case FrameOverheard():
            return "overhears the frame"
        case PairingOpened(method=method):
            return f"is put into pairing mode: {method}"
        case Linked(peer=peer):
            return f"is linked with a {peer}"
        case PairingFailed(why=why):
            return f"gives up the linking: {why}"
        case ReadingStored(source=source, mgdl=mgdl):
            return f"stores a reading of the {source}: {mgdl} mg/dL"
        case CommandAccepted(command=command):
            return f"accepts the command: {command}"
        case CommandRefused(command=command, why=why):
            return f"refuses the command: {command}: {why}"
        case BolusStarted(nanounits=nanounits, via=via):
            return f"starts a bolus of {to_units(nanounits):g} U ({via})"
        case BolusHeld(nanounits=nanounits, until=until):
            return f"holds a bolus of {to_units(nanounits):g} U back until {until / US_PER_S:g} s"
        case Doubted(what=what, value=value):
            return f"doubts a {what}: {value:g}"
        case BolusEnded(delivered_nU=delivered, why=why):
            return f"ends the bolus after {to_units(delivered):g} U: {why}"
        case BasalDelivered(delivered_nU=delivered):
            return f"has given {to_units(delivered):g} U of basal insulin since the last such line"
        case ExtraDelivered(delivered_nU=delivered):
            return f"has given {to_units(delivered):g} U of basal beyond the programme"
        case BasalChanged(nU_per_min=rate, why=why, by=by):
            per_h = to_units(rate) * (US_PER_HOUR / US_PER_MIN)
            return f"runs its basal at {per_h:.3g} U/h: {why} ({by})"
        case SettingChanged(setting=setting, value=value):
            return f"has another setting: {setting} = {value:g}"
        case Jammed(asked_us=asked, granted_us=granted):
            return f"makes noise for {granted / US_PER_MS:g} of {asked / US_PER_MS:g} ms"
        case Alerted(kind=kind):
            return f"alerts: {kind}"
        case Noticed(kind=kind, expected=expected):
            return f"notices: {kind}, {'expected' if expected else 'not expected'}"
        case Acted(act=act, amount=amount):
            return f"does: {act}" + (f", {amount:g}" if amount else "")
        case Attacked(step=step, gate=gate, passed=passed, note=note):
            return f"{step}: {gate}: {'yes' if passed else 'no'}" + (f" ({note})" if note else "")
        case _:
            return _other(event)


def _frame(data: bytes) -> str:
    size = f"{len(data)} bytes"
    try:
        kind, source, destination, counter = decode_header(data)
    except FrameError:
        return f"{size} that are no frame: {_hex(data)}"
    body = data[HEADER_BYTES:]
    says = _linking(body) if kind == PAIRING else f"counter {counter}, body {_hex(body)}"
    return f"{size}, {source.hex()} > {destination.hex()}, {says}"


def _linking(body: bytes) -> str:
    try:
        method, message = decode_message(body)
    except FrameError:
        return f"linking, body {_hex(body)}"
    return f"linking by {method.name}: {message.kind}, body {_hex(body)}"


def _hex(data: bytes) -> str:
    return data[:_SHOWN_BYTES].hex() + ("..." if len(data) > _SHOWN_BYTES else "")


def _other(event: Event) -> str:
    """Return an event of a kind that has no words here, by its name and fields."""
    fields: dict[str, Any] = msgspec.to_builtins(event)
    known = ("event", "t", "cause", *_WHO)
    told = ", ".join(f"{key} {value}" for key, value in fields.items() if key not in known)
    return f"{fields['event']}: {told}" if told else str(fields["event"])
