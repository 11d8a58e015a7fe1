"""Metrics of burden: what living with a precaution costs, most of all when nobody attacks.

Each is a plain count or time of one run.  What a precaution costs is the difference between the
unattacked runs with it and without it, which the table of prices shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from testbed.outcomes.events import LEVEL_1_MGDL
from testbed.outcomes.facts import Facts
from testbed.outcomes.metric import OWN_DEFINITION, Metric
from testbed.outcomes.origins import Origin
from testbed.trace import NO_CAUSE, Acted, Alerted, CommandRefused, Linked, Noticed
from testbed.units import US_PER_DAY, US_PER_HOUR, US_PER_MIN

_EAT: Final = "eat"
_STICK: Final = "finger-stick"
_CANCELLED: Final = "cancelled"
_PUMP: Final = "pump"
_PROMPT: Final = "confirm"
"""How the kinds of alerts begin that ask for an answer."""
_LOW_GLUCOSE: Final = "low-glucose"
_TECHNICAL: Final = frozenset({"no-sensor-signal", "low-reservoir", "reservoir-empty"})
"""Kinds of alerts that tell of something that is so, whoever is behind it."""
_FRESH_US: Final = 15 * US_PER_MIN
"""How old the newest sensor reading may be: three in a row that did not come."""


def _begun(run: Facts) -> list[tuple[int, Alerted]]:
    """Return position and event of each alert that began; a repeated ring is of the same cause."""
    seen: set[tuple[str, int]] = set()
    begun = []
    for position, alert in run.of(Alerted):
        which = (alert.kind, alert.cause)
        if alert.cause == NO_CAUSE or which not in seen:
            seen.add(which)
            begun.append((position, alert))
    return begun


def _prompts(run: Facts) -> float:
    return float(sum(alert.kind.startswith(_PROMPT) for _, alert in run.once(_begun)))


def _refused(run: Facts) -> float:
    """Count the refusals of what no attacker was behind and a person asked for."""
    events, mine = run.trace.events, run.of_the_attack

    def is_own(position: int) -> bool:
        while position != NO_CAUSE:
            if type(events[position]) is Acted:
                return True
            position = events[position].cause
        return False

    refusals = run.of(CommandRefused)
    return float(sum(at not in mine and is_own(at) for at, _ in refusals))


def _meals(run: Facts) -> dict[int, float | None]:
    """Return the minutes from each meal to its bolus, None where none came."""
    meals: dict[int, float | None] = {
        at: None for at, act in run.of(Acted) if act.act == _EAT and act.amount > 0
    }
    events = run.trace.events
    for bolus in run.boluses:
        if bolus.origin is Origin.ATTACKER:
            continue
        meal = run.led_to(bolus.position, _EAT)
        if meal in meals and meals[meal] is None:
            meals[meal] = (bolus.started_us - events[meal].t) / US_PER_MIN
    return meals


def _without_bolus(run: Facts) -> float:
    return float(sum(minutes is None for minutes in run.once(_meals).values()))


def _delay(run: Facts) -> float:
    return sum((minutes or 0.0 for minutes in run.once(_meals).values()), 0.0)


def _sticks(run: Facts) -> float:
    return float(sum(act.act == _STICK for _, act in run.of(Acted)))


def _false_cancels(run: Facts) -> float:
    ended = (each for each in run.boluses if each.origin is not Origin.ATTACKER)
    return float(sum(each.why == _CANCELLED for each in ended))


def _false_alarms(run: Facts) -> float:
    expected = {noticed.cause for _, noticed in run.of(Noticed) if noticed.expected}
    count = 0
    for position, alert in run.once(_begun):
        if alert.kind in _TECHNICAL or position in run.of_the_attack:
            continue
        if alert.kind == _LOW_GLUCOSE:
            count += bool(run.trace.plasma_mgdl[alert.t // US_PER_MIN] >= LEVEL_1_MGDL)
        else:
            count += position not in expected
    return float(count)


def _wakings(run: Facts) -> float:
    start, context = run.person.start_us, run.context
    return float(
        sum(
            not noticed.expected and context.is_night((start + noticed.t) % US_PER_DAY)
            for _, noticed in run.of(Noticed)
        )
    )


def _unlinked(run: Facts) -> float:
    end = run.person.minutes * US_PER_MIN
    first = dict.fromkeys(run.context.to_link, end)
    for _, link in run.of(Linked):
        if link.device == _PUMP and link.peer in first:
            first[link.peer] = min(first[link.peer], link.t)
    return sum(first.values()) / US_PER_HOUR


def _no_reading(run: Facts) -> float:
    at, missing = 0, 0
    for t in (*run.sensed_us, run.person.minutes * US_PER_MIN):
        if t - at > _FRESH_US:
            missing += t - at - _FRESH_US
        at = t
    return missing / US_PER_HOUR


def _burden(
    name: str, label: str, unit: str, definition: str, of: Callable[[Facts], float], decimals: int
) -> Metric:
    return Metric(
        name=name,
        label=label,
        unit=unit,
        definition=definition,
        source=OWN_DEFINITION,
        worse="higher",
        decimals=decimals,
        least=0.0,
        on_request=True,
        of=lambda run, _twin: of(run),
    )


BURDEN: Final = (
    _burden(
        "prompts",
        "prompts that ask for an answer",
        "prompts",
        "Prompts of the pump that somebody has to answer, each counted once however often it "
        "rings.",
        _prompts,
        2,
    ),
    _burden(
        "own_refused",
        "genuine requests refused",
        "requests",
        "Commands that a person gave and a device refused by a rule of its own.",
        _refused,
        2,
    ),
    _burden(
        "meals_without_bolus",
        "meals without a bolus",
        "meals",
        "Meals to which no bolus followed that the meal led to.",
        _without_bolus,
        2,
    ),
    _burden(
        "bolus_delay_min",
        "delay of boluses for meals",
        "min",
        "Minutes from the first bite to the start of the bolus for it, of all meals together that "
        "had one.",
        _delay,
        1,
    ),
    _burden(
        "finger_sticks", "finger-sticks", "sticks", "Finger-sticks that people made.", _sticks, 2
    ),
    _burden(
        "false_cancels",
        "genuine boluses cancelled",
        "boluses",
        "Boluses cancelled part-way that were not the attacker's.",
        _false_cancels,
        3,
    ),
    _burden(
        "false_alarms",
        "false alarms",
        "alarms",
        "Alerts that began for nothing: of low glucose while plasma glucose was 70 mg/dL or more, "
        "and of a command, a prompt or a suspicion behind which was neither an attack nor what "
        "the person had just done. A silent sensor or an empty reservoir is none.",
        _false_alarms,
        2,
    ),
    _burden(
        "night_wakings",
        "alerts that woke somebody",
        "alerts",
        "Alerts noticed between the wearer's going to bed and getting up.",
        _wakings,
        2,
    ),
    _burden(
        "unlinked_h",
        "time without a link",
        "h",
        "Hours from the start until each device was linked that the scenario has somebody link, "
        "of all of them together; the whole run for one that never was.",
        _unlinked,
        2,
    ),
    _burden(
        "no_reading_h",
        "time without a fresh sensor reading",
        "h",
        "Hours in which the newest sensor reading that the pump had stored was older than 15 min.",
        _no_reading,
        2,
    ),
)
"""What living with a system costs, besides glucose and insulin."""
