"""What reports do for others: when a maker is aware of attacks, and what had happened by then.

This is arithmetic on many wearers, beside the simulation and after it.  For the one who reports
it changes nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from testbed.settings import NO_PUBLISHED_RATE, Settings, assumption

_H_PER_DAY = 24.0


class FleetSettings(Settings):
    """Many wearers of the same system, of whom one after the other is attacked."""

    days_between_cases: float = assumption(
        7.0,
        ge=0.1,
        le=365.0,
        unit="d",
        source=f"{NO_PUBLISHED_RATE}; nothing says that there is ever a second case",
        description="Time from one attacked wearer to the next.",
    )
    reports_to_act: int = assumption(
        1,
        ge=1,
        le=50,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="How many reports make a maker aware that there are attacks.",
    )
    days_to_change: float = assumption(
        30.0,
        ge=1.0,
        le=730.0,
        unit="d",
        source=NO_PUBLISHED_RATE,
        description="Time from then until something is changed that spares further wearers.",
    )


@dataclass(frozen=True, slots=True)
class Awareness:
    """What reports come to, on average; None where nobody ever reports.

    Attributes:
        reported: Share of cases that are reported.
        cases: How many wearers were attacked up to the one whose report makes the maker aware.
        days: Days from the first case until then.
        cases_before_change: How many were attacked before something is changed.
    """

    reported: float
    cases: float | None
    days: float | None
    cases_before_change: float | None


def awareness(
    noticed: float, reports: float, report_after_h: float, fleet: FleetSettings
) -> Awareness:
    """Return when a maker is aware, on average.

    Each case is noticed and reported independently of the others, so the case with the n-th
    report is the n-th success of independent trials: the negative binomial distribution, with
    mean n over the share reported.  Reports are all equally late, so they come in the order of
    their cases.

    Args:
        noticed: Share of cases that the wearer, or somebody near, notices.
        reports: Share of noticed cases that are reported.
        report_after_h: Time from noticing to reporting, h.
        fleet: How many there are, and how fast the maker is.

    Raises:
        ValueError: If a share is not from 0 to 1.
    """
    for name, share in (("noticed", noticed), ("reports", reports)):
        if not 0.0 <= share <= 1.0:
            raise ValueError(f"{name}: expected a share from 0 to 1, found {share}")
    reported = noticed * reports
    if not reported:
        return Awareness(reported, None, None, None)
    every, late = fleet.days_between_cases, report_after_h / _H_PER_DAY
    cases = fleet.reports_to_act / reported
    meanwhile = math.floor((late + fleet.days_to_change) / every)
    return Awareness(reported, cases, (cases - 1.0) * every + late, cases + meanwhile)
