"""What happened in one event of a trace, as a sentence with its numbers.

Ground truth, for people who look at a run: who really sent a frame stands here, which no device
in the run could see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from testbed.attacks import NODE
from testbed.report.traces import describe, who
from testbed.trace import (
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
from testbed.units import US_PER_HOUR, US_PER_MIN, US_PER_MS, format_duration, to_units

_ACTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "eat": "eats {:g} g of carbohydrate",
        "bolus on the pump": "asks the pump for {:g} U",
        "bolus on the meter": "asks the meter for {:g} U, which it asks of the pump over the air",
        "treat a low": "treats a low with {:g} g of carbohydrate",
        "see a high": "sees {:g} mg/dL on the sensor",
        "correct a high": "corrects the high with {:g} U",
        "finger-stick": "measures with the meter",
        "calibrate the sensor": "enters {:g} mg/dL as a calibration of the sensor",
    }
)
"""What people do, by the name of the act in the trace."""
_MISSED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "margin": "it was too weak",
        "half-duplex": "it was sending itself",
        "collision": "another frame was on the air",
        "jammed": "there was noise",
    }
)
_DEVICES: Final = frozenset({"pump", "cgm", "meter", "usb"})
_LASTING: Final = (FrameSent, FrameOverheard, BasalDelivered, ExtraDelivered)
"""Kinds that are only counted: one of them by itself tells nobody anything."""


def sender_of(trace: Trace, position: int) -> str | None:
    """Return who truly sent the last frame on the way to an event, if one was on the way."""
    return next((each.node for each in trace.causes(position) if type(each) is FrameSent), None)


def is_counted(trace: Trace, position: int) -> bool:
    """Return whether an event is of the routine that is counted, and not told by itself.

    A reading that the attacker sent, and a frame of the attacker's that is missed, are told.
    """
    event = trace.events[position]
    if isinstance(event, _LASTING):
        return True
    if isinstance(event, ReadingStored):
        return event.source != "meter" and sender_of(trace, position) != NODE
    if isinstance(event, FrameLost):
        return sender_of(trace, position) != NODE
    return isinstance(event, BasalChanged) and event.by == "loop"


def sentence(trace: Trace, position: int) -> str:
    """Return an event of a trace as a sentence, without the time."""
    event = trace.events[position]
    tell = _TELLERS.get(type(event))
    subject = named(who(event))
    if tell is None:
        return _said(f"{subject} {describe(event)}")
    return _said(tell(trace, position, event, subject))


def named(node: str) -> str:
    """Return a name of the trace with its article, such as ``the pump``."""
    return f"the {node}" if node in _DEVICES or node in ("wearer", NODE, "run") else node


def _said(text: str) -> str:
    return text[:1].upper() + text[1:]


def _from(trace: Trace, position: int) -> str:
    sender = sender_of(trace, position)
    return "" if sender is None else f" that {named(sender)} sent"


def _acted(_trace: Trace, _position: int, event: Acted, subject: str) -> str:
    if event.act in _ACTS:
        return f"{subject} {_ACTS[event.act].format(event.amount)}"
    verb, _, rest = event.act.partition(" ")
    amount = f" ({event.amount:g})" if event.amount else ""
    return f"{subject} {_third_person(verb)} {rest}".rstrip() + amount


def _third_person(verb: str) -> str:
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}{'es' if verb.endswith(('s', 'sh', 'ch', 'x', 'o')) else 's'}"


def _attacked(_trace: Trace, _position: int, event: Attacked, subject: str) -> str:
    note = f" ({event.note})" if event.note else ""
    answer = "yes" if event.passed else "no"
    return f"{subject} tries {event.step}: {event.gate}: {answer}{note}"


def _started(_trace: Trace, _position: int, event: RunStarted, _subject: str) -> str:
    hours = event.minutes / 60
    return (
        f"the run starts: {event.patient}, {hours:g} h, {event.carb_ratio_g_per_U:.3g} g/U, "
        f"{event.correction_factor_mgdl_per_U:.3g} mg/dL per U"
    )


def _basal_changed(_trace: Trace, _position: int, event: BasalChanged, subject: str) -> str:
    rate = to_units(event.nU_per_min) * (US_PER_HOUR / US_PER_MIN)
    return f"{subject}'s basal is now {rate:.3g} U/h: {event.why} ({event.by})"


def _noticed(_trace: Trace, _position: int, event: Noticed, subject: str) -> str:
    return f"{subject} notices {event.kind}, {'as' if event.expected else 'not'} expected"


Teller = Callable[[Trace, int, Any, str], str]

_TELLERS: Final[Mapping[type[Event], Teller]] = MappingProxyType(
    {
        RunStarted: _started,
        Acted: _acted,
        Attacked: _attacked,
        BasalChanged: _basal_changed,
        Noticed: _noticed,
        Moved: lambda _t, _p, e, s: f"{s} is now at: {e.place}",
        FrameSent: lambda _t, _p, e, s: f"{s} sends a frame of {len(e.data)} bytes",
        FrameLost: lambda t, p, e, s: (
            f"{s} misses a frame{_from(t, p)}: {_MISSED.get(e.why, e.why)}"
        ),
        FrameRefused: lambda t, p, e, s: f"{s} refuses a frame{_from(t, p)}: {e.why}",
        FrameOverheard: lambda t, p, _e, s: f"{s} overhears a frame{_from(t, p)}",
        PairingOpened: lambda _t, _p, e, s: f"{s} is put into pairing mode ({e.method})",
        Linked: lambda t, p, e, s: f"{s} holds a new link with a {e.peer}{_with(t, p)}",
        PairingFailed: lambda _t, _p, e, s: f"{s} gives up the linking: {e.why}",
        ReadingStored: lambda t, p, e, s: (
            f"{s} stores {e.mgdl} mg/dL as a reading of the {e.source}{_from(t, p)}"
        ),
        CommandAccepted: lambda t, p, e, s: f"{s} accepts the command {e.command}{_from(t, p)}",
        CommandRefused: lambda t, p, e, s: (
            f"{s} refuses the command {e.command}{_from(t, p)}: {e.why}"
        ),
        BolusStarted: lambda _t, _p, e, s: (
            f"{s} starts a bolus of {to_units(e.nanounits):g} U"
            f"{', asked for over the air' if e.via == 'remote' else ''}"
        ),
        BolusHeld: lambda _t, _p, e, s: (
            f"{s} holds a bolus of {to_units(e.nanounits):g} U back for "
            f"{format_duration(max(e.until - e.t, 0))}, in which it can be cancelled"
        ),
        Doubted: lambda t, p, e, s: (
            f"{s} doubts the {e.what.replace('-', ' ')}{_from(t, p)}, {e.value:g}: it is unlike "
            "what is expected"
        ),
        BolusEnded: lambda _t, _p, e, s: (
            f"the bolus ends with {to_units(e.delivered_nU):.3g} U in: {e.why}"
        ),
        BasalDelivered: lambda _t, _p, e, s: f"{s} gives {to_units(e.delivered_nU):.3g} U of basal",
        ExtraDelivered: lambda _t, _p, e, s: (
            f"{s} gives {to_units(e.delivered_nU):.3g} U of basal beyond the programme"
        ),
        SettingChanged: lambda t, p, e, s: f"{s}'s {e.setting} is now {e.value:g}{_by(t, p)}",
        Alerted: lambda _t, _p, e, s: f"{s} alerts: {e.kind}",
        Jammed: lambda _t, _p, e, s: (
            f"{s} makes noise for {e.granted_us / US_PER_MS:g} of {e.asked_us / US_PER_MS:g} ms"
        ),
    }
)
"""How each kind of event is told."""


def _by(trace: Trace, position: int) -> str:
    sender = sender_of(trace, position)
    return "" if sender is None else f", by a command of {named(sender)}"


def _with(trace: Trace, position: int) -> str:
    """Return a remark where the last message of a linking was not the device's it claims."""
    return ", which is the attacker" if sender_of(trace, position) == NODE else ""
