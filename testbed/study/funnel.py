"""The funnel of a study: how many attacks came to which stage, in each arm."""

from __future__ import annotations

from dataclasses import dataclass

from testbed.outcomes.stages import STAGES
from testbed.study.estimate import Estimate
from testbed.study.results import Study
from testbed.study.summary import estimate_one


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many runs of one arm came to one stage.

    Attributes:
        arm: The arm.
        stage: The stage, such as ``in_range``; the metric is ``stage_`` and this.
        label: The stage in words.
        count: How many runs came to it.
        runs: How many runs there are.
        share: The share of runs with its 95 % limits, clustered by patient.
    """

    arm: str
    stage: str
    label: str
    count: int
    runs: int
    share: Estimate


def funnel(study: Study) -> tuple[StageCount, ...]:
    """Return every stage of every arm that files have, in the order of an attack.

    Stages that the study's rows do not have are left out, and of many arms those that came out
    as another did.
    """
    counts = []
    for arm in study.distinct:
        rows = study.of(arm)
        for metric in STAGES:
            values = [row.attacked.get(metric.name) for row in rows]
            known = [value for value in values if value is not None]
            if known:
                counts.append(
                    StageCount(
                        arm=arm,
                        stage=metric.name.removeprefix("stage_"),
                        label=metric.label,
                        count=round(sum(known)),
                        runs=len(known),
                        share=estimate_one(rows, (), metric, "metric"),
                    )
                )
    return tuple(counts)
