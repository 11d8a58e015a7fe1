"""The funnel of a study, and how severe its runs are."""

from __future__ import annotations

import pytest
from testbed.mitigations import arm_of
from testbed.outcomes import METRICS
from testbed.scenario import Scenario
from testbed.study import Study, run_study
from testbed.study.funnel import funnel
from testbed.study.keys import study_key, world_key
from testbed.study.row import Row
from testbed.study.severity import severity_table
from testbed.study.statistics import estimate_share

STEPS = {"lbgi": {"minor": 2.5, "critical": 10.0}}


def made(values: list[dict[str, float]]) -> Study:
    """Return a study of one arm whose rows have some metrics."""
    rows = [
        Row("as-shipped", at, f"p{at % 3}", each, {"lbgi": 0.0}) for at, each in enumerate(values)
    ]
    return Study(
        title="t",
        scenario="s",
        baseline="as-shipped",
        arms=("as-shipped",),
        rows=rows,
        seed=1,
        replicates=len(rows),
    )


def test_the_funnel_counts_runs_and_shares_them_with_limits() -> None:
    """A stage has the count of its runs, their share and the clustered Wilson limits."""
    came = [1.0, 1.0, 0.0, 1.0, 0.0, 0.0]
    study = made([{"stage_in_range": 1.0, "stage_key": each} for each in came])
    found = {each.stage: each for each in funnel(study)}
    assert list(found) == ["in_range", "key"]
    assert (found["in_range"].count, found["in_range"].runs) == (6, 6)
    assert found["key"].count == 3
    assert found["key"].share == estimate_share(came, ["p0", "p1", "p2"] * 2)


def test_the_funnel_of_a_real_study_narrows(short: Scenario) -> None:
    """Each of the first four stages holds the next, and a closed gate ends it in its arm."""
    study = run_study(short)
    counts = {(each.arm, each.stage): each.count for each in funnel(study)}
    for arm in study.arms:
        first_four = [counts[arm, stage] for stage in ("in_range", "heard", "key", "accepted")]
        assert first_four == sorted(first_four, reverse=True)
        assert counts[arm, "delivered"] >= counts[arm, "unnoticed"]
    assert counts["as-shipped", "delivered"] > 0
    assert counts["remote-bolus-off", "accepted"] == counts["remote-bolus-off", "delivered"] == 0


def test_every_run_is_said_one_word() -> None:
    """Counts and shares of the five words add up to all runs, and 'at least' to what is above."""
    study = made([{"lbgi": value} for value in (0.0, 1.0, 3.0, 3.0, 50.0, 12.0)])
    attacked = [each for each in severity_table(study, STEPS) if each.side == "attacked"]
    assert [each.count for each in attacked] == [2, 2, 0, 2, 0]
    assert {each.runs for each in attacked} == {6}
    assert [each.at_least.mean for each in attacked] == pytest.approx([1, 4 / 6, 2 / 6, 2 / 6, 0])
    twins = [each for each in severity_table(study, STEPS) if each.side == "twin"]
    assert [each.count for each in twins] == [6, 0, 0, 0, 0]


def test_a_run_of_unknown_severity_is_in_no_count() -> None:
    """Where a metric of the scale is missing, nothing is said."""
    study = made([{"lbgi": 0.0}, {"hbgi": 3.0}])
    attacked = [each for each in severity_table(study, STEPS) if each.side == "attacked"]
    assert [each.count for each in attacked] == [1, 0, 0, 0, 0]
    assert {each.runs for each in attacked} == {1}


def key_of_world(scenario: Scenario) -> str:
    """Return the key under which runs of the baseline are stored."""
    return world_key(arm_of(scenario, scenario.study.baseline))


def test_the_scale_of_severity_changes_no_key(short: Scenario) -> None:
    """Another scale needs no run anew; another limit of unsafe doses, which is measured, does."""
    other = short.patched({"severity.scale": "consensus"})
    assert key_of_world(other) == key_of_world(short)
    assert study_key(other) == study_key(short)
    assert key_of_world(short.patched({"unsafe.most_in_2h_U": 5.0})) != key_of_world(short)


def test_the_limits_of_unsafe_doses_are_the_scenarios(short: Scenario) -> None:
    """What is called unsafe is what the scenario says, whatever the pump allows."""
    strict = short.patched({"unsafe.max_bolus_U": 1.0, "unsafe.most_in_2h_U": 1.0})
    usual, stricter = (run_study(each, replicates=2).of("as-shipped") for each in (short, strict))
    hit = [row.replicate for row in usual if row.attacked["unauthorised_U"]]
    assert hit
    for at in hit:
        assert usual[at].attacked["over_max_bolus"] == 0.0
        assert stricter[at].attacked["over_max_bolus"] == 1.0
        assert stricter[at].attacked["over_in_2h"] == 1.0
    assert "over_max_bolus" in METRICS
