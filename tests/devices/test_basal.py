"""Temporary basals, suspending and resuming, and the two speeds of a bolus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from testbed.devices import PumpSettings
from testbed.protocol.payloads import Status
from testbed.trace import BasalChanged, BasalDelivered, BolusEnded, ExtraDelivered
from testbed.units import NANOUNITS_PER_UNIT as U
from testbed.units import US_PER_DAY, US_PER_HOUR, US_PER_MIN

quick = settings(derandomize=True, deadline=None, max_examples=80)

MakeRig = Callable[..., Any]

BASAL = U // 50
"""The programme's rate of the rigs, nU/min: 1.2 U/h."""


def rig_of(Rig: MakeRig, minutes: int = 120, **changes: Any) -> Any:
    """Return a rig with 1.2 U/h of basal."""
    return Rig(minutes, PumpSettings.model_validate(changes), basal_U_per_min=0.02)


@quick
@given(
    start=st.integers(0, US_PER_HOUR),
    minutes=st.integers(1, 100),
    percent=st.integers(0, 160),
)
def test_a_temporary_basal_ends_on_time(
    Rig: MakeRig, start: int, minutes: int, percent: int
) -> None:
    """The share flows from the press for the time asked for, and the programme before and after."""
    rig = rig_of(Rig, 180)
    rig.at(start, lambda: rig.pump.press_temporary_percent(percent, minutes * US_PER_MIN, -1))
    rig.finish()
    began, ended = (event.t for event in rig.events(BasalChanged))
    assert (began, ended) == (start, start + minutes * US_PER_MIN)
    nU = rig.drive.insulin_nU.tolist()
    first, last = -(-start // US_PER_MIN), ended // US_PER_MIN
    assert nU[: start // US_PER_MIN] == [BASAL] * (start // US_PER_MIN)
    assert nU[first:last] == [BASAL * percent // 100] * (last - first)
    assert nU[last + 1 :] == [BASAL] * (179 - last)
    assert rig.pump.temporary_basal_until is None


def test_a_temporary_rate_stands_for_the_programmes(Rig: MakeRig) -> None:
    """A rate in U/h flows whatever the profile says, and can be ended by hand."""
    rig = rig_of(Rig, 60)
    assert rig.pump.press_temporary_rate(1.8, US_PER_HOUR, -1) is Status.ACCEPTED
    assert rig.pump.basal_U_per_h == pytest.approx(1.8)
    assert rig.pump.temporary_basal_until == US_PER_HOUR
    rig.run(20 * US_PER_MIN)
    rig.pump.press_end_temporary(-1)
    rig.finish()
    assert rig.drive.insulin_nU.tolist() == [30_000_000] * 20 + [BASAL] * 40
    extra = sum(event.delivered_nU for event in rig.events(ExtraDelivered))
    assert extra == 20 * 10_000_000
    assert sum(event.delivered_nU for event in rig.events(BasalDelivered)) == 60 * BASAL


def test_a_later_temporary_basal_takes_the_place_of_the_first(Rig: MakeRig) -> None:
    """The second runs for its own time; that the first's would be over changes nothing."""
    rig = rig_of(Rig, 60)
    rig.pump.press_temporary_percent(50, 20 * US_PER_MIN, -1)
    rig.run(10 * US_PER_MIN)
    rig.pump.press_temporary_percent(150, 30 * US_PER_MIN, -1)
    rig.finish()
    more, less = U * 3 // 100, U // 100
    assert rig.drive.insulin_nU.tolist() == [less] * 10 + [more] * 30 + [BASAL] * 20


def test_a_temporary_share_follows_the_profile(Rig: MakeRig) -> None:
    """A share is of the rate that the profile has at each time, the next segment's too."""
    basal = [{"at": "06:00", "U_per_h": 1.2}, {"at": "06:30", "U_per_h": 0.6}]
    rig = rig_of(Rig, 60, basal=basal)
    rig.pump.press_temporary_percent(50, US_PER_HOUR, -1)
    rig.finish()
    assert rig.drive.insulin_nU.tolist() == [U // 100] * 30 + [U // 200] * 30


@pytest.mark.parametrize(
    ("U_per_h", "duration", "status"),
    [
        (2.0, US_PER_HOUR, Status.ACCEPTED),
        (2.01, US_PER_HOUR, Status.OVER_MAXIMUM),
        (1.0, US_PER_DAY, Status.ACCEPTED),
        (1.0, US_PER_DAY + 1, Status.OVER_MAXIMUM),
    ],
)
def test_a_temporary_basal_has_limits(
    Rig: MakeRig, U_per_h: float, duration: int, status: Status
) -> None:
    """A temporary basal above the largest, or for too long, is refused and changes nothing."""
    rig = rig_of(Rig)
    assert rig.pump.press_temporary_rate(U_per_h, duration, -1) is status
    assert bool(rig.events(BasalChanged)) == (status is Status.ACCEPTED)


def test_a_profile_above_the_largest_basal_is_an_error() -> None:
    """Settings whose profile exceeds their own limit are refused, with both numbers."""
    basal = [{"at": "00:00", "U_per_h": 2.5}]
    with pytest.raises(ValidationError, match=r"at most max_basal_U_per_h = 2, found 2\.5"):
        PumpSettings.model_validate({"basal": basal})


def test_suspending_stops_everything_until_resumed(Rig: MakeRig) -> None:
    """A suspended pump gives neither bolus nor basal, refuses a bolus, and resumes as it was."""
    rig = rig_of(Rig, 60)
    rig.pump.press_bolus(3.0, -1)
    rig.run(US_PER_MIN)
    assert rig.pump.press_suspend(-1) is Status.ACCEPTED
    assert rig.pump.suspended
    assert rig.pump.press_suspend(-1) is Status.SUSPENDED
    assert rig.pump.press_bolus(1.0, -1) is Status.SUSPENDED
    rig.run(29 * US_PER_MIN)
    assert rig.pump.press_resume(-1) is Status.ACCEPTED
    rig.finish()
    (ended,) = rig.events(BolusEnded)
    assert (ended.delivered_nU, ended.why) == (3 * U // 2, "suspended")
    assert rig.drive.insulin_nU.tolist() == [BASAL + 3 * U // 2] + [0] * 29 + [BASAL] * 30


def test_a_temporary_basal_runs_on_behind_a_suspension(Rig: MakeRig) -> None:
    """Resuming goes back to the temporary basal if its time is not up."""
    rig = rig_of(Rig, 60)
    rig.pump.press_temporary_percent(50, 30 * US_PER_MIN, -1)
    rig.pump.press_suspend(-1)
    rig.run(10 * US_PER_MIN)
    rig.pump.press_resume(-1)
    rig.finish()
    assert rig.drive.insulin_nU.tolist() == [0] * 10 + [BASAL // 2] * 20 + [BASAL] * 30


@pytest.mark.parametrize(("speed", "minutes"), [("standard", 2), ("quick", 0.2)])
def test_a_bolus_flows_at_the_speed_that_is_set(Rig: MakeRig, speed: str, minutes: float) -> None:
    """3 U take 2 minutes at the standard 1.5 U/min and 12 seconds at the quick 15 U/min."""
    rig = Rig(60, PumpSettings.model_validate({"bolus_speed": speed}))
    rig.pump.press_bolus(3.0, -1)
    rig.finish()
    (ended,) = rig.events(BolusEnded)
    assert ended.t == minutes * US_PER_MIN
    assert ended.delivered_nU == 3 * U
