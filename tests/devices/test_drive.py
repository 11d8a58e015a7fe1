"""The drive accounts for every nanounit, in bins and in events alike."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from testbed.trace import BasalDelivered, BolusEnded
from testbed.units import NANOUNITS_PER_UNIT, US_PER_MIN

quick = settings(derandomize=True, deadline=None, max_examples=150)

MakeRig = Callable[..., Any]

MINUTES = 30
END = MINUTES * US_PER_MIN

times = st.one_of(
    st.integers(0, END - 1),
    st.integers(0, MINUTES - 1).map(lambda minute: minute * US_PER_MIN),
    st.integers(0, 3),
)
rates = st.one_of(st.just(0), st.integers(0, 35 * NANOUNITS_PER_UNIT // 60), st.integers(0, 9))
doses = st.one_of(st.integers(1, 25 * NANOUNITS_PER_UNIT), st.integers(1, 9))
flows = st.integers(NANOUNITS_PER_UNIT // 2, 15 * NANOUNITS_PER_UNIT)
plans = st.lists(
    st.one_of(
        st.tuples(st.just("basal"), times, rates),
        st.tuples(st.just("bolus"), times, st.tuples(doses, flows)),
        st.tuples(st.just("cancel"), times, st.none()),
    ),
    max_size=12,
)


def carry_out(rig: Any, plan: list[tuple[str, int, Any]]) -> dict[int, int]:
    """Let the drive do everything in a plan, and finish; return the flow of each bolus."""
    drive = rig.drive
    started: dict[int, int] = {}

    def step(what: str, how: Any) -> None:
        if what == "basal":
            drive.set_basal(how, -1)
        elif what == "cancel":
            drive.stop_bolus("cancelled")
        elif not drive.bolus_running:
            started[drive.start_bolus(*how, "pump", -1)] = how[1]

    for what, when, how in sorted(plan, key=lambda each: each[1]):
        rig.env.run_to(when)
        step(what, how)
    rig.finish()
    return started


def overlap(start: int, end: int, minute: int) -> int:
    """Return how many microseconds of a minute lie between two times."""
    first, last = max(start, minute * US_PER_MIN), min(end, (minute + 1) * US_PER_MIN)
    return max(0, last - first)


@quick
@given(plans)
@example([("basal", 1, 1), ("basal", 1, 2), ("basal", 2, 3)])
def test_bins_equal_the_account(Rig: MakeRig, plan: list[tuple[str, int, Any]]) -> None:
    """Basal and bolus events sum exactly to the bins, and the body gets the bins."""
    rig = Rig(MINUTES)
    carry_out(rig, plan)
    accounted = sum(event.delivered_nU for event in rig.events(BasalDelivered, BolusEnded))
    assert accounted == int(rig.drive.insulin_nU.sum())
    assert np.array_equal(rig.body.insulin_U, rig.drive.insulin_nU / NANOUNITS_PER_UNIT)


@quick
@given(plans)
def test_every_bin_is_what_flowed_in_its_minute(
    Rig: MakeRig, plan: list[tuple[str, int, Any]]
) -> None:
    """Each minute holds the integral of all rates over it, to a nanounit for each change."""
    rig = Rig(MINUTES)
    flows_of = carry_out(rig, plan)
    expected = [Fraction(0)] * MINUTES
    in_order = sorted(plan, key=lambda each: each[1])
    basal = [(when, how) for what, when, how in in_order if what == "basal"]
    ends = [when for when, _ in basal[1:]] + [END]
    for (start, rate), end in zip(basal, ends, strict=False):
        for minute in range(MINUTES):
            expected[minute] += Fraction(rate * overlap(start, end, minute), US_PER_MIN)
    events = rig.recorder.events()
    for ended in rig.events(BolusEnded):
        start, rate = events[ended.cause], flows_of[ended.cause]
        empty = start.t + Fraction(start.nanounits * US_PER_MIN, rate)
        for minute in range(MINUTES):
            first = max(Fraction(start.t), Fraction(minute * US_PER_MIN))
            last = min(Fraction(ended.t), empty, Fraction((minute + 1) * US_PER_MIN))
            expected[minute] += max(Fraction(0), last - first) * rate / US_PER_MIN
    slack = 2 * (len(plan) + 1)
    for minute in range(MINUTES):
        assert abs(int(rig.drive.insulin_nU[minute]) - expected[minute]) <= slack
        assert rig.drive.insulin_nU[minute] >= -slack


@quick
@given(doses, flows, st.integers(0, END - 1), st.integers(0, END))
def test_cancel_race(Rig: MakeRig, dose: int, flow: int, start: int, latency: int) -> None:
    """A bolus cancelled after a latency has delivered min(dose, rate x latency)."""
    rig = Rig(2 * MINUTES)
    rig.env.run_to(start)
    rig.drive.start_bolus(dose, flow, "pump", -1)
    rig.env.run_to(start + latency)
    rig.drive.stop_bolus("cancelled")
    (ended,) = rig.events(BolusEnded)
    assert abs(ended.delivered_nU - min(Fraction(dose), Fraction(flow * latency, US_PER_MIN))) <= 1
    assert ended.delivered_nU == int(rig.drive.insulin_nU.sum())


@quick
@given(doses, flows)
def test_a_bolus_left_alone_is_complete(Rig: MakeRig, dose: int, flow: int) -> None:
    """A bolus that nobody stops delivers its dose to the nanounit and then ends."""
    rig = Rig(2 * MINUTES)
    rig.drive.start_bolus(dose, flow, "pump", -1)
    rig.finish()
    (ended,) = rig.events(BolusEnded)
    assert (ended.delivered_nU, ended.why) == (dose, "completed")
    assert ended.t == -(-dose * US_PER_MIN // flow)


def test_a_bolus_is_cut_off_by_the_end(rig: Any) -> None:
    """A bolus that flows when the run ends is accounted for up to the end."""
    rig.env.run_to((rig.minutes - 2) * US_PER_MIN)
    rig.drive.start_bolus(10 * NANOUNITS_PER_UNIT, NANOUNITS_PER_UNIT, "pump", -1)
    rig.finish()
    (ended,) = rig.events(BolusEnded)
    assert (ended.delivered_nU, ended.why) == (2 * NANOUNITS_PER_UNIT, "end of the run")
    assert int(rig.drive.insulin_nU.sum()) == 2 * NANOUNITS_PER_UNIT


def test_two_boluses_do_not_flow_at_once(rig: Any) -> None:
    """Starting a bolus while one flows raises RuntimeError and changes nothing."""
    rig.drive.start_bolus(NANOUNITS_PER_UNIT, NANOUNITS_PER_UNIT, "pump", -1)
    with pytest.raises(RuntimeError):
        rig.drive.start_bolus(1, NANOUNITS_PER_UNIT, "pump", -1)
    rig.finish()
    assert int(rig.drive.insulin_nU.sum()) == NANOUNITS_PER_UNIT


def test_stopping_nothing_is_nothing(rig: Any) -> None:
    """Stopping without a bolus returns 0 and leaves no event."""
    assert rig.drive.stop_bolus("cancelled") == 0
    assert not rig.events(BolusEnded)


@quick
@given(st.lists(st.integers(0, MINUTES), max_size=8), plans)
def test_looking_at_the_body_changes_nothing(
    Rig: MakeRig, looks: list[int], plan: list[tuple[str, int, Any]]
) -> None:
    """Bringing the body up to date at any minutes leaves bins and glucose as they were."""
    results = []
    for watched in (False, True):
        rig = Rig(MINUTES)
        for minute in looks if watched else ():
            when = minute * US_PER_MIN
            rig.env.later(when, lambda _timer, rig=rig, minute=minute: rig.drive.bring_to(minute))
        carry_out(rig, plan)
        rig.body.advance(MINUTES)
        results.append((rig.drive.insulin_nU.tolist(), rig.body.plasma_mgdl.tolist()))
    assert results[0] == results[1]
