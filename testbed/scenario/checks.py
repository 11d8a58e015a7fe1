"""Checks across sections: what no single value can be blamed for by itself.

Each check looks at the sections that are good on their own, so that a bad value elsewhere
does not hide what it finds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from testbed.attacks import AttackerSettings
from testbed.devices import ACCESSORIES, accessory_key
from testbed.people import (
    CarePartnerSettings,
    Exercise,
    Meal,
    Noticing,
    PairingAppointment,
    Stay,
    Unattended,
)
from testbed.radio import PLACES
from testbed.scenario.document import Document
from testbed.scenario.errors import KeyPath, Problem, show
from testbed.scenario.judging_checks import severity_check, unknown_name
from testbed.scenario.model import (
    PatientSettings,
    TimeSettings,
    behaviour_of,
    partner_of,
)
from testbed.scenario.sections import Item, problem
from testbed.scenario.study_checks import check_study
from testbed.units import US_PER_DAY, US_PER_MIN, format_clock


def cross_check(
    document: Document,
    good: Mapping[str, Any],
    mitigations: Collection[str],
    metrics: Collection[str],
) -> Iterator[Problem]:
    """Yield every problem between the good sections of a document.

    Args:
        document: The file.
        good: The checked values of the good sections, by their attribute names.
        mitigations: The names that arms may use.
        metrics: The names that expectations may use.
    """
    start = good["time"].start if "time" in good else TimeSettings().start
    stays: tuple[Item, ...] = good.get("stay", ())
    yield from _times(document, good)
    yield from _in_order(document, good.get("meal", ()), "meal", start)
    yield from _in_order(document, good.get("exercise", ()), "exercise", start)
    yield from _in_order(document, good.get("pairing", ()), "pairing", start)
    yield from _owned(document, good)
    yield from _spans(document, stays, "stay", start)
    yield from _spans(document, good.get("unattended", ()), "unattended", start)
    yield from _places(document, good, stays)
    if "patient" in good:
        yield from _behaviour(document, good["patient"], good.get("care_partner"))
    if good.get("attacker") is not None:
        yield from _attacker(document, good["attacker"])
    if "study" in good:
        yield from check_study(document, good, mitigations, metrics)
    if "severity" in good:
        yield from severity_check(document, good["severity"], metrics)


def _times(document: Document, good: Mapping[str, Any]) -> Iterator[Problem]:
    if "time" not in good:
        return
    duration = good["time"].duration
    if duration % US_PER_MIN:
        found = show(document.at(("time", "duration")))
        yield problem(document, ("time", "duration"), "a whole number of minutes", found)


def _since(start: int, clock: int) -> int:
    return (clock - start) % US_PER_DAY


def _in_order(
    document: Document, items: tuple[Item, ...], key: str, start: int
) -> Iterator[Problem]:
    """Times of one list rise from the scenario's start through the day."""
    last: Meal | Exercise | PairingAppointment | None = None
    for item in items:
        entry = item.value
        if last is not None and _since(start, entry.at) < _since(start, last.at):
            yield problem(
                document,
                (key, item.index, "at"),
                f"a time after {_clock(last.at)}, that of the {key} before it",
                f'"{_clock(entry.at)}"',
                f"the day runs from {_clock(start)} to {_clock(start)}",
            )
        last = entry


def _owned(document: Document, good: Mapping[str, Any]) -> Iterator[Problem]:
    """A further device that is linked at a time is one that the person has."""
    if "device" not in good:
        return
    for item in good.get("pairing", ()):
        name = item.value.device
        if name in ACCESSORIES and not getattr(good["device"], accessory_key(name)).owned:
            yield problem(
                document,
                ("pairing", item.index, "device"),
                "a device that the person has",
                show(name),
                f"device.{accessory_key(name)}.owned is false",
            )


def _clock(us: int) -> str:
    return format_clock(us)[:5]


def _spans(document: Document, items: tuple[Item, ...], key: str, start: int) -> Iterator[Problem]:
    """Spans of one list rise from the scenario's start, end after they begin, and are apart."""
    words, plural = {
        "stay": ("stay", "stays"),
        "unattended": ("unattended time", "unattended times"),
    }[key]
    last: Stay | Unattended | None = None
    for item in items:
        span: Stay | Unattended = item.value
        begins = _since(start, span.from_)
        if last is not None:
            previous = _since(start, last.from_)
            until = _since(start, last.until) if last.until is not None else None
            if begins <= previous:
                yield problem(
                    document,
                    (key, item.index, "from"),
                    f"a time after {_clock(last.from_)}, when the {words} before it begins",
                    f'"{_clock(span.from_)}"',
                )
            elif until is not None and begins < until:
                yield problem(
                    document,
                    (key, item.index, "from"),
                    f"a time from {_clock(last.until or 0)} on, when the {words} before it ends",
                    f'"{_clock(span.from_)}"',
                    f"the two {plural} overlap",
                )
        if span.until is not None and _since(start, span.until) <= begins:
            yield problem(
                document,
                (key, item.index, "until"),
                f"a time after {_clock(span.from_)}, when the {words} begins",
                f'"{_clock(span.until)}"',
                f"the day runs from {_clock(start)} to {_clock(start)}",
            )
        last = span


def _places(
    document: Document, good: Mapping[str, Any], stays: tuple[Item, ...]
) -> Iterator[Problem]:
    if "place" not in good:
        return
    known = {**PLACES}
    seen: set[str] = set()
    for item in good["place"]:
        name = item.value.name
        known[name] = item.value
        if name in seen:
            path = ("place", item.index, "name")
            yield problem(document, path, "a name that no other place has", show(name))
        seen.add(name)
    for item in stays:
        if item.value.place not in known:
            path = ("stay", item.index, "place")
            yield unknown_name(document, path, "a place", item.value.place, known)
    partner = good.get("care_partner")
    for index, name in enumerate(partner.places if partner is not None else ()):
        if name not in known:
            yield unknown_name(document, ("care_partner", "places", index), "a place", name, known)
    for section in ("attacker", "usb"):
        # Read from the file itself: something else in the section may be wrong.
        name = document.at((section, "place"))
        if isinstance(name, str) and name not in known:
            yield unknown_name(document, (section, "place"), "a place", name, known)


def _behaviour(
    document: Document, patient: PatientSettings, partner: CarePartnerSettings | None
) -> Iterator[Problem]:
    """Shares of one whole are at most one whole, the profile's numbers among them."""
    people: list[tuple[KeyPath, Noticing, Noticing | None]] = [
        (("patient", "behaviour"), patient.behaviour, behaviour_of(patient)),
        (("care_partner",), partner or patient.behaviour, partner_of(patient, partner)),
    ]
    for path, own, whole in people:
        if whole is not None and whole.answered_fast + whole.never_answered > 1.0:
            written = own.model_fields_set
            key = "never_answered" if "never_answered" in written else "answered_fast"
            yield problem(
                document,
                (*path, key),
                "answered_fast and never_answered of at most 1 together",
                f"{whole.answered_fast:g} and {whole.never_answered:g}",
            )


def _attacker(document: Document, attacker: AttackerSettings) -> Iterator[Problem]:
    given = set(attacker.capabilities)
    for index, step in enumerate(attacker.step):
        for missing in sorted(step.needs - given):
            yield problem(
                document,
                ("attacker", "step", index, "do"),
                "a step that the attacker's capabilities allow",
                show(step.do),
                f"it needs {missing}; attacker.capabilities gives {', '.join(sorted(given))}",
            )
