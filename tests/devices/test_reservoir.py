"""The reservoir: what is left, when it is low, and what happens when it runs dry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.devices import EMPTY_RESERVOIR, LOW_RESERVOIR, NO_SIGNAL, PumpSettings, Reservoir
from testbed.protocol.payloads import Status
from testbed.trace import BolusEnded
from testbed.units import NANOUNITS_PER_UNIT as U
from testbed.units import US_PER_HOUR, US_PER_MIN

quick = settings(derandomize=True, deadline=None, max_examples=60)

MakeRig = Callable[..., Any]


def of(**changes: Any) -> PumpSettings:
    """Return settings of a pump."""
    return PumpSettings.model_validate(changes)


def rings(rig: Any) -> list[tuple[int, str]]:
    """Return when and how the rig's pump rang, the missing sensor apart."""
    return [each for each in rig.alerts if each[1] != NO_SIGNAL]


def test_more_than_is_left_cannot_be_taken() -> None:
    """Taking more than there is raises an error and takes nothing."""
    reservoir = Reservoir(5)
    with pytest.raises(RuntimeError, match="6 nU out of a reservoir that holds 5 nU"):
        reservoir.take(6)
    assert (reservoir.left_nU, reservoir.delivered_nU) == (5, 0)


def test_a_low_and_an_empty_reservoir_alert(Rig: MakeRig) -> None:
    """The pump rings when so much is left, and when nothing is; then nothing flows."""
    rig = Rig(240, of(reservoir_U=3.0, low_reservoir_U=1.0), basal_U_per_min=0.02)
    rig.finish()
    assert [(t // US_PER_MIN, kind) for t, kind in rings(rig)] == [
        (100, LOW_RESERVOIR),
        (150, EMPTY_RESERVOIR),
    ]
    assert int(rig.drive.insulin_nU.sum()) == 3 * U
    assert not rig.drive.insulin_nU[150:].any()
    assert rig.pump.basal_U_per_h == 0.0


@quick
@given(
    fill=st.integers(0, 4 * 10**6).map(lambda micro: micro / 1e6),
    rate=st.integers(1, 10**6).map(lambda micro: micro / 1e6 / 60),
    at=st.integers(0, US_PER_HOUR),
    dose=st.floats(0.01, 5.0),
)
def test_a_reservoir_is_emptied_to_what_a_microsecond_moves(
    Rig: MakeRig, fill: float, rate: float, at: int, dose: float
) -> None:
    """What is left of a reservoir that ran dry is less than the drive moves in a microsecond."""
    rig = Rig(300, of(reservoir_U=fill, low_reservoir_U=0.0), basal_U_per_min=rate)
    rig.at(at, lambda: rig.pump.press_bolus(dose, -1))
    rig.finish()
    left = rig.reservoir.left_nU
    assert round(fill * U) == int(rig.drive.insulin_nU.sum()) + left
    assert (EMPTY_RESERVOIR in [kind for _, kind in rig.alerts]) == rig.drive.dry
    if rig.drive.dry:
        assert 0 <= left <= (1.5 + rate) * U / US_PER_MIN + 2


def test_a_bolus_under_way_ends_with_the_reservoir(Rig: MakeRig) -> None:
    """A bolus that runs out of insulin ends with what there was, and says why."""
    rig = Rig(60, of(reservoir_U=2.0), basal_U_per_min=0.03)
    assert rig.pump.press_bolus(2.0, -1) is Status.ACCEPTED
    rig.finish()
    (ended,) = rig.events(BolusEnded)
    assert ended.why == "reservoir empty"
    assert ended.delivered_nU == pytest.approx(2.0 * U * 1.5 / 1.53, abs=100)


def test_a_bolus_of_more_than_is_left_is_refused(Rig: MakeRig) -> None:
    """What the reservoir does not hold is refused as such, and what it holds is not."""
    rig = Rig(60, of(reservoir_U=2.0))
    assert rig.pump.press_bolus(2.1, -1) is Status.NOT_ENOUGH_INSULIN
    assert rig.pump.press_bolus(2.0, -1) is Status.ACCEPTED
    rig.finish()
    assert rig.pump.reservoir_on_screen_U == 0.0


def test_a_new_reservoir_goes_on(Rig: MakeRig) -> None:
    """With a new reservoir basal flows again, the alert is over, and each is counted once."""
    rig = Rig(240, of(reservoir_U=1.0, low_reservoir_U=0.2), basal_U_per_min=0.02)
    rig.acknowledges = False
    rig.run(60 * US_PER_MIN)
    assert rig.pump.alerts_on_screen[-1] == EMPTY_RESERVOIR
    rig.pump.press_new_reservoir(-1)
    assert EMPTY_RESERVOIR not in rig.pump.alerts_on_screen
    assert rig.pump.reservoir_on_screen_U == 1.0
    rig.run(10 * US_PER_MIN)
    assert rig.pump.reservoir_on_screen_U == pytest.approx(0.8)
    rig.finish()
    assert int(rig.drive.insulin_nU.sum()) == 2 * U
    assert rig.reservoir.filled_nU == 2 * U
    assert [kind for _, kind in rings(rig)].count(EMPTY_RESERVOIR) >= 2


def test_what_is_thrown_away_is_counted(Rig: MakeRig) -> None:
    """A reservoir that is replaced half full is discarded with what it held."""
    rig = Rig(120, of(reservoir_U=10.0), basal_U_per_min=0.02)
    rig.run(50 * US_PER_MIN)
    rig.pump.press_new_reservoir(-1)
    rig.finish()
    assert rig.reservoir.discarded_nU == 9 * U
    assert int(rig.drive.insulin_nU.sum()) == 120 * U // 50
