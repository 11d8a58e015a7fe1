"""The key frames of one run as a sequence chart, drawn in SVG, with the same as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from testbed.attacks import NODE
from testbed.protocol.frames import PAIRING, FrameError, decode_header
from testbed.protocol.pairings import decode_message
from testbed.report.page.sheet import Sheet, sheet
from testbed.report.run_chart import addresses
from testbed.trace import (
    Acted,
    Alerted,
    Attacked,
    BasalChanged,
    BolusEnded,
    BolusStarted,
    CommandAccepted,
    CommandRefused,
    Event,
    FrameRefused,
    FrameSent,
    Jammed,
    Linked,
    Noticed,
    PairingFailed,
    PairingOpened,
    ReadingStored,
    RunStarted,
    SettingChanged,
    Trace,
)
from testbed.units import format_clock, to_units

_ORDER: Final = (NODE, "meter", "cgm", "usb", "pump", "wearer")
_MOST: Final = 40
"""Lines of a chart; what is beyond is counted."""
_OF_LINKING: Final = (PairingOpened, Linked, PairingFailed)
_OF_PUMP: Final = (ReadingStored, BolusStarted, BolusEnded, BasalChanged, SettingChanged)
_APART, _LINE, _TOP, _LEFT = 150, 25, 36, 120
_CHARACTER: Final = 6.4
"""Width of a character, generously."""


class Line(NamedTuple):
    """One line of a chart: at a lifeline, or from it to another."""

    clock: str
    at: str
    to: str | None
    text: str
    hostile: bool


def key_lines(trace: Trace) -> tuple[list[Line], int]:
    """Return what tells the story of an attack, and how many lines more there are.

    Those are frames and steps of linking, the attacker's gates, all that the attack led to, and
    what people noticed and did about it.

    Args:
        trace: The attacked run.
    """
    start = next((event.start_us for _, event in trace.of(RunStarted)), 0)
    whose = addresses(trace)
    led: set[int] = set()
    lines = []
    for position, event in enumerate(trace):
        hostile = isinstance(event, Attacked | Jammed) or event.cause in led
        if hostile:
            led.add(position)
        told = _told(event, whose) if hostile or _is_linking(event) else None
        if told is not None:
            lines.append(Line(format_clock(event.t, start)[:8], *told, hostile))
    return lines[:_MOST], max(0, len(lines) - _MOST)


def _is_linking(event: Event) -> bool:
    if isinstance(event, FrameSent):
        try:
            return decode_header(event.data)[0] == PAIRING
        except FrameError:
            return False
    return isinstance(event, _OF_LINKING)


def _told(event: Event, whose: dict[bytes, str]) -> tuple[str, str | None, str] | None:  # noqa: PLR0912 - one case for each kind of event
    match event:
        case FrameSent(node=node, data=data):
            return _frame(node, data, whose)
        case Attacked(step=step, gate=gate, passed=passed, note=note):
            says = f"{gate}: {'yes' if passed else 'no'}{f' ({note})' if note else ''}"
            return NODE, None, f"{step}: {says}"
        case FrameRefused(node=node, why=why):
            return node, None, f"refuses the frame: {why}"
        case PairingOpened(device=device):
            return device, None, "put into pairing mode"
        case Linked(device=device, peer=peer):
            return device, None, f"linked with a {peer}"
        case PairingFailed(device=device, why=why):
            return device, None, f"gives up the linking: {why}"
        case CommandAccepted(device=device, command=command):
            return device, None, f"accepts: {command}"
        case CommandRefused(device=device, command=command, why=why):
            return device, None, f"refuses: {command}: {why}"
        case BolusStarted(nanounits=nanounits):
            return "pump", None, f"starts a bolus of {to_units(nanounits):.3g} U"
        case BolusEnded(delivered_nU=delivered, why=why):
            return "pump", None, f"bolus ends after {to_units(delivered):.3g} U: {why}"
        case ReadingStored(source=source, mgdl=mgdl):
            return "pump", None, f"stores a reading ({source}): {mgdl} mg/dL"
        case BasalChanged(why=why):
            return "pump", None, f"basal changes: {why}"
        case SettingChanged(setting=setting, value=value):
            return "pump", None, f"{setting} is now {value:g}"
        case Alerted(device=device, kind=kind):
            return device, "wearer", f"alert: {kind}"
        case Noticed(who=who, kind=kind):
            return who, None, f"notices: {kind}"
        case Acted(who=who, act=act):
            return who, None, act
        case Jammed(node=node):
            return node, None, "makes noise"
        case _:
            return None


def _frame(node: str, data: bytes, whose: dict[bytes, str]) -> tuple[str, str | None, str]:
    try:
        kind, _, to, _ = decode_header(data)
    except FrameError:
        return node, None, f"sends {len(data)} bytes that are no frame"
    receiver = whose.get(to, "pump" if node != "pump" else None)
    if kind != PAIRING:
        return node, receiver, f"frame, {len(data)} bytes"
    try:
        method, message = decode_message(data[14:])
    except FrameError:
        return node, receiver, "linking, unreadable"
    return node, receiver, f"{method.name}: {message.kind}"


def lines_sheet(lines: Sequence[Line], more: int) -> Sheet:
    """Return the lines of a chart as a table."""
    rows = [(each.clock, each.at, each.to or "", each.text) for each in lines]
    foot = (f"{more} lines more are left out here; `testbed trace` has them.",) if more else ()
    heads = ("clock", "at, or from", "to", "what")
    return sheet("sequence", "Key frames and events of the run shown", heads, rows, foot)


def chart_svg(lines: Sequence[Line], name: str, words: str) -> str:
    """Return the lines as a sequence chart: lifelines from the top down, time to the left.

    Args:
        lines: The lines, at least one.
        name: What begins every id.
        words: What the chart shows, for those who do not see it.
    """
    seen = {each.at for each in lines} | {each.to for each in lines if each.to is not None}
    known = [each for each in _ORDER if each in seen]
    lanes = [*known, *sorted(seen - set(known))]
    x_of = {lane: _LEFT + number * _APART for number, lane in enumerate(lanes)}
    width, height = _LEFT + len(lanes) * _APART, _TOP + (len(lines) + 1) * _LINE
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width} {height}",
            "role": "img",
            "aria-label": words,
            "class": "chart",
        },
    )
    defs = ET.SubElement(root, "defs")
    for kind in ("theirs", "ours"):
        marker = ET.SubElement(
            defs,
            "marker",
            {
                **{"id": f"{name}-{kind}", "viewBox": "0 0 8 8", "refX": "8", "refY": "4"},
                **{"markerWidth": "7", "markerHeight": "7", "orient": "auto-start-reverse"},
            },
        )
        ET.SubElement(marker, "path", {"d": "M 0 0 L 8 4 L 0 8 z", "class": kind})
    for lane, x in x_of.items():
        ET.SubElement(root, "line", _ends(x, _TOP - 8, x, height - 6, "lane"))
        _text(root, x, _TOP - 15, lane, "head", "middle")
    for number, line in enumerate(lines):
        y = _TOP + (number + 0.8) * _LINE
        kind = "theirs" if line.hostile else "ours"
        _text(root, 4, y + 4, line.clock, "clock", "start")
        _draw(root, line, x_of, y, kind, f"url(#{name}-{kind})")
    return ET.tostring(root, encoding="unicode")


def _draw(
    root: ET.Element, line: Line, x_of: dict[str, int], y: float, kind: str, tip: str
) -> None:
    x, end = x_of[line.at], max(x_of.values()) + _APART
    if line.to is None or line.to == line.at:
        ET.SubElement(root, "circle", {"cx": f"{x}", "cy": f"{y:g}", "r": "3.5", "class": kind})
        to_right, to_left = end - x - 8, x - _LEFT / 2
        right = to_right >= min(to_left, len(line.text) * _CHARACTER)
        text = _cut(line.text, to_right if right else to_left)
        _text(root, x + 8 if right else x - 8, y + 4, text, kind, "start" if right else "end")
        return
    to = x_of[line.to]
    ET.SubElement(root, "line", {**_ends(x, y, to, y, kind), "marker-end": tip})
    _text(root, (x + to) / 2, y - 4, _cut(line.text, abs(to - x) + _APART), kind, "middle")


def _cut(text: str, room: float) -> str:
    """Return as much of a text as has room; the table has all of it."""
    most = int(room / _CHARACTER)
    return text if len(text) <= most else f"{text[: most - 1]}\u2026"


def _ends(x1: float, y1: float, x2: float, y2: float, kind: str) -> dict[str, str]:
    return {
        **{"x1": f"{x1:g}", "y1": f"{y1:g}", "x2": f"{x2:g}", "y2": f"{y2:g}"},
        "class": kind,
    }


def _text(root: ET.Element, x: float, y: float, text: str, kind: str, anchor: str) -> None:
    where = {"x": f"{x:g}", "y": f"{y:g}", "class": kind, "text-anchor": anchor}
    ET.SubElement(root, "text", where).text = text
