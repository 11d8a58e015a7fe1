"""How soon a person notices what the pump tells: awake and asleep, by sound and by vibration."""

from __future__ import annotations

from typing import Final

from testbed.settings import NO_PUBLISHED_RATE, ClockTime, Settings, assumed_clock, assumption
from testbed.units import is_between

_AGRAWAL: Final = (
    "answers to low-glucose suspend alarms: 45 % < 5 min, median 9.9 min, 11 % never "
    "(Agrawal 2011, PMC3208869); by day 66 % <= 10 min (Choudhary 2011)"
)


class Noticing(Settings):
    """How soon a person notices alerts, and when they sleep."""

    answered_fast: float = assumption(
        0.66,
        ge=0.2,
        le=0.95,
        unit="1",
        source=_AGRAWAL,
        description="Share of alerts noticed within ten minutes while awake.",
    )
    never_answered: float = assumption(
        0.11,
        ge=0.0,
        le=0.5,
        unit="1",
        source=_AGRAWAL,
        description="Share of alerts never noticed while awake.",
    )
    slowest_answer_min: float = assumption(
        115.0,
        ge=15.0,
        le=180.0,
        unit="min",
        source=_AGRAWAL,
        description="Longest time to notice of an alert that is noticed late.",
    )
    wakes_to_alert: float = assumption(
        0.30,
        ge=0.15,
        le=0.55,
        unit="1",
        source="29 % of single alarms at night, n = 20, Buckingham 2005, DTT 7:440",
        description="Share of alerts noticed while asleep.",
    )
    feels_vibration_awake: float = assumption(
        1.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=f"{NO_PUBLISHED_RATE}; published answers do not tell vibration and sound apart",
        description="Share of rings that only vibrate which are perceived like a sound, awake.",
    )
    feels_vibration_asleep: float = assumption(
        1.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=f"{NO_PUBLISHED_RATE}; published answers do not tell vibration and sound apart",
        description="Share of rings that only vibrate which can wake like a sound, asleep.",
    )
    asleep_from: ClockTime = assumed_clock(
        "23:00",
        earliest="20:00",
        latest="02:00",
        source=NO_PUBLISHED_RATE,
        description="Clock time of falling asleep.",
    )
    asleep_until: ClockTime = assumed_clock(
        "06:30",
        earliest="05:00",
        latest="10:00",
        source=NO_PUBLISHED_RATE,
        description="Clock time of waking up.",
    )


def is_asleep(behaviour: Noticing, clock_us: int) -> bool:
    """Return whether a person with this behaviour is asleep at a clock time."""
    return is_between(clock_us, behaviour.asleep_from, behaviour.asleep_until)


def minutes_to_notice(behaviour: Noticing, u: float) -> float | None:
    """Return after how many minutes an alert is noticed while awake, or None for never.

    The inverse of a piecewise linear distribution: ``answered_fast`` of the alerts within
    ten minutes, evenly; ``never_answered`` never; the rest evenly up to
    ``slowest_answer_min``.

    Args:
        behaviour: Whose.
        u: The dice, in [0, 1).
    """
    fast, noticed = behaviour.answered_fast, 1.0 - behaviour.never_answered
    if u >= noticed:
        return None
    if u < fast:
        return 10.0 * u / fast
    return 10.0 + (behaviour.slowest_answer_min - 10.0) * (u - fast) / (noticed - fast)
