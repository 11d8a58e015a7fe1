"""How a person behaves: every number with its range and its source, and named profiles."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from testbed.settings import NO_PUBLISHED_RATE, ClockTime, Settings, assumption
from testbed.units import US_PER_HOUR, US_PER_MIN

_AGRAWAL: Final = (
    "answers to low-glucose suspend alarms: 45 % < 5 min, median 9.9 min, 11 % never "
    "(Agrawal 2011, PMC3208869); by day 66 % <= 10 min (Choudhary 2011)"
)


class Behaviour(Settings):
    """What a wearer does, and how often."""

    carb_error_cv: float = assumption(
        0.3,
        ge=0.0,
        le=0.6,
        unit="1",
        source="CV 27.9 to 44.5 % of carbohydrate estimates, PMC2909521",
        description="Coefficient of variation of the wearer's carbohydrate estimates.",
    )
    missed_bolus: float = assumption(
        0.08,
        ge=0.0,
        le=0.3,
        unit="1",
        source="7.5 to 19.4 % by meal, smart-pen users of 21 countries, ADA 2022 843-P",
        description="Share of meals whose bolus is forgotten.",
    )
    remote_bolus_use: float = assumption(
        0.3,
        ge=0.0,
        le=0.8,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of boluses that the wearer asks for on a linked meter.",
    )
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
    cancel_unexpected_bolus: float = assumption(
        0.5,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of noticed boluses of nobody's asking that the wearer cancels.",
    )
    accept_unexpected_prompt: float = assumption(
        0.05,
        ge=0.005,
        le=0.5,
        unit="1",
        source=f"about 1 % of IT users approve a first blind prompt (Microsoft, on MFA fatigue), "
        f"a lower bound; for pump prompts {NO_PUBLISHED_RATE}",
        description="Share of noticed prompts of nobody's asking that the wearer confirms.",
    )
    answer_own_prompt_s: float = assumption(
        3.0,
        ge=1.0,
        le=30.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="Time until the wearer answers a prompt that follows from own doing.",
    )
    calibrate_with_own: float = assumption(
        1.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of own meter results that the wearer calibrates the sensor with, where "
        "it is one that takes calibrations.",
    )
    calibrate_with_unasked: float = assumption(
        0.05,
        ge=0.0,
        le=0.5,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of noticed meter results of nobody's asking that the wearer calibrates "
        "such a sensor with.",
    )
    pair_in_private: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of linkings that the wearer puts off until in a private place.",
    )
    second_device_s: float = assumption(
        4.0,
        ge=0.0,
        le=60.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="Time from opening the linking on the pump to opening it on the device.",
    )
    touch_devices_s: float = assumption(
        3.0,
        ge=0.5,
        le=30.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="Time to hold two devices together when they ask for it.",
    )
    type_code_s: float = assumption(
        8.0,
        ge=2.0,
        le=60.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="Time to read a code off the pump and type it.",
    )
    retype_code: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of linkings that fail on the device alone after which the wearer types "
        "the code that the pump still shows again.",
    )
    compare_digits_s: float = assumption(
        6.0,
        ge=1.0,
        le=30.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="Time to compare the digits on two screens.",
    )
    accept_mismatch: float = assumption(
        0.05,
        ge=0.0,
        le=1.0,
        unit="1",
        source="0.5 to 20 % across studies of compare-and-confirm (Uzun, Karvonen, Asokan 2007), "
        "figures quoted second-hand",
        description="Share of differing digits that the person takes for the same.",
    )
    rescue_carbs_g: float = assumption(
        15.0,
        ge=0.0,
        le=40.0,
        unit="g",
        source="15 g rule for treating hypoglycaemia, ADA Standards of Care, section 6",
        description="Carbohydrate eaten when a low-glucose alert is noticed.",
    )
    asleep_from: ClockTime = 23 * US_PER_HOUR
    """Clock time of falling asleep."""
    asleep_until: ClockTime = 6 * US_PER_HOUR + 30 * US_PER_MIN
    """Clock time of waking up."""


PROFILES: Final[Mapping[str, Behaviour]] = MappingProxyType(
    {
        "typical": Behaviour(),
        "attentive": Behaviour(
            missed_bolus=0.03,
            carb_error_cv=0.2,
            answered_fast=0.85,
            never_answered=0.03,
            wakes_to_alert=0.5,
            cancel_unexpected_bolus=0.8,
        ),
        "inattentive": Behaviour(
            missed_bolus=0.19,
            carb_error_cv=0.45,
            answered_fast=0.45,
            never_answered=0.25,
            wakes_to_alert=0.17,
            cancel_unexpected_bolus=0.25,
        ),
    }
)
"""How people behave, by name; a scenario's ``patient.behaviour`` changes single numbers."""


def is_asleep(behaviour: Behaviour, clock_us: int) -> bool:
    """Return whether a person with this behaviour is asleep at a clock time."""
    start, end = behaviour.asleep_from, behaviour.asleep_until
    if start <= end:
        return start <= clock_us < end
    return clock_us >= start or clock_us < end


def minutes_to_notice(behaviour: Behaviour, u: float) -> float | None:
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
