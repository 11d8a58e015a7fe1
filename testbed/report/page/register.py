"""What the numbers stand on: assumptions, expectations, the manifest and the limits."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import BaseModel

from testbed.report.page.evidence import Evidence
from testbed.report.page.sheet import Cell, Sheet, sheet
from testbed.scenario.assumptions import row_of
from testbed.scenario.model import Scenario
from testbed.scenario.shapes import fields
from testbed.settings import NO_PUBLISHED_RATE
from testbed.study.expectations import check
from testbed.study.results import Study

LIMITS: Final = (
    "Everything is simulated. There is no radio, no pump firmware and no real product's protocol; "
    "the link is a stand-in made up for this program.",
    "Numbers are conditional on an attack attempt. They say nothing about how often anybody is "
    "attacked, and are no probability of harm.",
    "Virtual patients are no sample of any population, and nothing here describes a person. This "
    "is no medical advice and no reason to change a treatment.",
    "Depth of hypoglycaemia is extrapolated: the models have little or no counter-regulation, so "
    "values below 40 mg/dL only order runs.",
    "Rows without a published source are guesses within a range. A conclusion that leans on one "
    "holds only if it holds over that range.",
    "Glucose is that of plasma, minute by minute; indices made for weeks of sensor readings "
    "describe only the length of this scenario.",
)
"""What a reader must not take from a report."""


def assumptions_sheet(scenario: Scenario) -> Sheet:
    """Return every number that the baseline leans on, those without a published rate first."""
    rows: list[Sequence[Cell | str]] = []
    chosen = f"cgm.error.{scenario.cgm.error_model.replace('-', '_')}."
    found = [
        row
        for row in _assumptions(scenario, "")
        if row[0].startswith(chosen) or not row[0].startswith("cgm.error.")
    ]
    for name, value, default, low, high, unit, source, about in sorted(found, key=_guesses_first):
        changed = value != default
        rows.append(
            (
                Cell(name, strong=changed),
                Cell(_shown(value), _number(value), strong=changed),
                Cell(_shown(default), _number(default)),
                f"{_end(low)} to {_end(high)}",
                "share or factor" if unit == "1" else unit,
                about.replace("``", ""),
                source,
            )
        )
    return sheet(
        "assumptions",
        "Assumptions of this study",
        ("name", "value", "default", "range", "unit", "what it is", "source"),
        rows,
        (
            "Bold: set by the scenario or by its profile. First come rows of which no rate has "
            "been published. A range is what a sensitivity study sweeps.",
        ),
    )


_Assumed = tuple[str, Any, Any, Any, Any, str, str, str]


def _guesses_first(row: _Assumed) -> tuple[bool, str]:
    return NO_PUBLISHED_RATE not in row[6], row[0]


def _assumptions(settings: BaseModel, where: str) -> Iterator[_Assumed]:
    """Yield the assumptions among settings as they are, and those inside them."""
    for key, (attribute, info) in fields(type(settings)).items():
        name = f"{where}.{key}" if where else key
        value = _resolved(settings, attribute)
        row = row_of(info)
        if row is not None:
            ends = (row.default, row.low, row.high)
            yield name, row.told(value), *ends, row.unit, row.source, row.about
        elif isinstance(value, BaseModel):
            yield from _assumptions(value, name)
        elif isinstance(value, tuple):
            for number, each in enumerate(value, start=1):
                if isinstance(each, BaseModel):
                    yield from _assumptions(each, f"{name}[{number}]")


def _resolved(settings: BaseModel, attribute: str) -> Any:
    """Return a setting; what a profile decides is as the profile has it."""
    if isinstance(settings, Scenario) and attribute == "care_partner":
        return settings.partner
    if isinstance(settings, Scenario) and attribute == "patient":
        return settings.patient.model_copy(update={"behaviour": settings.behaviour})
    return getattr(settings, attribute)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else "" if value is None else str(value)


def _end(value: Any) -> str:
    """Return an end of a range in three digits, and whole numbers whole."""
    small = isinstance(value, float) and abs(value) < 100
    return f"{value:.3g}" if small else _shown(value)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def checks_sheet(evidence: Evidence) -> Sheet:
    """Return the scenario's expectations: what must come out, what came out, pass or fail."""
    scenario, study = evidence.scenario, evidence.study
    expected = () if scenario is None else scenario.expect
    known = tuple(each for each in expected if each.arm in study.arms)
    rows = [
        (
            verdict.arm,
            verdict.metric if verdict.of == "metric" else f"{verdict.of} of {verdict.metric}",
            verdict.expected,
            verdict.message,
            Cell("pass" if verdict.passed else "FAIL", strong=not verdict.passed),
        )
        for verdict in check(study, known)
    ]
    return sheet(
        "checks",
        "Control and verification: what had to come out",
        ("arm (control)", "metric", "expected", "measured", "verdict"),
        rows,
        (
            "Expectations are the scenario file's and are written for its own number of replicates "
            "and seed. They are about the mean; limits are beside it.",
        ),
    )


def manifest_sheet(evidence: Evidence) -> Sheet:
    """Return what made the numbers, enough to make them again."""
    manifest, study = evidence.manifest, evidence.study
    rows = [
        ("scenario", manifest.scenario),
        ("study key (SHA-256)", evidence.key),
        ("command", shlex.join(manifest.command) or "begun by a program"),
        ("seed", str(manifest.seed)),
        ("replicates an arm", f"{evidence.runs} of {manifest.replicates}"),
        ("arms", ", ".join([*study.shown, *_others(study)])),
        ("result version", str(manifest.result_version)),
        *((name, version) for name, version in sorted(manifest.versions.items())),
    ]
    return sheet("manifest", "Manifest", ("what", "value"), rows)


def _others(study: Study) -> list[str]:
    left = len(study.arms) - len(study.shown)
    return [f"and {left} others"] if left else []


def methods_lines(evidence: Evidence) -> list[str]:
    """Return how intervals were reached, and what else a reader must know."""
    study = evidence.study
    names = {
        each.method.split(" (")[0]
        for found in (study.summary()[arm] for arm in study.shown)
        for kind in (found.metrics, found.effects)
        for each in kind.values()
    }
    lines = [f"Intervals: {'; '.join(sorted(names))}."]
    if study.precision is not None:
        lines.append(study.precision.in_words())
    return [*lines, *study.notes]
