"""What a maker's precautions do in whole runs: what they stop, whom they let through, the price."""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.mitigations import MITIGATIONS
from testbed.outcomes import METRICS, Origin, measure, units_by_origin
from testbed.scenario import Scenario
from testbed.trace import (
    Acted,
    Alerted,
    Attacked,
    BolusEnded,
    BolusHeld,
    BolusStarted,
    CommandRefused,
    Doubted,
    Linked,
    Noticed,
    ReadingStored,
    Trace,
)
from testbed.units import US_PER_S
from testbed.world import live

quick = settings(derandomize=True, deadline=None, max_examples=40)

Afternoon = Callable[..., Scenario]
Scenarios = st.SearchStrategy[Scenario]

ATTENTIVE: dict[str, Any] = {
    "remote_bolus_use": 0.0,
    "never_answered": 0.0,
    "answered_fast": 0.95,
    "slowest_answer_min": 15.0,
    "cancel_unexpected_bolus": 1.0,
    "missed_bolus": 0.0,
}
"""Somebody who notices everything within a quarter of an hour."""


def attackers_nU(trace: Trace) -> int:
    """Return what the attacker brought in, nanounits."""
    return units_by_origin(trace)[Origin.ATTACKER]


def taken(name: str, scenario: Scenario) -> Scenario:
    """Return a scenario with one precaution."""
    return MITIGATIONS[name].apply(scenario)


# Dormant ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "pairing-passkey",
        "pairing-numeric-comparison",
        "pairing-pake",
        "pairing-oob",
        "short-quiet-pairing",
        "replay-protection",
        "limit-on-board",
        "predicted-low-refusal",
        "confirm-on-pump",
        "habit-monitor",
        "hold-remote-bolus",
        "nearby-commands-only",
        "suspend-watchdog",
        "pump-only-caps",
        "check-meter-against-sensor",
    ],
)
@quick
@given(data=st.data(), replicate=st.integers(0, 40))
def test_what_is_not_needed_leaves_the_trace_as_it_is(
    name: str, scenarios: Scenarios, data: st.DataObject, replicate: int
) -> None:
    """Nobody attacks, links, measures or asks over the air: the trace is the same to the byte."""
    scenario = data.draw(scenarios).patched(
        {
            "patient.behaviour.remote_bolus_use": 0.0,
            "pairing": [],
            "link.channel": "aead-counter",
            "pump.caps": {"single_U": 25, "in_2h_U": 50, "in_24h_U": 200},
        }
    )
    twin = live(scenario, replicate, attack=False)
    assert live(taken(name, scenario), replicate, attack=False).jsonl() == twin.jsonl()


# Remote bolus off by default ----------------------------------------------------------


def test_who_turns_the_remote_bolus_on_has_it(afternoon: Afternoon) -> None:
    """Some turn it on, as many as are said to, and are exposed; nobody else gets a unit by it."""
    share, people = 0.3, 120
    scenario = taken(
        "remote-bolus-off-by-default",
        afternoon(patient__behaviour={**ATTENTIVE, "turns_remote_bolus_on": share}),
    )
    on = exposed = 0
    for replicate in range(people):
        trace = live(scenario, replicate, attack=True)
        turned = any(act.act == "turn remote bolus on" for _, act in trace.of(Acted))
        on += turned
        exposed += attackers_nU(trace) > 0
        assert turned or all(bolus.via == "pump" for _, bolus in trace.of(BolusStarted))
    below = sum(comb(people, k) * share**k * (1 - share) ** (people - k) for k in range(on + 1))
    assert 1e-6 < below < 1 - 1e-6
    assert exposed == on


def test_what_is_off_anyway_is_not_turned_on(afternoon: Afternoon) -> None:
    """Who follows the advice to turn it off does not turn it on, whatever it was shipped as."""
    scenario = afternoon(patient__behaviour={**ATTENTIVE, "turns_remote_bolus_on": 1.0})
    both = taken("remote-bolus-off", taken("remote-bolus-off-by-default", scenario))
    for replicate in range(10):
        assert attackers_nU(live(both, replicate, attack=True)) == 0


# Holding ------------------------------------------------------------------------------


def test_an_own_bolus_that_waits_is_nobody_elses(afternoon: Afternoon) -> None:
    """Who cancels everything unexpected lets the own bolus wait and flow, and it comes later."""
    scenario = afternoon(
        patient__behaviour={**ATTENTIVE, "remote_bolus_use": 0.8}, pump__alert_rings=3
    )
    held = 0
    for replicate in range(30):
        trace = live(taken("hold-remote-bolus", scenario), replicate, attack=False)
        before = live(scenario, replicate, attack=False)
        assert int(trace.insulin_nU.sum()) == int(before.insulin_nU.sum())
        assert all(ended.why == "completed" for _, ended in trace.of(BolusEnded))
        assert all(noticed.expected for _, noticed in trace.of(Noticed) if "bolus" in noticed.kind)
        waits = [(each.t, each.until) for _, each in trace.of(BolusHeld)]
        starts = [each.t for _, each in trace.of(BolusStarted)]
        assert starts == [until for _, until in waits] or not waits
        held += len(waits)
        for (asked, _), start in zip(waits, starts, strict=False):
            assert start - asked == 90 * US_PER_S
    assert held > 10


def test_holding_gives_time_to_cancel(afternoon: Afternoon) -> None:
    """The longer a bolus waits, the fewer of the attacker's units go in, and at last none."""
    scenario = afternoon(patient__behaviour=ATTENTIVE)
    totals = []
    for wait in ("0s", "90s", "5min", "10min"):
        patched = scenario.patched({"pump.hold_remote_bolus_for": wait})
        runs = [live(patched, replicate, attack=True) for replicate in range(25)]
        totals.append(sum(map(attackers_nU, runs)))
    assert totals == sorted(totals, reverse=True)
    assert totals[0] > totals[1] > totals[2]
    assert totals[-1] == 0


# Links --------------------------------------------------------------------------------


def test_a_review_removes_what_nobody_knows(afternoon: Afternoon) -> None:
    """A link of the attacker's own is found and removed before it is used, and no own one is."""
    scenario = afternoon(
        patient__behaviour={**ATTENTIVE, "reviews_links": 1.0},
        pairing=[],
        unattended=[{"device": "pump", "from": "11:45", "until": "11:55"}],
        pump__review_links_every="75min",  # 12:15: after the linking, before the command
        attacker__capabilities=["antenna", "touch"],
        attacker__step=[
            {"do": "link-unattended"},
            {"do": "remote-bolus", "after": "65min", "units": 4.0},
        ],
    )
    without = scenario.patched({"pump.review_links_every": "0s"})
    for replicate in range(12):
        before, after = (live(each, replicate, attack=True) for each in (without, scenario))
        removed = [act for _, act in after.of(Acted) if act.act == "remove a link"]
        assert attackers_nU(before) > 0
        assert attackers_nU(after) == 0
        assert len(removed) == 1
        quiet = live(scenario, replicate, attack=False)
        assert not [act for _, act in quiet.of(Acted) if act.act == "remove a link"]


def test_a_rotated_key_is_of_no_use_to_who_heard_the_old_one(afternoon: Afternoon) -> None:
    """What was overheard opens nothing once the key is rotated, and own requests go on."""
    scenario = afternoon(
        patient__behaviour={**ATTENTIVE, "remote_bolus_use": 0.8},
        link__rotate_keys_every="70min",  # 12:10
        meal=[{"at": "12:45", "carbs_g": 60}],
    )
    own = 0
    for replicate in range(10):
        trace = live(scenario, replicate, attack=True)
        assert attackers_nU(trace) == 0
        own += units_by_origin(trace)[Origin.REMOTE] > 0
        without = scenario.patched({"link.rotate_keys_every": "0s"})
        assert attackers_nU(live(without, replicate, attack=True)) > 0
    assert own > 3


# Distance -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("distance_m", "gain_dB", "heard"),
    [(0.5, 0.0, True), (10.0, 0.0, False), (10.0, 20.0, True), (40.0, 20.0, False)],
)
def test_soft_pairing_is_heard_near_or_with_gain(
    afternoon: Afternoon, distance_m: float, gain_dB: float, heard: bool
) -> None:
    """Spoken softly a linking is done all the same, and overheard only near, or with gain."""
    scenario = taken(
        "short-quiet-pairing",
        afternoon(attacker__distance_m=distance_m, attacker__gain_dB=gain_dB),
    )
    for replicate in range(5):
        trace = live(scenario, replicate, attack=True)
        assert {event.peer for _, event in trace.of(Linked) if event.device == "pump"} == {"meter"}
        gates = [
            event.passed for _, event in trace.of(Attacked) if event.step == "overhear-pairing"
        ]
        assert (gates and all(gates)) == heard or not (heard or any(gates))


@pytest.mark.parametrize(
    ("distance_m", "gain_dB", "taken_for_near"),
    [(3.0, 0.0, False), (3.0, 20.0, True), (0.5, 0.0, True)],
)
def test_nearness_is_strength_and_no_more(
    afternoon: Afternoon, distance_m: float, gain_dB: float, taken_for_near: bool
) -> None:
    """A command from three metres is refused, unless its sender has a better antenna."""
    scenario = taken(
        "nearby-commands-only",
        afternoon(
            patient__behaviour=ATTENTIVE,
            attacker__distance_m=distance_m,
            attacker__gain_dB=gain_dB,
        ),
    )
    for replicate in range(5):
        trace = live(scenario, replicate, attack=True)
        whys = {event.why for _, event in trace.of(CommandRefused)}
        assert (attackers_nU(trace) > 0) == taken_for_near
        assert ("not-near" in whys) != taken_for_near


def test_own_devices_are_always_near(afternoon: Afternoon) -> None:
    """With nobody attacking, no request of the wearer's meter is refused for its strength."""
    scenario = afternoon(patient__behaviour={**ATTENTIVE, "remote_bolus_use": 0.8})
    for replicate in range(20):
        trace = live(taken("nearby-commands-only", scenario), replicate, attack=False)
        assert trace.jsonl() == live(scenario, replicate, attack=False).jsonl()


# The price ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [each.name for each in MITIGATIONS.values() if each.bearer == "maker"]
)
def test_on_a_day_without_an_attack_nothing_but_its_price_moves(
    afternoon: Afternoon, name: str
) -> None:
    """Of all metrics of a day that nobody attacks, only those differ that the mitigation names."""
    scenario = afternoon(
        time__duration="20h",
        meal=[{"at": "12:30", "carbs_g": 70}, {"at": "18:30", "carbs_g": 80}],
        patient__behaviour={
            "remote_bolus_use": 0.8,
            "stick_before_meals": 0.5,
            "calculator_at_meals": 0.5,
        },
    )
    for replicate in range(4):
        before, after = (
            measure(trace, trace)
            for trace in (
                live(scenario, replicate, attack=False),
                live(taken(name, scenario), replicate, attack=False),
            )
        )
        moved = {metric for metric in METRICS if before[metric] != after[metric]}
        assert moved <= set(MITIGATIONS[name].price)


def test_own_strange_boluses_are_asked_about_as_often_as_stated(afternoon: Afternoon) -> None:
    """Over days of own requests, the share flagged is the stated one, less what rounding takes.

    Refused by chance in one of 10,000: 3.9 standard errors.  Every flag is one prompt.
    """
    scenario = taken(
        "habit-monitor",
        afternoon(
            time__start="00:00",
            time__duration="336h",
            meal=[
                {"at": "07:30", "carbs_g": 45},
                {"at": "12:30", "carbs_g": 70},
                {"at": "18:30", "carbs_g": 80},
            ],
            stay=[],
            pairing=[],
            pump__habit={"false_alarms": 0.1},
            patient__behaviour={"remote_bolus_use": 0.8},
        ),
    )
    asked = flagged = 0
    for replicate in range(24):
        trace = live(scenario, replicate, attack=False)
        asked += sum(act.act == "bolus on the meter" for _, act in trace.of(Acted))
        flags = sum(event.what == "bolus" for _, event in trace.of(Doubted))
        prompts = {e.cause for _, e in trace.of(Alerted) if e.kind == "confirm-remote-bolus"}
        assert len(prompts) == flags
        flagged += flags
    stated = 6 / 61
    assert asked > 500
    assert abs(flagged / asked - stated) < 3.9 * (stated * (1 - stated) / asked) ** 0.5


def test_a_doubted_stick_is_repeated(afternoon: Afternoon) -> None:
    """Who is asked for a second reading makes it, with the stated share."""
    scenario = taken(
        "check-meter-against-sensor",
        afternoon(
            meal=[
                {"at": f"{hour}:{minute:02}", "carbs_g": 5}
                for hour in (11, 12, 13)
                for minute in range(1, 60, 19)
            ],
            pairing=[],
            pump__plausibility={"apart_mgdl": 15, "apart_share": 0.15},
            patient__behaviour={"stick_before_meals": 1.0, "repeats_doubted_stick": 1.0},
        ),
    )
    doubted = 0
    for replicate in range(30):
        trace = live(scenario, replicate, attack=False)
        sticks = {at for at, act in trace.of(Acted) if act.act == "finger-stick"}
        causes = [trace.events[at].cause for at in sticks]
        again = sum(any(isinstance(e, ReadingStored) for e in trace.causes(c)) for c in causes)
        doubts = sum(event.what == "meter-reading" for _, event in trace.of(Doubted))
        assert again == doubts
        doubted += doubts
    assert doubted > 10


def test_what_the_caps_leave_is_dialled(afternoon: Afternoon) -> None:
    """Who is refused a bolus over a rolling cap takes what is left of it, and no more."""
    scenario = afternoon(
        patient__behaviour=ATTENTIVE,
        meal=[{"at": "11:20", "carbs_g": 60}, {"at": "12:30", "carbs_g": 60}],
        pump__caps={"on": True, "single_U": 25, "in_2h_U": 5.0},
    )
    short = 0
    for replicate in range(20):
        trace = live(scenario, replicate, attack=False)
        asked = sum(event.why == "over-cap" for _, event in trace.of(CommandRefused))
        total = sum(event.delivered_nU for _, event in trace.of(BolusEnded))
        assert total <= 5_000_000_000
        short += asked
        if asked:
            assert total > 5_000_000_000 - 50_000_000  # all of it but a step
    assert short > 5
