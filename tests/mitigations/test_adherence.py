"""What it means that advice is followed by some, or at times."""

from __future__ import annotations

from math import comb
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testbed.api import load
from testbed.mitigations import MITIGATIONS, Arm, Mitigation, apply_arm, arm_of, expand
from testbed.mitigations.arms import Adopted
from testbed.randomness import Streams
from testbed.scenario import Scenario

CAFE = load(Path(__file__).parents[2] / "scenarios" / "cafe_pairing.toml")
NAMES = sorted(MITIGATIONS)
every_mitigation = pytest.mark.parametrize(
    "mitigation", [MITIGATIONS[name] for name in NAMES], ids=NAMES
)
shares = st.floats(0.0, 1.0)


def arm(mitigation: Mitigation, adherence: float) -> Arm:
    """Return the cafe with one mitigation at some adherence."""
    return Arm(CAFE, [Adopted(mitigation, adherence)])


@every_mitigation
def test_nobody_follows_at_0_and_everybody_at_1(mitigation: Mitigation) -> None:
    """At an adherence of 0 nothing changes, at 1 the whole patch is there, in every replicate."""
    for replicate in range(20):
        assert arm(mitigation, 0.0).of(replicate) is CAFE
        assert arm(mitigation, 1.0).of(replicate) == mitigation.apply(CAFE)


@pytest.mark.parametrize(
    "mitigation", [each for each in MITIGATIONS.values() if each.changes], ids=lambda m: m.name
)
def test_who_follows_at_a_lower_adherence_follows_at_a_higher(mitigation: Mitigation) -> None:
    """The wearers who change a setting at one adherence are among those at any higher one."""
    before: set[int] = set()
    for adherence in (0.1, 0.35, 0.6, 0.85):
        one = arm(mitigation, adherence)
        follow = {replicate for replicate in range(200) if one.of(replicate) is not CAFE}
        assert before <= follow
        before = follow


@pytest.mark.parametrize(
    "mitigation", [each for each in MITIGATIONS.values() if not each.changes], ids=lambda m: m.name
)
@given(lower=shares, higher=shares)
def test_a_share_moves_as_far_as_the_advice_is_followed(
    mitigation: Mitigation, lower: float, higher: float
) -> None:
    """A share lies between what it is without the advice and with it, the further the more."""
    lower, higher = sorted((lower, higher))
    for key, to in mitigation.shares.items():
        start = CAFE.setting(key)
        found = [abs(arm(mitigation, k).of(0).setting(key) - start) for k in (lower, higher, 1.0)]
        assert found == sorted(found)
        assert found[-1] == abs(to - start)


def test_as_many_follow_as_the_adherence_says() -> None:
    """Of 400 wearers, those who turn remote boluses off are binomial (refused by chance < 1e-6)."""
    share, people = 0.3, 400
    one = arm(MITIGATIONS["remote-bolus-off"], share)
    follow = sum(not one.of(replicate).pump.remote_bolus for replicate in range(people))
    below = sum(comb(people, k) * share**k * (1 - share) ** (people - k) for k in range(follow + 1))
    assert 5e-7 < below < 1 - 5e-7


def test_an_arm_says_the_adherence_of_each_mitigation() -> None:
    """In a scenario an arm lists names, or tables with a name and an adherence."""
    arms = {
        "as-shipped": [],
        "half": [{"name": "pair-in-private", "adherence": 0.5}, "remote-bolus-off"],
    }
    scenario = CAFE.patched({"study.arms": arms})
    patched = apply_arm(scenario, "half", 3)
    before = scenario.behaviour.pair_in_private
    assert patched.behaviour.pair_in_private == before + 0.5 * (1.0 - before)
    assert not patched.pump.remote_bolus
    assert arm_of(scenario, "half").partly == ()


def test_an_update_spreads_with_its_half_life() -> None:
    """By t after it was sent out a share 1 - 2^(-t/half-life) of the pumps has an update."""
    for days, share in ((0, 0.0), (30, 0.5), (60, 0.75), (15, 1 - 2**-0.5)):
        arms = {
            "as-shipped": [],
            "update": [{"name": "fleet-update", "out_for": f"{days}d", "half_life": "30d"}],
        }
        scenario = CAFE.patched({"study.arms": arms})
        (update,) = expand(scenario.study.arms["update"])
        assert update.adherence == pytest.approx(share, abs=1e-15)
        have = sum(
            apply_arm(scenario, "update", replicate).link.pairing == "pake"
            for replicate in range(100)
        )
        at_lower = sum(
            Streams(CAFE.study.seed, r).chance("adherence/fleet-update", share) for r in range(100)
        )
        assert have == at_lower


@pytest.mark.parametrize("one", [{"out_for": "30d"}, {"half_life": "30d"}])
def test_an_update_needs_both_its_times(one: dict[str, str]) -> None:
    """How long an update is out for says nothing without its half-life, nor the other way."""
    with pytest.raises(ValueError, match="out_for and half_life together"):
        CAFE.patched({"study.arms": {"as-shipped": [{"name": "fleet-update", **one}]}})


def test_what_is_named_goes_before_its_group() -> None:
    """Advice followed by half of the wearers, but one line by all: that line by all."""
    scenario = Scenario.from_written(
        {
            "title": "A day",
            "study": {
                "arms": {"as-shipped": ["remote-bolus-off", {"name": "@advice", "adherence": 0.5}]}
            },
        },
        "day",
    )
    found = {each.mitigation.name: each for each in expand(scenario.study.arms["as-shipped"])}
    assert found.pop("remote-bolus-off").adherence == 1.0
    assert {each.adherence for each in found.values()} == {0.5}
