"""What can go wrong: the attacker's steps as threats, and how far attacks come."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Final

from testbed.attacks import STRIDE
from testbed.mitigations import ANY, MITIGATIONS
from testbed.report.page.evidence import Evidence
from testbed.report.page.sheet import Cell, Sheet, number_cell, sheet
from testbed.report.page.story import name_of
from testbed.report.plots import Interval, Stage
from testbed.study.estimate import Estimate
from testbed.study.statistics import estimate_share

_HARM: Final = ("hypo_1_events", "hypo_2_events", "hypo_3_proxy")


def threats_sheet(evidence: Evidence) -> Sheet:
    """Return a row for each step of the attack: kind of threat, preconditions, gates, controls."""
    scenario = evidence.scenario
    attacker = None if scenario is None else scenario.attacker
    sources = "; ".join(scenario.sources) if scenario is not None else ""
    general = [each.name for each in MITIGATIONS.values() if ANY in each.against]
    rows: list[Sequence[Cell | str]] = []
    for number, step in enumerate(attacker.step if attacker is not None else (), start=1):
        letters = sorted(step.stride, key=list(STRIDE).index)
        own = name_of(step)
        controls = [each.name for each in MITIGATIONS.values() if own in each.against]
        rows.append(
            (
                Cell(f"{evidence.study.scenario}.{number}"),
                own,
                (inspect.getdoc(type(step)) or "").split("\n")[0],
                ", ".join(f"{letter} ({STRIDE[letter]})" for letter in letters),
                ", ".join(sorted(step.needs)),
                " ".join(step.preconditions),
                " > ".join(step.gates),
                ", ".join(controls) or "none",
                sources,
            )
        )
    return sheet(
        "threats",
        "Threats (STRIDE)",
        (
            *("id", "step", "what it is", "STRIDE", "needs", "preconditions", "gates, in order"),
            *("precautions against it", "public analogue"),
        ),
        rows,
        (f"Precautions against whatever an attacker does: {', '.join(general) or 'none'}.",),
    )


def stages(evidence: Evidence, arm: str) -> list[Stage]:
    """Return how far the attacks of an arm come, from the attempt down to the person.

    A stage is the share of an arm's runs.  The last ones, of glucose, count a run whose twin,
    which nobody attacked, did not come to it.
    """
    found = [Stage("attempted", Interval(1.0))]
    for count in evidence.funnel:
        if count.arm == arm:
            label = count.label.removeprefix("attacks: ")
            found.append(Stage(label, _interval(count.share), harm=count.stage == "harmed"))
    for name, words in zip(_HARM, ("below 70", "below 54", "below 40"), strict=True):
        estimate = _beyond_twin(evidence, arm, name)
        if estimate.mean is not None:
            found.append(Stage(f"{words} mg/dL for 15 min", _interval(estimate), harm=True))
    return found


def funnel_sheet(evidence: Evidence) -> Sheet:
    """Return the share of runs that come to each stage, arm by arm."""
    arms = evidence.study.shown
    by_arm = {arm: stages(evidence, arm) for arm in arms}
    rows: list[Sequence[Cell | str]] = [
        (stage.label, *(_cell(by_arm[arm][at].share, evidence.runs) for arm in arms))
        for at, stage in enumerate(by_arm[arms[0]])
    ]
    return sheet(
        "funnel",
        "How far the attacks come: share of all attempts",
        ("stage", *arms),
        rows,
        (
            "From one stage to the next attacks are lost, but two stand side by side: noticed by "
            "nobody, and with level 2 glucose, are both of runs with other insulin than without "
            "the attack. The last rows count runs that come to it while the twin, which nobody "
            "attacked, does not. Limits are 95 % limits of a share, clustered by patient.",
        ),
    )


def _cell(share: Interval, runs: int) -> Cell:
    if share.low is None:
        return Cell("all", share.mean)
    return number_cell(Estimate(*share, runs, ""), 3)


def _beyond_twin(evidence: Evidence, arm: str, metric: str) -> Estimate:
    """Return in what share of an arm's runs a metric is more than the twin's."""
    rows = evidence.study.of(arm)
    values: list[float | None] = []
    for row in rows:
        value, before = row.attacked.get(metric), row.twin.get(metric)
        values.append(None if value is None or before is None else float(value > before))
    return estimate_share(values, [row.patient for row in rows])


def _interval(estimate: Estimate) -> Interval:
    return Interval(estimate.mean or 0.0, estimate.low, estimate.high)
