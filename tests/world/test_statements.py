"""What each mitigation states of itself holds in the scenario files, in one replicate of each."""

from __future__ import annotations

import pathlib
from functools import cache

import pytest
from testbed.api import load
from testbed.mitigations import MITIGATIONS, Mitigation
from testbed.outcomes import METRICS
from testbed.study.arms import Arms
from testbed.study.row import Row
from testbed.study.sharing import shared

FILES = sorted((pathlib.Path(__file__).parents[2] / "scenarios").glob("*.toml"))
NONE = "none"
REPLICATE = 0
NOT_IN_FILES = {
    "report": "tells others, and moves nothing for whom it happened to",
}
every_mitigation = pytest.mark.parametrize(
    "mitigation", MITIGATIONS.values(), ids=lambda each: each.name
)


@cache
def rows(path: pathlib.Path) -> tuple[frozenset[str], dict[str, Row]]:
    """Return the steps of a file's attack, and a row for each mitigation and for none."""
    own = {NONE: [], **{name: [name] for name in MITIGATIONS}}
    scenario = load(path).patched({"study.arms": own, "study.baseline": NONE, "expect": []})
    arms = Arms(scenario)
    found = {
        arms.names[arm]: ran.row
        for ran in shared(arms, REPLICATE, range(len(own)))
        for arm in ran.arms
    }
    attacker = scenario.attacker
    return frozenset() if attacker is None else frozenset(s.do for s in attacker.step), found


def moved(row: Row, without: Row, side: str) -> set[str]:
    """Return the metrics that are others with a mitigation, attacked or not."""
    one, other = getattr(row, side), getattr(without, side)
    return {name for name in METRICS if one[name] != other[name]}


@every_mitigation
def test_what_it_must_not_move_it_moves_nowhere(mitigation: Mitigation) -> None:
    """Metrics named as unmoved are equal to the last bit in every file, attacked or not."""
    for path in FILES:
        _, found = rows(path)
        for side in ("attacked", "twin"):
            both = moved(found[mitigation.name], found[NONE], side)
            assert both.isdisjoint(mitigation.unmoved), path.stem


@every_mitigation
def test_when_nobody_attacks_it_costs_what_it_says(mitigation: Mitigation) -> None:
    """No metric but those of its price is another when nobody attacks, in any file."""
    for path in FILES:
        _, found = rows(path)
        beyond = moved(found[mitigation.name], found[NONE], "twin") - set(mitigation.price)
        assert sorted(beyond) == [], path.stem


@every_mitigation
def test_against_an_attack_that_it_is_not_against_it_does_nothing(mitigation: Mitigation) -> None:
    """Where no step is in ``against`` the effect is exactly 0, but for what the day itself costs.

    On every metric where the day is the same when nobody attacks; where it is not, on what the
    attacker has delivered.
    """
    for path in FILES:
        steps, found = rows(path)
        if mitigation.is_against(steps):
            continue
        row, without = found[mitigation.name], found[NONE]
        if not moved(row, without, "twin"):
            assert sorted(moved(row, without, "attacked")) == [], path.stem
        assert row.attacked["unauthorised_U"] == without.attacked["unauthorised_U"], path.stem


@every_mitigation
def test_it_moves_something_the_right_way_somewhere(mitigation: Mitigation) -> None:
    """In some file at least one metric of ``moves`` is better with it than without."""
    better = 0
    for path in FILES:
        steps, found = rows(path)
        for name in mitigation.moves if mitigation.is_against(steps) else ():
            value = found[mitigation.name].attacked[name]
            before, way = found[NONE].attacked[name], METRICS[name].worse
            if value is not None and before is not None:
                fell, rose = value < before, value > before
                better += fell if way == "higher" else rose if way == "lower" else fell or rose
    assert (better > 0) != (mitigation.name in NOT_IN_FILES)
