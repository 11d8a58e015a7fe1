"""The scenario in words: who, when, where, with what, and what the stranger does."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

from testbed.attacks import Step
from testbed.devices.therapies import therapy_name
from testbed.physiology import MODELS
from testbed.report.page.evidence import Evidence
from testbed.report.page.sheet import Cell, Sheet, sheet
from testbed.scenario.model import Scenario
from testbed.scenario.shapes import fields
from testbed.study.shown import left_out
from testbed.units import format_clock, format_duration

_HOW_LONG = ("duration", "after", "lasts", "wait_for_reply", "every")


def story(scenario: Scenario) -> list[str]:
    """Return the scenario in sentences, in the order in which a reader asks."""
    return [*_person(scenario), *_devices(scenario), *_attacker(scenario)]


def _person(scenario: Scenario) -> Iterator[str]:
    patient, names = scenario.patient, scenario.patient.names
    who = patient.cohort or next(iter(MODELS[patient.model].cohorts))
    people = "One virtual patient" if len(names) == 1 else f"{len(names)} virtual patients"
    chosen = who if isinstance(who, str) else "chosen by name"
    yield (
        f"{people} ({chosen}) of the model {patient.model}, "
        f"behaving as the profile {patient.profile}; "
        f"from {_clock(scenario.time.start)} for {format_duration(scenario.time.duration)}."
    )
    partner = scenario.partner
    if partner is not None:
        near = (f"from {_clock(each.from_)} until {_clock(each.until)}" for each in partner.present)
        where = _listed(partner.places)
        yield f"A care partner is near {_listed(near)}, where the wearer is: {where}."
    if scenario.meal:
        meals = (f"{meal.carbs_g:g} g at {_clock(meal.at)}" for meal in scenario.meal)
        yield f"Meals: {_listed(meals)}."
    if scenario.exercise:
        times = (
            f"{format_duration(each.lasts)} at {_clock(each.at)}" for each in scenario.exercise
        )
        yield f"Exercise: {_listed(times)}."
    stays = (
        f"{stay.place} from {_clock(stay.from_)}"
        + (f" until {_clock(stay.until)}" if stay.until is not None else "")
        for stay in scenario.stay
    )
    yield f"Places: {_listed(stays)}; otherwise home." if scenario.stay else "At home all the time."
    for each in scenario.unattended:
        yield (
            f"The {each.device} is out of its owner's sight from {_clock(each.from_)} "
            f"until {_clock(each.until)}."
        )


def _devices(scenario: Scenario) -> Iterator[str]:
    link, pump = scenario.link, scenario.pump
    yield (
        f"Devices link by the stand-in method {link.pairing} and speak over the channel "
        f"{link.channel}. Remote bolus is {'on' if pump.remote_bolus else 'off'}; the largest "
        f"bolus is {pump.max_bolus_U:g} U. Basal insulin is by the therapy "
        f"{therapy_name(type(pump.therapy))}."
    )
    if scenario.pairing:
        linkings = (f"the {each.device} at {_clock(each.at)}" for each in scenario.pairing)
        yield f"The person links {_listed(linkings)}; other devices are linked beforehand."
    else:
        yield "All devices are linked beforehand."


def _attacker(scenario: Scenario) -> Iterator[str]:
    attacker = scenario.attacker
    if attacker is None:
        yield "Nobody attacks."
        return
    yield (
        f"A stranger is in the {attacker.place}, {attacker.distance_m:g} m from the person while "
        f"both are there, with {_listed(attacker.capabilities)} and nothing else."
    )
    for number, step in enumerate(attacker.step, start=1):
        when = f", {format_duration(step.after)} later" if step.after else ""
        says = (inspect.getdoc(type(step)) or "").split("\n")[0]
        yield f"Step {number}{when}: {name_of(step)}. {says}{_settings(step)}"


def _settings(step: Step) -> str:
    told = {
        key: _value(key, getattr(step, name))
        for key, (name, _) in fields(type(step)).items()
        if key not in ("do", "after") and name in step.model_fields_set
    }
    return f" ({', '.join(f'{key} = {value}' for key, value in told.items())})" if told else ""


def name_of(step: Step) -> str:
    """Return the name by which scenario files call a step."""
    return str(getattr(step, "do"))  # noqa: B009 - only its subclasses have it


def arms_sheet(evidence: Evidence) -> Sheet:
    """Return the arms and the mitigations of each, with what those advise and who bears them."""
    rows: list[Sequence[Cell | str]] = []
    for arm, adopted in evidence.adopted.items():
        name = f"{arm} (baseline)" if arm == evidence.study.baseline else arm
        if not adopted:
            rows.append((name, "nothing", "", "", ""))
        for mitigation, adherence in adopted:
            share = Cell(f"{100 * adherence:.3g} %", adherence)
            rows.append((name, mitigation.advice, mitigation.bearer, share, mitigation.source))
    return sheet(
        "arms",
        "What is compared: arms and their precautions",
        ("arm", "precaution", "who carries it out", "adherence", "public source"),
        rows,
        left_out(evidence.study),
    )


def _clock(us: int) -> str:
    return format_clock(us)[:5]


def _value(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and key in _HOW_LONG:
        return format_duration(value)
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _listed(words: Any) -> str:
    *first, last = list(words) or ["nothing"]
    return f"{', '.join(first)} and {last}" if first else last
