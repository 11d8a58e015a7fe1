"""In every world runs repeat, causes come first, and what never came never mattered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.outcomes import Origin, boluses, check_conservation, units_by_origin
from testbed.scenario import Scenario
from testbed.trace import (
    Acted,
    Attacked,
    BolusEnded,
    CommandAccepted,
    FrameOverheard,
    FrameSent,
    Moved,
    ReadingStored,
    RunStarted,
    Trace,
)
from testbed.units import NANOUNITS_PER_UNIT, US_PER_HOUR, US_PER_MIN
from testbed.world import live, patient_of

thorough = settings(derandomize=True, deadline=None, max_examples=250)
quick = settings(derandomize=True, deadline=None, max_examples=80)

Afternoon = Callable[..., Scenario]
Scenarios = st.SearchStrategy[Scenario]


@quick
@given(data=st.data(), replicate=st.integers(0, 40))
def test_a_run_repeats_to_the_byte(
    scenarios: Scenarios, data: st.DataObject, replicate: int
) -> None:
    """The same scenario, seed and replicate give the same trace, byte by byte."""
    scenario = data.draw(scenarios)
    again = Scenario.from_written(scenario.written, scenario.name)
    one, other = live(scenario, replicate, attack=True), live(again, replicate, attack=True)
    assert one.jsonl() == other.jsonl()


def test_replicates_differ(afternoon: Afternoon) -> None:
    """No two replicates are the same, be the patient the same or not."""
    scenario = afternoon(patient__cohort=["adult#001", "adult#002"])
    prints = {live(scenario, r, attack=True).fingerprint() for r in range(20)}
    assert len(prints) == 20


def test_seeds_differ(afternoon: Afternoon) -> None:
    """The same replicate under another seed is another run."""
    prints = {live(afternoon(study__seed=s), 0, attack=True).fingerprint() for s in range(10)}
    assert len(prints) == 10


def test_replicates_go_round_the_cohort(afternoon: Afternoon) -> None:
    """Replicate r is lived by patient r modulo the cohort's size, and the trace says so."""
    names = ["adult#003", "child#001", "adolescent#002"]
    scenario = afternoon(patient__cohort=names)
    for replicate in range(6):
        assert patient_of(scenario, replicate).name == names[replicate % 3]
        (started,) = (e for _, e in live(scenario, replicate, attack=False).of(RunStarted))
        assert started.patient == names[replicate % 3]


@quick
@given(data=st.data(), replicate=st.integers(0, 40))
def test_without_an_attacker_the_run_is_its_twin(
    scenarios: Scenarios, data: st.DataObject, replicate: int
) -> None:
    """A scenario without an attacker, and any twin, has nothing of an attacker in it."""
    scenario = data.draw(scenarios)
    written = scenario.written
    del written["attacker"]
    alone = Scenario.from_written(written, scenario.name)
    twin = live(scenario, replicate, attack=False)
    assert live(alone, replicate, attack=True).jsonl() == twin.jsonl()
    assert not any(isinstance(event, (Attacked, FrameOverheard)) for event in twin)
    assert not any(event.node == "attacker" for _, event in twin.of(FrameSent))
    assert units_by_origin(twin)[Origin.ATTACKER] == 0


@thorough
@given(data=st.data(), replicate=st.integers(0, 40))
def test_nothing_changes_before_the_attackers_first_act(
    scenarios: Scenarios,
    others: Callable[..., list[Any]],
    first_act: Callable[[Trace], int | None],
    data: st.DataObject,
    replicate: int,
) -> None:
    """Up to the first frame of the attacker, a run and its twin have the same events."""
    scenario = data.draw(scenarios)
    attacked = live(scenario, replicate, attack=True)
    twin = live(scenario, replicate, attack=False)
    until = first_act(attacked)
    assert others(attacked, until) == others(twin, until)
    if until is None:
        assert np.array_equal(attacked.plasma_mgdl, twin.plasma_mgdl)
        assert np.array_equal(attacked.insulin_nU, twin.insulin_nU)
    else:
        before = until // US_PER_MIN
        assert np.array_equal(attacked.plasma_mgdl[:before], twin.plasma_mgdl[:before])


@quick
@given(data=st.data(), replicate=st.integers(0, 40))
def test_causes_come_before_effects(
    scenarios: Scenarios, data: st.DataObject, replicate: int
) -> None:
    """Time never runs back, and every cause is an earlier event of the trace."""
    trace = live(data.draw(scenarios), replicate, attack=True)
    last = 0
    for position, event in enumerate(trace):
        assert -1 <= event.cause < position
        assert event.t >= last
        last = event.t


@quick
@given(data=st.data(), replicate=st.integers(0, 40))
def test_bytes_cause_what_the_devices_do(
    scenarios: Scenarios, data: st.DataObject, replicate: int
) -> None:
    """Stored readings come from frames, and accepted commands from frames or buttons."""
    trace = live(data.draw(scenarios), replicate, attack=True)
    for _, stored in trace.of(ReadingStored):
        assert isinstance(trace.events[stored.cause], FrameSent)
    for _, accepted in trace.of(CommandAccepted):
        assert isinstance(trace.events[accepted.cause], (FrameSent, Acted))


# Length and time of day ---------------------------------------------------------------


@pytest.mark.parametrize("minutes", [60, 61, 64, 179, 1441])
def test_any_whole_number_of_minutes(afternoon: Afternoon, minutes: int) -> None:
    """A run is as long as asked for, whether or not it ends with a sensor reading."""
    trace = live(afternoon(time__duration=f"{minutes}min"), 0, attack=True)
    assert trace.plasma_mgdl.shape == (minutes + 1,)
    assert trace.insulin_nU.shape == trace.carbs_g.shape == (minutes,)
    assert np.isfinite(trace.plasma_mgdl).all()
    assert max(event.t for event in trace) <= minutes * US_PER_MIN
    check_conservation(trace)


@pytest.mark.parametrize("longer", [121, 180, 600])
def test_a_longer_run_begins_the_same(afternoon: Afternoon, longer: int) -> None:
    """What happened in the first two hours does not depend on how long the run goes on."""
    short = live(afternoon(time__duration="120min"), 3, attack=True)
    long = live(afternoon(time__duration=f"{longer}min"), 3, attack=True)
    assert np.array_equal(short.plasma_mgdl, long.plasma_mgdl[:121])
    end = 120 * US_PER_MIN
    strip = [event for event in short.events[1:] if event.t < end]
    assert strip == [event for event in long.events[1:] if event.t < end]


def test_a_bolus_that_runs_at_the_end_is_accounted_for(afternoon: Afternoon) -> None:
    """A bolus cut off by the end counts with what had gone in by then."""
    scenario = afternoon(
        time__start="11:33",  # the meal is 57 minutes later, 3 minutes before the end
        time__duration="60min",
        stay=[],
        patient__behaviour={"missed_bolus": 0.0, "remote_bolus_use": 0.0},
        patient__cohort=["adult#001"],
        pump__bolus_U_per_min=0.5,
    )
    trace = live(scenario, 0, attack=False)
    (bolus,) = boluses(trace)
    assert bolus.why == "end of the run"
    assert bolus.delivered_nU == 3 * NANOUNITS_PER_UNIT // 2
    check_conservation(trace)
    assert [event.t for _, event in trace.of(BolusEnded)] == [60 * US_PER_MIN]


def times_of(trace: Trace, act: str) -> list[int]:
    """Return the minutes at which the wearer did something."""
    return [event.t // US_PER_MIN for _, event in trace.of(Acted) if event.act == act]


def test_meals_and_stays_come_every_day(afternoon: Afternoon) -> None:
    """Over several days the wearer eats and travels at the same times each day."""
    trace = live(afternoon(time__duration="3d"), 0, attack=False)
    assert times_of(trace, "eat") == [90 + 1440 * day for day in range(3)]
    moved = [(e.t // US_PER_MIN, e.place) for _, e in trace.of(Moved)]
    expected = [(0, "home")]
    for day in range(3):
        expected += [(30 + 1440 * day, "cafe"), (150 + 1440 * day, "home")]
    assert moved == expected


def test_the_days_meals_are_estimated_anew(afternoon: Afternoon) -> None:
    """The doses of one meal on several days differ, as the estimates do."""
    scenario = afternoon(
        time__duration="6d", patient__behaviour={"missed_bolus": 0.0, "carb_error_cv": 0.3}
    )
    doses = {bolus.requested_nU for bolus in boluses(live(scenario, 0, attack=False))}
    assert len(doses) > 3


def test_devices_are_linked_once(afternoon: Afternoon) -> None:
    """An appointment to link a device is kept on the first day only."""
    trace = live(afternoon(time__duration="3d"), 0, attack=False)
    assert times_of(trace, "link the meter") == [60]


def test_a_night_may_be_crossed(afternoon: Afternoon) -> None:
    """A run from 22:00 past midnight has its clock times on the right side of it."""
    trace = live(
        afternoon(
            time__start="22:00",
            time__duration="10h",
            meal=[{"at": "22:30", "carbs_g": 20}, {"at": "07:00", "carbs_g": 40}],
            stay=[{"from": "23:30", "place": "street", "until": "00:15"}],
            pairing=[{"device": "meter", "at": "00:05"}],
            attacker__place="street",
        ),
        0,
        attack=True,
    )
    assert times_of(trace, "eat") == [30, 540]
    assert times_of(trace, "link the meter") == [125]
    assert [(e.t // US_PER_MIN, e.place) for _, e in trace.of(Moved)] == [
        (0, "home"),
        (90, "street"),
        (135, "home"),
    ]
    assert max(event.t for event in trace) <= 10 * US_PER_HOUR
    check_conservation(trace)
