"""Checks across sections: what no single value can be blamed for by itself.

Each check looks at the sections that are good on their own, so that a bad value elsewhere
does not hide what it finds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from testbed.attacks import AttackerSettings
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
from testbed.scenario.errors import KeyPath, Problem, did_you_mean, one_of, show
from testbed.scenario.factors import FactorError, planned
from testbed.scenario.model import (
    ADVICE_GROUP,
    Adoption,
    Expectation,
    PatientSettings,
    StudySettings,
    TimeSettings,
    behaviour_of,
    partner_of,
)
from testbed.scenario.sections import Item, problem
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
    yield from _spans(document, stays, "stay", start)
    yield from _spans(document, good.get("unattended", ()), "unattended", start)
    yield from _places(document, good, stays)
    if "patient" in good:
        yield from _behaviour(document, good["patient"], good.get("care_partner"))
    if good.get("attacker") is not None:
        yield from _attacker(document, good["attacker"])
    if "study" in good:
        study: StudySettings = good["study"]
        yield from _mitigations(document, study, mitigations)
        try:
            arms = tuple(planned(study, advice_among(mitigations)))
        except FactorError as error:
            yield problem(document, ("study", "factors", *error.key), error.expected, error.found)
        else:
            yield from _baseline(document, study, arms)
            yield from _expectations(document, arms, good.get("expect", ()), metrics)
            yield from _precision(document, study, arms, good.get("patient"), metrics)
            yield from _conclusion(document, study, arms, metrics)
    if "severity" in good:
        for name in good["severity"].thresholds:
            if name not in metrics:
                yield _unknown(
                    document, ("severity", "thresholds", name), "a metric", name, metrics
                )


def _unknown(
    document: Document, path: KeyPath, kind: str, name: str, known: Collection[str]
) -> Problem:
    near = did_you_mean(name, known)
    hint = f"did you mean {near}?" if near else one_of(tuple(known))
    return problem(document, path, kind, show(name), hint)


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
            yield _unknown(document, path, "a place", item.value.place, known)
    partner = good.get("care_partner")
    for index, name in enumerate(partner.places if partner is not None else ()):
        if name not in known:
            yield _unknown(document, ("care_partner", "places", index), "a place", name, known)
    for section in ("attacker", "usb"):
        # Read from the file itself: something else in the section may be wrong.
        name = document.at((section, "place"))
        if isinstance(name, str) and name not in known:
            yield _unknown(document, (section, "place"), "a place", name, known)


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


def advice_among(mitigations: Collection[str]) -> tuple[str, ...]:
    """Return the names that the advice group stands for, of mitigations by name."""
    if not isinstance(mitigations, Mapping):
        return ()
    return tuple(name for name, each in mitigations.items() if each.bearer == "wearer")


def _mitigations(
    document: Document, study: StudySettings, mitigations: Collection[str]
) -> Iterator[Problem]:
    """Whatever arms and factors name is a mitigation."""
    known = (*mitigations, ADVICE_GROUP)
    listed: list[tuple[KeyPath, str | Adoption]] = [
        (("study", "arms", arm, index), each)
        for arm, names in study.arms.items()
        for index, each in enumerate(names)
    ]
    if study.factors is not None:
        where = ("study", "factors")
        listed += [
            ((*where, "mitigations", index), each)
            for index, each in enumerate(study.factors.mitigations)
        ]
        listed += [((*where, "adherence", name), name) for name in study.factors.adherence]
    for path, each in listed:
        name = each.name if isinstance(each, Adoption) else each
        if name not in known:
            here = (*path, "name") if isinstance(each, Adoption) else path
            yield _unknown(document, here, "a mitigation", name, known)


def _baseline(document: Document, study: StudySettings, arms: Collection[str]) -> Iterator[Problem]:
    if study.baseline not in arms:
        yield _unknown(document, ("study", "baseline"), "one of the arms", study.baseline, arms)


def _conclusion(
    document: Document, study: StudySettings, arms: Collection[str], metrics: Collection[str]
) -> Iterator[Problem]:
    wanted, path = study.conclusion, ("study", "conclusion")
    if wanted is None:
        return
    for key, arm in (("less", wanted.less), ("than", wanted.than)):
        if arm not in arms:
            yield _unknown(document, (*path, key), "one of the arms", arm, arms)
    if wanted.metric not in metrics:
        yield _unknown(document, (*path, "metric"), "a metric", wanted.metric, metrics)


def _precision(
    document: Document,
    study: StudySettings,
    arms: Collection[str],
    patient: PatientSettings | None,
    metrics: Collection[str],
) -> Iterator[Problem]:
    """A precision is about something that there is, and looks when every patient has a run."""
    wanted, path = study.precision, ("study", "precision")
    if wanted is None:
        return
    if wanted.arm not in arms:
        yield _unknown(document, (*path, "arm"), "one of the arms", wanted.arm, arms)
    elif wanted.of != "metric" and wanted.arm == study.baseline:
        expected = f"an arm other than the baseline, for its {wanted.of}"
        yield problem(document, (*path, "arm"), expected, show(wanted.arm))
    if wanted.metric not in metrics:
        yield _unknown(document, (*path, "metric"), "a metric", wanted.metric, metrics)
    every, patients = wanted.look_every, 1 if patient is None else len(patient.names)
    if every < patients:
        expected = f"{patients} or more, a replicate for each patient"
        yield problem(document, (*path, "look_every"), expected, show(every))
    elif every > study.replicates:
        expected = f"at most study.replicates, {study.replicates}"
        yield problem(document, (*path, "look_every"), expected, show(every))


def _expectations(
    document: Document,
    arms: Collection[str],
    items: tuple[Item, ...],
    metrics: Collection[str],
) -> Iterator[Problem]:
    for item in items:
        row: Expectation = item.value
        path = ("expect", item.index)
        if row.arm not in arms:
            yield _unknown(document, (*path, "arm"), "one of the arms", row.arm, arms)
        if row.metric not in metrics:
            yield _unknown(document, (*path, "metric"), "a metric", row.metric, metrics)
        low, high = row.at_least, row.at_most
        if low is None and high is None:
            yield problem(document, path, "at_most, at_least or both", "neither")
        elif low is not None and high is not None and low > high:
            found = f"{show(low)} above at_most = {show(high)}"
            yield problem(document, (*path, "at_least"), "a number up to at_most", found)
