"""Which arms a study's factors make."""

from __future__ import annotations

from itertools import combinations
from math import prod
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.api import load
from testbed.mitigations import MITIGATIONS, apply_arm, arms_of
from testbed.scenario import Scenario, ScenarioError
from testbed.scenario.factors import FactorError, fraction, planned
from testbed.scenario.study_settings import StudySettings

CAFE = Path(__file__).parents[2] / "scenarios" / "cafe_pairing.toml"
ADVICE = [each.name for each in MITIGATIONS.values() if each.bearer == "wearer"]


def names(factors: dict[str, Any]) -> list[str]:
    """Return the arms that some factors make of three lines of advice, a, b and c."""
    study = StudySettings.model_validate({"factors": factors, "arms": {"as-shipped": []}})
    return list(planned(study, ["a", "b", "c"]))


def test_full_design_is_every_combination() -> None:
    """A full design has each combination of levels once; the one of none is the baseline."""
    assert names({"mitigations": ["@advice"]}) == [
        *("as-shipped", "c", "b", "b+c", "a", "a+c", "a+b", "a+b+c")
    ]
    sweep = {"mitigations": ["a"], "settings": {"pump.max_bolus_U": [5, 10.5]}}
    assert names(sweep) == [
        "as-shipped",
        *("pump.max_bolus_U=5", "pump.max_bolus_U=5+a"),
        *("pump.max_bolus_U=10.5", "pump.max_bolus_U=10.5+a"),
    ]


def test_one_at_a_time_and_leave_one_out() -> None:
    """Each level by itself; and everything, and everything but one."""
    given = {"mitigations": ["@advice"], "settings": {"pump.max_bolus_U": [5, 10]}}
    assert names({"design": "one-at-a-time", **given}) == [
        *("as-shipped", "pump.max_bolus_U=5", "pump.max_bolus_U=10", "a", "b", "c")
    ]
    assert names({"design": "leave-one-out", "mitigations": ["@advice"]}) == [
        *("as-shipped", "a+b+c", "b+c", "a+c", "a+b")
    ]


def test_adherence_is_swept() -> None:
    """A mitigation's adherences are levels; 0 is to be without it, and 1 to take it."""
    assert names({"adherence": {"a": {"from": 0, "to": 1, "steps": 3}}}) == [
        *("as-shipped", "a@0.5", "a")
    ]
    assert names({"mitigations": [{"name": "a", "adherence": 0.3}, "b"]}) == [
        *("as-shipped", "b", "a@0.3", "a@0.3+b")
    ]


def test_ranges_reach_both_ends() -> None:
    """A range has as many values as steps, as far apart or as many times each other."""
    linear = {"settings": {"x.y": {"from": 1, "to": 2, "steps": 3}}}
    assert names(linear) == ["as-shipped", "x.y=1", "x.y=1.5", "x.y=2"]
    log = {"settings": {"x.y": {"from": 1, "to": 100, "steps": 3, "scale": "log"}}}
    assert names(log) == ["as-shipped", "x.y=1", "x.y=10", "x.y=100"]


def test_excluded_combinations_are_left_out() -> None:
    """A combination that meets all levels of a rule is no arm."""
    given = {"mitigations": ["@advice"], "exclude": [{"a": True, "b": False}, {"c": True}]}
    assert names(given) == ["as-shipped", "b", "a+b"]


def test_written_arms_stay_beside_those_of_factors() -> None:
    """An arm that a file writes goes first and keeps its name; the others follow."""
    study = StudySettings.model_validate(
        {"arms": {"as-shipped": [], "mine": ["a", "c"]}, "factors": {"mitigations": ["a"]}}
    )
    assert list(planned(study, [])) == ["as-shipped", "mine", "a"]


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 12), st.sampled_from([3, 4, 5]))
def test_fraction_has_the_resolution_that_was_asked_for(factors: int, resolution: int) -> None:
    """No product of fewer columns than the resolution is constant, and each column is balanced."""
    runs = [[1 if level else -1 for level in run] for run in fraction(factors, resolution)]
    assert [-1] * factors in runs
    assert len({tuple(run) for run in runs}) == len(runs)
    for size in range(1, min(resolution, factors + 1)):
        for columns in combinations(range(factors), size):
            assert sum(prod(run[column] for column in columns) for run in runs) == 0


@pytest.mark.parametrize(
    ("factors", "resolution", "runs"),
    [(3, 3, 4), (7, 3, 8), (8, 4, 16), (5, 5, 16), (8, 5, 64), (11, 5, 128), (14, 4, 32)],
)
def test_fractions_are_as_small_as_published_ones(factors: int, resolution: int, runs: int) -> None:
    """Runs are as few as in the tables of the NIST handbook, 5.3.3.4.7."""
    assert len(fraction(factors, resolution)) == runs


@pytest.mark.parametrize(
    ("factors", "key"),
    [
        ({"mitigations": ["a", "a"]}, ("mitigations", 1)),
        ({"mitigations": ["a"], "adherence": {"a": [0, 1]}}, ("mitigations", 0)),
        ({"settings": {"x.y": [1]}}, ("settings", "x.y")),
        ({"settings": {"x.y": [1, 2, 1]}}, ("settings", "x.y")),
        ({"design": "leave-one-out", "settings": {"x.y": [1, 2, 3]}}, ("settings", "x.y")),
        ({"settings": {"x.y": {"from": 0, "to": 1, "steps": 3, "scale": "log"}}}, ("settings",)),
        ({"mitigations": ["a"], "exclude": [{"z": True}]}, ("exclude", 0, "z")),
        ({"mitigations": [f"m{n}" for n in range(17)]}, ("design",)),
    ],
)
def test_factors_that_make_no_design_are_refused(factors: dict[str, Any], key: Any) -> None:
    """The error names the key inside the factors."""
    with pytest.raises(FactorError) as raised:
        names(factors)
    assert raised.value.key == key


def test_arm_of_factors_has_its_settings_and_its_mitigations() -> None:
    """An arm's scenario has the values of its name, and the mitigations on top of them."""
    scenario = load(CAFE).patched(
        {
            "study.factors": {
                "mitigations": ["remote-bolus-off"],
                "settings": {"pump.max_bolus_U": [5, 10], "pump.remote_bolus": [False, True]},
            }
        }
    )
    assert len(arms_of(scenario.study)) == 5 + 8
    for name in arms_of(scenario.study):
        found = apply_arm(scenario, name)
        if name.startswith("pump"):
            assert found.pump.max_bolus_U == (5 if "U=5" in name else 10)
            assert found.pump.remote_bolus == ("=true" in name and "-off" not in name)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('mitigations = ["prayer"]', "factors.mitigations[1]: expected a mitigation"),
        ("adherence = {prayer = [0, 1]}", "factors.adherence.prayer: expected a mitigation"),
        ('settings = {"pump.max_bolus_U" = [5, 99]}', "expected a number from 0.1 to 25, found 99"),
        ('settings = {"pump.max_bolu_U" = [5, 9]}', "unknown key, did you mean max_bolus_U?"),
        ('settings = {"meal.carbs_g" = [5, 9]}', 'settings."meal.carbs_g": unknown key'),
        ('design = "half"', 'factors.design: expected one of "full"'),
        ('settings = {"pump.max_bolus_U" = [5]}', "expected two levels or more, found 1"),
        ('mitigations = ["@advice"]\nexclude = [{x = 1}]', "factors.exclude[1].x: expected a fac"),
    ],
)
def test_mistakes_in_factors_are_told_with_their_line(tmp_path: Path, text: str, says: str) -> None:
    """A wrong name, value or design is one problem with file, line and key."""
    path = tmp_path / "wrong.toml"
    path.write_text(f"{CAFE.read_text(encoding='utf-8')}\n[study.factors]\n{text}\n", "utf-8")
    with pytest.raises(ScenarioError) as raised:
        load(path)
    (problem,) = raised.value.problems
    assert says in str(problem)
    assert (problem.line or 0) > CAFE.read_text(encoding="utf-8").count("\n")


def test_all_lines_of_advice_make_a_full_design() -> None:
    """The advice group stands for each line of advice as a factor."""
    scenario = Scenario.from_written(
        {"title": "t", "study": {"factors": {"mitigations": ["@advice"]}}}, "t"
    )
    assert len(arms_of(scenario.study)) == 2 ** len(ADVICE)
    assert "+".join(ADVICE) in arms_of(scenario.study)
