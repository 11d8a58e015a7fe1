"""A second person: near at times, hears what the wearer does not, treats and cancels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from testbed.people import CarePartnerSettings, Presence
from testbed.scenario import Scenario, ScenarioError, parse_scenario
from testbed.trace import Acted, Alerted, Moved, Noticed, Trace
from testbed.units import US_PER_DAY, US_PER_HOUR, US_PER_MIN
from testbed.world import live

quick = settings(derandomize=True, deadline=None, max_examples=200)
Day = Callable[..., Scenario]

ALWAYS = [{"from": "00:00", "until": "00:00"}]
DEAF = {"missed_bolus": 0.0, "carb_error_cv": 0.6, "asleep_from": "00:00", "asleep_until": "23:59"}
"""A wearer with lows who sleeps all day, and wakes rarely."""


def of_partner(trace: Trace, *kinds: type[Any]) -> list[Any]:
    """Return what the care partner noticed and did."""
    return [e for kind in kinds for _, e in trace.of(kind) if e.who == "care-partner"]


def with_partner(day: Day, behaviour: dict[str, Any], **partner: Any) -> Scenario:
    """Return a day with a care partner who is awake, near and hears everything."""
    sure = {"never_answered": 0.0, "asleep_from": "05:00", "asleep_until": "05:01"}
    return day(behaviour, care_partner={"present": ALWAYS, **sure, **partner})


@quick
@given(st.integers(0, 23), st.integers(0, 23), st.integers(0, US_PER_DAY - 1))
def test_presence_runs_from_its_start_to_its_end(comes: int, goes: int, clock: int) -> None:
    """A presence covers the hours from one clock time until the other, or the whole day."""
    presence = Presence.model_validate({"from": f"{comes:02}:00", "until": f"{goes:02}:00"})
    hours = (goes - comes) % 24 or 24
    assert presence.covers(clock) == (
        (clock - comes * US_PER_HOUR) % US_PER_DAY < hours * US_PER_HOUR
    )


def test_a_partner_treats_what_the_wearer_sleeps_through(day: Day) -> None:
    """Lows that a sleeping wearer leaves are treated by the partner, once each."""
    treated = {False: 0, True: 0}
    for replicate in range(20):
        for there in (False, True):
            scenario = with_partner(day, DEAF) if there else day(DEAF)
            trace = live(scenario, replicate, attack=False)
            eaten = [e for _, e in trace.of(Acted) if e.act == "treat a low"]
            noticed = [trace.events[e.cause] for e in eaten]
            rings = [trace.events[e.cause] for e in noticed]
            assert len({ring.cause for ring in rings}) == len(rings)
            treated[there] += len(eaten)
    assert treated[True] > 1.5 * treated[False] > 0


def test_an_absent_partner_does_nothing(day: Day) -> None:
    """Without presence, and where the wearer is elsewhere, a partner changes not a byte."""
    for replicate in range(10):
        alone = live(day(DEAF), replicate, attack=False)
        never = live(with_partner(day, DEAF, present=[]), replicate, attack=False)
        elsewhere = live(with_partner(day, DEAF, places=["gym"]), replicate, attack=False)
        assert alone.jsonl() == never.jsonl() == elsewhere.jsonl()


def test_a_partner_acts_only_when_near_and_awake(day: Day) -> None:
    """What a partner notices is at a time of presence, at one of the places."""
    stays = [{"from": "09:00", "place": "school", "until": "16:00"}]
    seen = 0
    for replicate in range(20):
        scenario = with_partner(day, DEAF, present=[{"from": "13:00", "until": "23:00"}]).patched(
            {"stay": stays}
        )
        trace = live(scenario, replicate, attack=False)
        for event in of_partner(trace, Noticed, Acted):
            clock = (6 * US_PER_HOUR + event.t) % US_PER_DAY
            place = [e.place for _, e in trace.of(Moved) if e.t <= event.t][-1]
            assert place == "home"
            assert 13 * US_PER_HOUR <= clock < 23 * US_PER_HOUR
            seen += 1
    assert seen > 5


def test_a_sleeping_partner_wakes_as_often_as_stated(day: Day) -> None:
    """Of many alerts that a sleeping partner alone could hear the stated share is noticed."""
    heard = noticed = 0
    sleeps = {"asleep_from": "00:00", "asleep_until": "23:59", "wakes_to_alert": 0.37}
    silent = {**DEAF, "wakes_to_alert": 0.15, "feels_vibration_asleep": 0.0}
    for replicate in range(150):
        scenario = with_partner(day, silent, **sleeps).patched(
            {"pump.alert_rings": 1, "pump.alert_vibrations": 1}
        )
        trace = live(scenario, replicate, attack=False)
        late = US_PER_DAY - 200 * US_PER_MIN
        alerts = {at for at, e in trace.of(Alerted) if e.kind == "low-glucose" and e.t < late}
        heard += len(alerts)
        noticed += len({e.cause for e in of_partner(trace, Noticed)} & alerts)
    assert heard > 200
    # An alert that is over before it is noticed is not noticed, so a few fall short.
    assert stats.binomtest(noticed, heard, 0.37, alternative="greater").pvalue > 1e-6
    assert noticed > 0.2 * heard


def test_a_partner_cancels_a_strangers_bolus_and_no_own_one(day: Day) -> None:
    """Only boluses that the wearer did not ask for are cancelled."""
    stranger = {
        "stay": [{"from": "11:00", "place": "cafe", "until": "14:00"}],
        "pairing": [{"device": "meter", "at": "12:00"}],
        "attacker": {
            "place": "cafe",
            "distance_m": 2.0,
            "step": [
                {"do": "overhear-pairing"},
                {"do": "remote-bolus", "after": "50min", "units": 9.0},
            ],
        },
    }
    cancelled = 0
    for replicate in range(20):
        scenario = with_partner(
            day,
            {"remote_bolus_use": 0.8, "cancel_unexpected_bolus": 0.0},
            places=["home", "cafe"],
            cancel_unexpected_bolus=1.0,
            answered_fast=0.95,
        ).patched(stranger)
        for attack in (False, True):
            trace = live(scenario, replicate, attack=attack)
            acts = [e for e in of_partner(trace, Acted) if e.act == "cancel the bolus"]
            assert attack or not acts
            cancelled += len(acts)
    assert cancelled > 5


def test_the_profile_of_a_child_brings_a_partner(day: Day) -> None:
    """The profile has a partner, whose single settings a scenario changes, or takes away."""
    child = day(patient__profile="child-with-care-partner")
    assert child.partner == CarePartnerSettings()
    changed = child.patched({"care_partner.wakes_to_alert": 0.6}).partner
    assert changed is not None
    assert changed.wakes_to_alert == 0.6
    assert day().partner is None
    own = day(care_partner={"treats_lows": 0.5}).partner
    assert own is not None
    assert own.treats_lows == 0.5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('places = ["hom"]', "care_partner.places[1]: expected a place"),
        ("answered_fast = 0.9\nnever_answered = 0.4", "care_partner.never_answered: expected"),
        ('present = [{from = "25:00", until = "08:00"}]', "care_partner.present[1].from"),
    ],
)
def test_what_is_wrong_with_a_partner_is_told(text: str, says: str) -> None:
    """A place that does not exist, shares above one and bad times are errors with their key."""
    with pytest.raises(ScenarioError, match=says.replace("[", r"\[").replace("]", r"\]")):
        parse_scenario(f'title = "x"\n[care_partner]\n{text}\n', "x.toml", (), ())
