"""What can go wrong: the attacker's steps as threats, and how far attacks come."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Final

from testbed.attacks import STRIDE
from testbed.mitigations import MITIGATIONS
from testbed.report.page.evidence import Evidence
from testbed.report.page.sheet import Cell, Sheet, number_cell, sheet
from testbed.report.page.story import name_of
from testbed.report.plots import Interval, Stage
from testbed.study.estimate import Estimate
from testbed.study.statistics import estimate_share

_STAGE: Final = "stage_"
_HARM: Final = ("hypo_1_events", "hypo_2_events", "hypo_3_proxy")
_FIRST: Final = ("unauthorised_U", "unsafe_dose")


def threats_sheet(evidence: Evidence) -> Sheet:
    """Return a row for each step of the attack: kind of threat, preconditions, gates, controls."""
    scenario = evidence.scenario
    attacker = None if scenario is None else scenario.attacker
    sources = "; ".join(scenario.sources) if scenario is not None else ""
    rows: list[Sequence[Cell | str]] = []
    for number, step in enumerate(attacker.step if attacker is not None else (), start=1):
        letters = sorted(step.stride, key=list(STRIDE).index)
        controls = [
            m.name for m in MITIGATIONS.values() if m.is_against(frozenset({name_of(step)}))
        ]
        rows.append(
            (
                Cell(f"{evidence.study.scenario}.{number}"),
                name_of(step),
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
    )


def stages(evidence: Evidence, arm: str) -> list[Stage]:
    """Return how far the attacks of an arm come, from the attempt down to the person.

    A stage is the share of an arm's runs.  Stages of glucose count a run whose twin, which
    nobody attacked, did not come to it.
    """
    study = evidence.study
    found = [Stage("attempted", Interval(1.0))]
    summary = study.summary()[arm].metrics
    named = [name for name in study.metrics if name.startswith(_STAGE)]
    for name in named:
        about = study.metrics[name].label.removeprefix("attacks: ")
        found.append(Stage(about, _interval(summary[name]), harm="harm" in name))
    if not named:
        found += [
            Stage(label, _interval(estimate))
            for label, estimate in (
                ("insulin delivered for the attacker", _share(evidence, arm, _FIRST[0])),
                ("unsafe dose", _share(evidence, arm, _FIRST[1])),
            )
            if estimate.mean is not None
        ]
    for name, words in zip(_HARM, ("below 70", "below 54", "below 40"), strict=True):
        estimate = _share(evidence, arm, name, beyond_twin=True)
        if estimate.mean is not None:
            found.append(Stage(f"{words} mg/dL for 15 min", _interval(estimate), harm=True))
    return found


def funnel_sheet(evidence: Evidence) -> Sheet:
    """Return the share of runs that come to each stage, arm by arm."""
    by_arm = {arm: stages(evidence, arm) for arm in evidence.study.arms}
    first = by_arm[evidence.study.baseline]
    rows: list[Sequence[Cell | str]] = [
        (
            stage.label,
            *(_cell(by_arm[arm][at].share, evidence.runs) for arm in evidence.study.arms),
        )
        for at, stage in enumerate(first)
    ]
    return sheet(
        "funnel",
        "How far the attacks come: share of all attempts",
        ("stage", *evidence.study.arms),
        rows,
        (
            "Stages of glucose count runs that come to it while the twin, which nobody attacked, "
            "does not. Limits are 95 % limits of a share, clustered by patient.",
        ),
    )


def _cell(share: Interval, runs: int) -> Cell:
    if share.low is None:
        return Cell("all", share.mean)
    return number_cell(Estimate(*share, runs, ""), 3)


def _share(evidence: Evidence, arm: str, metric: str, *, beyond_twin: bool = False) -> Estimate:
    """Return in what share of an arm's runs a metric is more than nothing, or than the twin's."""
    values: list[float | None] = []
    patients: list[str] = []
    for row in evidence.study.of(arm):
        value, before = row.attacked.get(metric), row.twin.get(metric)
        if value is None:
            values.append(None)
        else:
            values.append(float(value > ((before or 0.0) if beyond_twin else 0.0)))
        patients.append(row.patient)
    return estimate_share(values, patients)


def _interval(estimate: Estimate) -> Interval:
    return Interval(estimate.mean or 0.0, estimate.low, estimate.high)
