"""The funnel and the severities of a study as text."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console, Group
from testbed.outcomes.severity import SEVERITIES, severity_of
from testbed.report.judged import funnel_table, severity_counts
from testbed.scenario.judging import SeveritySettings
from testbed.study.results import Study
from testbed.study.row import Row

STAGES = ("in_range", "heard", "key", "accepted", "delivered", "unnoticed", "harmed")
LONG = "an-arm-of-a-name-so-long-that-it-does-not-fit-beside-its-numbers"


def _text(parts: list[object], width: int = 80) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(Group(*parts))  # type: ignore[arg-type]
    return out.getvalue()


def _study(came: dict[str, int], runs: int = 20) -> Study:
    """Return a study of one arm in which so many runs came to each stage."""
    rows = tuple(
        Row(
            LONG,
            at,
            f"adult#{at % 5:03}",
            {f"stage_{stage}": float(at < count) for stage, count in came.items()}
            | {"below_54_min": 10.0 * at, "below_70_min": None},
            {"below_54_min": 0.0},
        )
        for at in range(runs)
    )
    return Study(
        title="t", scenario="s", baseline=LONG, arms=(LONG,), rows=rows, seed=1, replicates=runs
    )


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_funnel_counts_the_runs_of_every_stage(width: int) -> None:
    """The counts of an arm stand in a line in the order of the stages, at any usual width."""
    came = dict(zip(STAGES, (20, 17, 11, 9, 8, 3, 2), strict=True))
    shown = _text(list(funnel_table(_study(came))), width)
    assert max(map(len, shown.splitlines())) <= width
    numbers = [line.split() for line in shown.splitlines()]
    assert any([*map(str, came.values())] == line[-7:] for line in numbers)
    assert "of 20 attacked runs" in shown


def test_a_study_that_nobody_attacks_has_no_funnel() -> None:
    """Where no run comes to any stage there is nothing to show."""
    assert funnel_table(_study(dict.fromkeys(STAGES, 0))) == []


@pytest.mark.parametrize("width", [60, 80, 120])
def test_severities_are_counted_by_the_scale_of_the_scenario(width: int) -> None:
    """Own thresholds say which word each run has; attacked runs stand before their twins."""
    steps = {"below_54_min": {"minor": 15.0, "serious": 60.0, "critical": 150.0}}
    scale = SeveritySettings.model_validate({"thresholds": steps})
    study = replace(_study({}), severity=scale)
    words = [severity_of(row.attacked, steps) for row in study.rows]
    counts = [words.count(place) for place in range(len(SEVERITIES))]
    assert counts == [2, 4, 9, 5, 0]
    shown = _text(list(severity_counts(study)), width)
    assert max(map(len, shown.splitlines())) <= width
    told = " ".join(f"{count} ({20 * (place == 0)})" for place, count in enumerate(counts))
    assert any(" ".join(line.split()).endswith(told) for line in shown.splitlines())
    assert 'scale "own"' in shown
    assert "below_54_min: from 15 minor" in shown


def test_runs_of_unknown_severity_are_not_called_negligible() -> None:
    """A run without a metric of the scale is left out, and where all are there is no table."""
    scale = SeveritySettings.model_validate({"thresholds": {"below_70_min": {"minor": 15.0}}})
    assert severity_counts(replace(_study({}), severity=scale)) == []
