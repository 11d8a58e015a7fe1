"""A mitigation is a patch on a scenario: only what it names changes, once, in any order."""

from __future__ import annotations

from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import pytest
from testbed.api import load
from testbed.attacks.steps import STEPS
from testbed.mitigations import ANY, MITIGATIONS, Mitigation, apply_arm, expand
from testbed.outcomes import METRICS
from testbed.scenario import ADVICE_GROUP, Scenario

NAMES = sorted(MITIGATIONS)
every_mitigation = pytest.mark.parametrize(
    "mitigation", [MITIGATIONS[name] for name in NAMES], ids=NAMES
)


@pytest.fixture(scope="module")
def cafe() -> Scenario:
    """The cafe scenario, which says little about most settings, of somebody who shares all."""
    scenario = load(Path(__file__).parents[2] / "scenarios" / "cafe_pairing.toml")
    return scenario.patched({"patient.behaviour.shares_serials": 1.0})


def flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Return every setting of a scenario by its dotted key."""
    if isinstance(value, dict):
        return {
            key: each
            for name, inner in value.items()
            for key, each in flat(inner, f"{prefix}.{name}" if prefix else str(name)).items()
        }
    return {prefix: value}


@every_mitigation
def test_the_scenario_it_is_applied_to_is_unchanged(cafe: Scenario, mitigation: Mitigation) -> None:
    """Applying a mitigation returns another scenario and leaves the first as it was."""
    written, dumped = cafe.written, cafe.model_dump()
    patched = mitigation.apply(cafe)
    assert patched is not cafe
    assert cafe.written == written
    assert cafe.model_dump() == dumped


@every_mitigation
def test_only_the_named_settings_differ(cafe: Scenario, mitigation: Mitigation) -> None:
    """Every setting that differs afterwards is one that the mitigation names."""
    cafe = cafe.patched({"link.channel": "mac-no-counter"})  # the cafe's is the best there is
    before, after = flat(cafe.model_dump()), flat(mitigation.apply(cafe).model_dump())
    differing = {key for key in before | after if before.get(key) != after.get(key)}
    named = mitigation.touches
    assert all(any(key == n or key.startswith(f"{n}.") for n in named) for key in differing)
    assert differing


@every_mitigation
def test_applying_it_twice_is_applying_it_once(cafe: Scenario, mitigation: Mitigation) -> None:
    """A mitigation is idempotent."""
    once = mitigation.apply(cafe)
    assert mitigation.apply(once).model_dump() == once.model_dump()
    assert mitigation.apply(once).written == once.written


def alternatives(pair: tuple[str, str]) -> bool:
    """Return whether two mitigations want different values of one setting."""
    one, other = (MITIGATIONS[name] for name in pair)
    both = one.changes.keys() & other.changes.keys()
    return any(one.changes[key] != other.changes[key] for key in both)


def test_only_methods_of_pairing_are_alternatives() -> None:
    """Mitigations that cannot be had together are those that choose how devices are linked."""
    for pair in filter(alternatives, combinations(NAMES, 2)):
        assert all("link.pairing" in MITIGATIONS[name].changes for name in pair)


@pytest.mark.parametrize(
    "pair", [pair for pair in combinations(NAMES, 2) if not alternatives(pair)], ids="+".join
)
def test_two_mitigations_commute(cafe: Scenario, pair: tuple[str, str]) -> None:
    """Two mitigations give the same scenario in either order."""
    one, other = (MITIGATIONS[name] for name in pair)
    assert one.apply(other.apply(cafe)).model_dump() == other.apply(one.apply(cafe)).model_dump()


def test_an_arm_is_its_mitigations_in_any_order(cafe: Scenario) -> None:
    """However an arm lists three mitigations, it is the same scenario."""
    seen = []
    for order in permutations(["remote-bolus-off", "pair-in-private", "cancel-unexpected-bolus"]):
        scenario = cafe.patched({"study.arms": {"as-shipped": [], "three": list(order)}})
        patched = apply_arm(scenario, "three").model_dump(exclude={"study"})
        seen.append(patched)
    assert all(each == seen[0] for each in seen)
    assert seen[0] == apply_arm(cafe, "all-three").model_dump(exclude={"study"})


def test_an_arm_without_mitigations_is_the_scenario(cafe: Scenario) -> None:
    """The baseline arm of the cafe changes nothing."""
    assert apply_arm(cafe, "as-shipped") == cafe


def test_advice_is_every_line_to_wearers() -> None:
    """The advice group stands for the mitigations that wearers carry out, each once."""
    wearers = [each.name for each in MITIGATIONS.values() if each.bearer == "wearer"]
    assert [each.mitigation.name for each in expand([ADVICE_GROUP])] == wearers
    assert sorted(each.mitigation.name for each in expand([*wearers, ADVICE_GROUP])) == sorted(
        wearers
    )


def test_a_mitigation_named_twice_is_applied_once() -> None:
    """An arm that names a mitigation twice has it once."""
    assert [each.mitigation.name for each in expand(["pair-in-private"] * 3)] == ["pair-in-private"]


def test_unknown_names_are_not_passed_over(cafe: Scenario) -> None:
    """An unknown mitigation or arm raises KeyError with its name."""
    with pytest.raises(KeyError, match="prayer"):
        expand(["prayer"])
    with pytest.raises(KeyError, match="prayer"):
        apply_arm(cafe, "prayer")


@every_mitigation
def test_it_says_what_it_is(mitigation: Mitigation) -> None:
    """Each mitigation has advice, a source, and metrics it should move that exist."""
    assert MITIGATIONS[mitigation.name] is mitigation
    assert mitigation.advice.endswith(".")
    assert mitigation.source
    assert mitigation.keeps
    assert mitigation.against
    assert set(mitigation.against) <= {*STEPS, ANY}
    for metrics in (mitigation.moves, mitigation.unmoved, mitigation.price):
        assert set(metrics) <= set(METRICS)
    assert set(mitigation.moves).isdisjoint(mitigation.unmoved)
    assert mitigation.touches
    assert set(mitigation.changes).isdisjoint(mitigation.shares)


def test_a_patch_reaches_the_settings_of_a_therapy_that_is_only_named() -> None:
    """A patch inside a therapy that the file gives by its name alone changes that therapy."""
    named = Scenario.from_written(
        {"title": "A day", "pump": {"therapy": "hybrid-closed-loop"}}, "day"
    )
    patched = named.patched({"pump.therapy.target_mgdl": 130})
    assert patched.pump.therapy.name == "hybrid-closed-loop"
    assert patched.pump.therapy.target_mgdl == 130
    assert named.pump.therapy.target_mgdl == 110
