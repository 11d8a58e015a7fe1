"""How severe the runs of a study are: counts and shares of each word, attacked and not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from testbed.outcomes.severity import SEVERITIES, Steps, severity_of
from testbed.study.estimate import Estimate
from testbed.study.funnel import funnel
from testbed.study.results import Study
from testbed.study.statistics import estimate_share

Side = Literal["attacked", "twin"]


@dataclass(frozen=True, slots=True)
class SeverityCount:
    """How many runs of one arm are how severe.

    Attributes:
        arm: The arm.
        side: ``attacked``, or ``twin`` for the same runs without the attacker.
        word: One of the five words.
        count: How many runs it is said of.
        runs: How many runs there are of which the severity is known.
        share: The share of runs, with its 95 % limits, clustered by patient.
        at_least: The share of runs that are as severe or more so.
    """

    arm: str
    side: Side
    word: str
    count: int
    runs: int
    share: Estimate
    at_least: Estimate


def severity_table(study: Study, steps: Steps) -> tuple[SeverityCount, ...]:
    """Return how severe the runs are: arm by arm, attacked and then not, from negligible on.

    Arms that tables do not show are left out.

    Args:
        study: The study.
        steps: The thresholds; those of a scenario are ``scenario.severity.steps``.

    Raises:
        ValueError: If a word of the thresholds is none of the five.
    """
    counts = []
    for arm in study.distinct:
        rows = study.of(arm)
        patients = [row.patient for row in rows]
        sides: tuple[Side, ...] = ("attacked", "twin")
        for side in sides:
            found = [severity_of(getattr(row, side), steps) for row in rows]
            for place, word in enumerate(SEVERITIES):
                this = [None if each is None else float(each == place) for each in found]
                more = [None if each is None else float(each >= place) for each in found]
                counts.append(
                    SeverityCount(
                        arm=arm,
                        side=side,
                        word=word,
                        count=sum(each == 1.0 for each in this),
                        runs=sum(each is not None for each in found),
                        share=estimate_share(this, patients),
                        at_least=estimate_share(more, patients),
                    )
                )
    return tuple(counts)


def judged(study: Study) -> dict[str, Any]:
    """Return the funnel of a study, and how severe its runs are, as plain data."""
    scale = study.severity
    return {
        "funnel": [msgspec.to_builtins(each) for each in funnel(study)],
        "severity": {
            "scale": scale.name,
            "steps": scale.steps,
            "runs": [msgspec.to_builtins(each) for each in severity_table(study, scale.steps)],
        },
    }
