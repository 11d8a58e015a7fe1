"""The pump's bolus calculator suggests, and does nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.devices import PumpSettings, Ratios
from testbed.devices.calculator import suggested_bolus
from testbed.physiology.insulin_on_board import InsulinAction
from testbed.protocol.payloads import CgmReading, MeterReading
from testbed.trace import BolusStarted
from testbed.units import US_PER_HOUR, US_PER_MIN, US_PER_S

quick = settings(derandomize=True, deadline=None, max_examples=100)

MakeRig = Callable[..., Any]

RATIOS = Ratios(10.0, 40.0)


@quick
@given(
    st.floats(0.0, 200.0),
    st.floats(39.0, 500.0) | st.none(),
    st.floats(0.0, 20.0),
    st.sampled_from([0.025, 0.05, 0.1, 0.5]),
)
def test_a_suggestion_is_the_formula_to_the_step(
    carbs: float, mgdl: float | None, iob: float, step: float
) -> None:
    """Carbs/ICR + (glucose - target)/CF - IOB, never below 0, within half a step."""
    units = suggested_bolus(carbs, mgdl, RATIOS, 110.0, iob, step)
    exact = carbs / 10.0 + (0.0 if mgdl is None else (mgdl - 110.0) / 40.0) - iob
    assert units >= 0.0
    assert units == pytest.approx(round(units / step) * step, abs=1e-9)
    assert abs(units - max(0.0, exact)) <= step / 2 + 1e-9


def test_negative_carbohydrate_is_refused() -> None:
    """Less than no carbohydrate is an error that names the number."""
    with pytest.raises(ValueError, match=r"carbs_g: .* found -1"):
        suggested_bolus(-1.0, None, RATIOS, 110.0, 0.0, 0.05)


def test_insulin_on_board_is_what_boluses_still_have_to_do(Rig: MakeRig) -> None:
    """The screen shows each bolus by its age and by what it delivered, cancelled or not."""
    rig = Rig(600)
    assert rig.pump.insulin_on_board_U == 0.0
    rig.pump.press_bolus(3.0, -1)
    rig.run(US_PER_MIN)  # 1.5 U of it have gone in
    assert rig.pump.insulin_on_board_U == pytest.approx(1.5, rel=1e-3)
    rig.pump.press_cancel(-1)
    rig.run(119 * US_PER_MIN)
    left = float(InsulinAction(360.0, 75.0).remaining(120.0))
    assert rig.pump.insulin_on_board_U == pytest.approx(1.5 * left)
    rig.run(4 * US_PER_HOUR)
    assert rig.pump.insulin_on_board_U == 0.0


def test_a_suggestion_corrects_by_the_fresh_reading_it_has(Rig: MakeRig) -> None:
    """A fresh finger-stick goes before the sensor, and old readings count nothing."""
    rig = Rig(600)
    assert rig.pump.suggest_bolus(50.0) == 5.0
    rig.say(rig.peer("cgm"), CgmReading(190, 0))
    rig.run(US_PER_S)
    assert rig.pump.suggest_bolus(50.0) == 7.0
    rig.say(rig.peer("meter"), MeterReading(150))
    rig.run(US_PER_S)
    assert rig.pump.suggest_bolus(50.0) == 6.0
    rig.run(16 * US_PER_MIN)
    assert rig.pump.suggest_bolus(50.0) == 5.0
    assert not rig.events(BolusStarted)


def test_a_suggestion_is_at_most_the_largest_bolus(Rig: MakeRig) -> None:
    """More than can be dialled is not suggested; own ratios in the settings go first."""
    own = {"max_bolus_U": 4.0, "carb_ratio_g_per_U": 20.0}
    rig = Rig(pump=PumpSettings.model_validate(own))
    assert rig.pump.suggest_bolus(60.0) == 3.0
    assert rig.pump.suggest_bolus(200.0) == 4.0
