"""What a wearer does about glucose beyond meals: late boluses, sticks, corrections, help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scipy import stats
from testbed.outcomes import boluses
from testbed.outcomes.origins import Origin
from testbed.scenario import Scenario
from testbed.trace import Acted, Noticed, Trace
from testbed.units import NANOUNITS_PER_UNIT, US_PER_HOUR, US_PER_MIN, US_PER_S
from testbed.world import live

Day = Callable[..., Scenario]
Acts = Callable[..., list[Acted]]

ERROR_RATE = 1e-6
PUMP = ("bolus on the pump",)
SURE = {"missed_bolus": 0.0, "remote_bolus_use": 0.0}
STRANGER: dict[str, Any] = {
    "stay": [{"from": "11:00", "place": "cafe", "until": "14:00"}],
    "pairing": [{"device": "meter", "at": "12:00"}],
    "attacker": {
        "place": "cafe",
        "distance_m": 2.0,
        "step": [
            {"do": "overhear-pairing"},
            {"do": "remote-bolus", "after": "50min", "units": 6.0},
        ],
    },
}


def run(scenario: Scenario, replicate: int = 0, attack: bool = False) -> Trace:
    """Return one run, as a twin unless told otherwise."""
    return live(scenario, replicate, attack=attack)


# Meals --------------------------------------------------------------------------------


def test_boluses_are_late_as_often_and_as_much_as_stated(day: Day, acts: Acts) -> None:
    """Of many meals the stated share is dosed for the stated time after the first bite."""
    late = 0
    for replicate in range(100):
        trace = run(day({**SURE, "late_bolus": 0.4, "late_by_min": 25.0}), replicate)
        meals, dosed = acts(trace, "eat"), acts(trace, "bolus on the pump")
        delays = [dose.t - trace.events[dose.cause].t for dose in dosed]
        assert len(dosed) == len(meals)
        assert set(delays) <= {0, 25 * US_PER_MIN}
        late += sum(delay > 0 for delay in delays)
    assert stats.binomtest(late, 300, 0.4).pvalue > ERROR_RATE


def test_a_late_bolus_is_slept_through(day: Day, acts: Acts) -> None:
    """Who falls asleep before a late bolus is due does not give it."""
    behaviour = {**SURE, "late_bolus": 0.5, "asleep_from": "18:40", "asleep_until": "05:00"}
    doses = [len(acts(run(day(behaviour), replicate), "bolus on the pump")) for replicate in (0, 1)]
    everybody = [
        len(acts(run(day({**behaviour, "late_bolus": 0.0}), replicate), "bolus on the pump"))
        for replicate in range(20)
    ]
    slept = sum(
        len(acts(run(day(behaviour), replicate), "bolus on the pump")) < 3
        for replicate in range(20)
    )
    assert set(everybody) == {3}
    assert min(doses) >= 2
    assert 2 <= slept <= 18


def test_meals_may_be_dosed_by_the_calculator(day: Day, acts: Acts) -> None:
    """By the calculator doses correct for glucose and insulin on board, so they differ."""
    by_ratio, by_calculator = (
        [
            d.amount
            for d in acts(run(day({**SURE, "calculator_at_meals": share})), "bolus on the pump")
        ]
        for share in (0.0, 1.0)
    )
    assert len(by_ratio) == len(by_calculator) == 3
    assert by_ratio != by_calculator


@pytest.mark.parametrize("remote", [0.0, 0.8])
def test_finger_sticks_before_meals_are_made_once(day: Day, acts: Acts, remote: float) -> None:
    """With a stick before each meal there are as many sticks as meals, however it is dosed for."""
    behaviour = {"missed_bolus": 0.0, "remote_bolus_use": remote, "stick_before_meals": 1.0}
    for replicate in range(10):
        trace = run(day(behaviour), replicate)
        sticks = acts(trace, "finger-stick")
        assert [stick.t for stick in sticks] == [meal.t for meal in acts(trace, "eat")]


# Highs --------------------------------------------------------------------------------

HIGH = {"missed_bolus": 0.3, "carb_error_cv": 0.6, "remote_bolus_use": 0.0, "high_mgdl": 200.0}


def test_highs_are_corrected_as_the_calculator_says(day: Day, acts: Acts) -> None:
    """A correction follows a value above the limit, awake, and is what the pump suggests."""
    corrected = 0
    for replicate in range(20):
        trace = run(day({**HIGH, "correct_highs": 1.0, "look_every_min": 30.0}), replicate)
        for act in acts(trace, "correct a high"):
            seen = trace.events[act.cause]
            assert isinstance(seen, Acted)
            assert seen.amount > 200.0
            assert act.amount > 0.0
            clock = (6 * US_PER_HOUR + act.t) % (24 * US_PER_HOUR)
            assert 6.5 * US_PER_HOUR <= clock < 23 * US_PER_HOUR
            corrected += 1
    assert corrected > 10


def test_correcting_highs_lowers_them(day: Day) -> None:
    """Over the same days mean time above 250 mg/dL falls when highs are corrected."""
    above = [
        sum(
            int((run(day({**HIGH, "correct_highs": share}), replicate).plasma_mgdl > 250).sum())
            for replicate in range(20)
        )
        for share in (0.0, 1.0)
    ]
    assert above[1] < above[0]


# Suspicion ----------------------------------------------------------------------------


def attacked(day: Day, replicate: int, **behaviour: Any) -> Trace:
    """Return a day with a stranger's bolus of 6 U."""
    return run(day({"remote_bolus_use": 0.0, **behaviour}, **STRANGER), replicate, attack=True)


def test_an_unexpected_bolus_is_cancelled_in_time_or_not(day: Day) -> None:
    """Of a stranger's bolus no more goes in than rate times the time until it is cancelled."""
    rate = day().pump.bolus_U_per_min * NANOUNITS_PER_UNIT / US_PER_MIN
    stopped = whole = 0
    for replicate in range(25):
        for hand_s in (0.0, 60.0):
            trace = attacked(
                day,
                replicate,
                cancel_unexpected_bolus=1.0,
                cancel_takes_s=hand_s,
                answered_fast=0.9,
            )
            for bolus in boluses(trace):
                assert bolus.delivered_nU <= rate * (bolus.ended_us - bolus.started_us) + 1
                if bolus.origin is Origin.ATTACKER:
                    stopped += bolus.delivered_nU < bolus.requested_nU
                    whole += bolus.delivered_nU == bolus.requested_nU
            for _, act in trace.of(Acted):
                if act.act == "cancel the bolus":
                    noticed = trace.events[act.cause]
                    assert isinstance(noticed, Noticed)
                    assert act.t == noticed.t + round(hand_s * US_PER_S)
                    assert any(each.started_us < act.t <= each.ended_us for each in boluses(trace))
    assert stopped > 5
    assert whole > 5


def test_after_a_suspicion_glucose_is_measured(day: Day, acts: Acts) -> None:
    """A stranger's bolus that is noticed is followed by the stated finger-sticks."""
    seen = 0
    for replicate in range(20):
        trace = attacked(
            day,
            replicate,
            stick_after_suspicion=1.0,
            sticks_per_suspicion=4,
            stick_again_min=20.0,
        )
        found = [e.t for _, e in trace.of(Noticed) if e.kind == "remote-bolus-started"]
        sticks = [stick.t for stick in acts(trace, "finger-stick")]
        assert sticks == [t + 20 * n * US_PER_MIN for t in found for n in range(4)]
        seen += len(found)
    assert seen > 10


def test_nobody_measures_asleep(day: Day, acts: Acts) -> None:
    """Finger-sticks that would come in sleep are left out."""
    sleep = {"asleep_from": "14:00", "asleep_until": "05:00"}
    many = {"stick_after_suspicion": 1.0, "sticks_per_suspicion": 12, "stick_again_min": 10.0}
    sticks = [
        stick.t
        for replicate in range(10)
        for stick in acts(attacked(day, replicate, **sleep, **many), "finger-stick")
    ]
    assert sticks
    assert max(sticks) < 8 * US_PER_HOUR


def test_who_measures_treats_the_low_that_the_meter_shows(day: Day, acts: Acts) -> None:
    """Extra finger-sticks lead to more lows treated, and less time below 54 mg/dL."""
    below, treated = [], []
    for share in (0.0, 1.0):
        traces = [
            attacked(day, replicate, stick_after_suspicion=share, sticks_per_suspicion=8)
            for replicate in range(20)
        ]
        below.append(sum(int((trace.plasma_mgdl < 54).sum()) for trace in traces))
        treated.append(sum(len(acts(trace, "treat a low")) for trace in traces))
    assert treated[1] > treated[0]
    assert below[1] < below[0]


def test_help_is_called_below_its_threshold_and_comes(day: Day, acts: Acts) -> None:
    """Each call is followed, after the stated time, by what help gives."""
    called = 0
    for replicate in range(30):
        trace = attacked(
            day, replicate, calls_for_help=1.0, help_below_mgdl=70.0, help_after_min=10.0
        )
        calls = acts(trace, "call for help")
        given = [event for event in acts(trace, "treat a low") if event.who == "helper"]
        due = [call.t + 10 * US_PER_MIN for call in calls]
        assert [event.t for event in given] == [t for t in due if t < 24 * US_PER_HOUR]
        assert all(event.amount == 25.0 for event in given)
        called += len(calls)
    assert called > 5


def test_a_suspicion_is_reported_and_changes_nothing_else(day: Day, acts: Acts) -> None:
    """Reporting comes after the stated time, and moves neither glucose nor insulin."""
    reported = 0
    for replicate in range(10):
        silent, told = (
            attacked(day, replicate, reports=share, report_after_h=2.0) for share in (0.0, 1.0)
        )
        assert (silent.plasma_mgdl == told.plasma_mgdl).all()
        assert not acts(silent, "report to the maker")
        for act in acts(told, "report to the maker"):
            assert act.t == told.events[act.cause].t + 2 * US_PER_HOUR
            reported += 1
    assert reported > 3


@pytest.mark.parametrize(
    "behaviour",
    [
        {"stick_after_suspicion": 1.0},
        {"reports": 1.0},
        {"habituation_per_prompt": 0.5},
        {"cancel_takes_s": 60.0},
        {"undo_unexpected_command": 1.0},
    ],
)
def test_what_people_do_about_attacks_changes_nothing_in_a_twin(
    day: Day, behaviour: dict[str, float]
) -> None:
    """Without an attacker there is nothing suspicious, and no day differs."""
    for replicate in range(5):
        one, other = (
            run(day({**extra, "remote_bolus_use": 0.8}, **STRANGER), replicate)
            for extra in ({}, behaviour)
        )
        assert one.jsonl() == other.jsonl()
