"""What is left: residual risk of every arm, and the trace from each hazard to its evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from testbed.outcomes.severity import SEVERITIES, Steps, severity_of
from testbed.report.page.evidence import Evidence
from testbed.report.page.sheet import Cell, Sheet, number_cell, sheet
from testbed.report.page.story import name_of
from testbed.scenario.judging import SCALES, SeveritySettings
from testbed.study.row import Measured, Row
from testbed.study.statistics import estimate_share

_GIIP: Final = "Hazards after Zhang et al., J Diabetes Sci Technol 2010;4:263, in our own words."
_SERIOUS: Final = SEVERITIES.index("serious")
_TRIFLE_U: Final = 0.005
"""What a table of units prints as nothing."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """Something that may hurt the person.

    Attributes:
        id: Its short name.
        name: What it is.
        situation: How it comes to hurt, in a few words.
        harm: What it may do.
        measure: How far a run shows it, from the metrics of the run and of its twin; None where
            no metric does.
        least: From which measure on the run shows the hazard.
    """

    id: str
    name: str
    situation: str
    harm: str
    measure: Callable[[Measured, Measured], float | None] | None
    least: float


def _value(name: str) -> Callable[[Measured, Measured], float | None]:
    return lambda run, _twin: run.get(name)


def _unnoticed(run: Measured, _twin: Measured) -> float | None:
    theirs = run.get("unauthorised_U")
    return None if theirs is None else float(theirs > 0 and run.get("time_to_notice_min") is None)


HAZARDS: Final = (
    Hazard(
        "H1",
        "over-delivery",
        "insulin that nobody entitled asked for is delivered",
        "hypoglycaemia",
        _value("unauthorised_U"),
        _TRIFLE_U,
    ),
    Hazard(
        "H2",
        "under-delivery",
        "less insulin comes from person, programme and therapy than without the attack",
        "hyperglycaemia, ketoacidosis",
        _value("missed_U"),
        _TRIFLE_U,
    ),
    Hazard(
        "H3",
        "wrong information",
        "person or therapy doses by a false reading",
        "hypo- or hyperglycaemia",
        _value("miscued_U"),
        _TRIFLE_U,
    ),
    Hazard(
        "H4",
        "missed alarm",
        "insulin is delivered for the attacker and nobody notices",
        "treatment comes too late",
        _unnoticed,
        1.0,
    ),
    Hazard(
        "H5",
        "loss of data",
        "readings or the pump's history are lost or wrong",
        "later doses rest on what is not so",
        None,
        0.0,
    ),
)
"""The hazards that are looked for in every run."""


def hazards_sheet(evidence: Evidence) -> Sheet:
    """Return for every hazard and arm what the runs show, down to one run that anybody can redo."""
    study, rule = evidence.study, evidence.steps
    attacker = None if evidence.scenario is None else evidence.scenario.attacker
    steps = ", ".join(name_of(step) for step in attacker.step) if attacker is not None else "none"
    rows: list[Sequence[Cell | str]] = []
    for hazard in HAZARDS:
        for arm in study.shown:
            rows.append(
                (
                    f"{hazard.id} {hazard.name}",
                    hazard.situation,
                    hazard.harm,
                    f"{study.scenario}: {steps}",
                    arm,
                    *_shown(hazard, study.of(arm), evidence.key, rule),
                )
            )
    return sheet(
        "hazards",
        "From hazard to evidence",
        (
            *("hazard", "hazardous situation", "harm", "scenario: steps", "arm (precautions)"),
            *("run", "runs that show it", "and are serious or worse"),
        ),
        rows,
        (
            _GIIP,
            "A run is named by the beginning of the study's key, its arm and its replicate; it is "
            "the worst of its arm. `testbed trace FILE --arm ARM --replicate R` lives it again.",
            "Shares are of all attacked runs of the arm, with 95 % limits. Serious is said by the "
            "rule below the table of residual risk, and only where the twin is less severe.",
        ),
    )


def _shown(hazard: Hazard, rows: Sequence[Row], key: str, rule: Steps) -> tuple[Cell, Cell, Cell]:
    """Return which run shows a hazard most, in what share of runs it shows, and is serious."""
    if hazard.measure is None:
        return Cell("not measured"), Cell("not measured"), Cell("not measured")
    values = [hazard.measure(row.attacked, row.twin) for row in rows]
    patients = [row.patient for row in rows]
    hits = [None if value is None else float(value >= hazard.least) for value in values]
    serious = [
        None if hit is None else _and_beyond(hit, _beyond_twin(rule, row), _SERIOUS)
        for hit, row in zip(hits, rows, strict=True)
    ]
    share = number_cell(estimate_share(hits, patients), 3)
    bad = number_cell(estimate_share(serious, patients), 3)
    shown = [(value, row) for value, row, hit in zip(values, rows, hits, strict=True) if hit]
    if not shown:
        return Cell(f"none of {len(rows)}"), share, bad
    _, worst = max(shown, key=lambda each: (each[0] or 0.0, -each[1].replicate))
    return Cell(f"{key[:8]}/{worst.arm}/{worst.replicate}"), share, bad


def residual_sheet(evidence: Evidence) -> Sheet:
    """Return the risk that every arm leaves, conditional on an attempt, with the rule below it."""
    study, severity = evidence.study, evidence.severity
    attacker = None if evidence.scenario is None else evidence.scenario.attacker
    needs = sorted({each for step in attacker.step for each in step.needs}) if attacker else []
    near = (
        f"within {attacker.distance_m:g} m in the {attacker.place}" if attacker else "nobody near"
    )
    rows: list[Sequence[Cell | str]] = []
    for arm in study.shown:
        runs = study.of(arm)
        patients = [row.patient for row in runs]
        beyond = [_beyond_twin(evidence.steps, row) for row in runs]
        shares = [
            number_cell(estimate_share([_and_beyond(1.0, b, level) for b in beyond], patients), 3)
            for level in range(1, len(SEVERITIES))
        ]
        known = [each for each in beyond if each is not None]
        worst = SEVERITIES[max(known)] if any(known) else "none beyond the twin's"
        worst = worst if known else "not known"
        control = "before (uncontrolled)" if arm == study.baseline else "after (controlled)"
        verdict = _verdict(evidence, arm)
        rows.append((arm, control, f"{', '.join(needs)}; {near}", *shares, worst, verdict))
    return sheet(
        "residual",
        "Residual risk: severity of what an attempt leads to",
        (
            *("arm", "control", "exploitability: what an attempt needs"),
            *(f"{word} or worse" for word in SEVERITIES[1:]),
            *("worst seen", "what the precautions change"),
        ),
        rows,
        (
            f"Severity rule ({severity.name}): {'; '.join(_in_words(severity))}. "
            "The worst word of any metric counts. A run counts only where it is more severe than "
            "its twin, which nobody attacked.",
            f"Source of the rule: {_source(severity)}.",
            "There is no probability of an attack here (AAMI TIR57, ANSI/AAMI SW96: severity by "
            "exploitability); shares are of attempts, with 95 % limits. Whether a risk is "
            "acceptable is for the manufacturer to say.",
        ),
    )


def _beyond_twin(rule: Steps, row: Row) -> int | None:
    """Return how severe a run is, 0 where its twin is as severe, None where it is not known."""
    severity, before = severity_of(row.attacked, rule), severity_of(row.twin, rule)
    if severity is None or before is None:
        return None
    return severity if severity > before else 0


def _and_beyond(hit: float, severity: int | None, level: int) -> float | None:
    return None if severity is None else float(bool(hit) and severity >= level)


def _in_words(severity: SeveritySettings) -> list[str]:
    """Return the rule a metric a line."""
    lines = []
    for metric, words in severity.steps.items():
        told = (f"{word} from {threshold:g}" for word, threshold in words.items())
        lines.append(f"{metric}: {', '.join(told)}")
    return lines


def _source(severity: SeveritySettings) -> str:
    scale = SCALES.get(severity.name)
    return "the scenario's own thresholds" if scale is None else scale.source


def _verdict(evidence: Evidence, arm: str) -> Cell:
    """Return what an arm changes, or that it changes nothing, which is a result."""
    study = evidence.study
    if arm == study.baseline:
        return Cell("the baseline")
    effects = study.summary()[arm].effects
    defined = {name: each for name, each in effects.items() if each.mean is not None}
    if all(each.mean == 0 and each.is_exact for each in defined.values()):
        return Cell("no effect: exactly 0 in every metric and pair")
    usual = {name: each for name, each in defined.items() if not study.metrics[name].on_request}
    moved = [
        n for n, each in usual.items() if each.p_adjusted is not None and each.p_adjusted < 0.05
    ]
    if not moved:
        return Cell("no change that chance does not explain")
    return Cell(f"moves {', '.join(moved)}", strong=True)
