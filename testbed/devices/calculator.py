"""The pump's bolus calculator: a suggestion, never a dose."""

from __future__ import annotations

from collections.abc import Iterable

from testbed.devices.setup import Ratios
from testbed.physiology.insulin_on_board import InsulinAction
from testbed.units import US_PER_MIN, to_units


def suggested_bolus(
    carbs_g: float,
    mgdl: float | None,
    ratios: Ratios,
    target_mgdl: float,
    iob_U: float,
    step_U: float,
) -> float:
    """Return carbs/ICR + (glucose - target)/CF - IOB, never below 0, to the nearest step.

    Args:
        carbs_g: Carbohydrate to be eaten, g.
        mgdl: Glucose, mg/dL; None leaves the correction out.
        ratios: What the person boluses by.
        target_mgdl: Glucose to correct to, mg/dL.
        iob_U: Insulin on board from boluses, U.
        step_U: The pump's step, U.

    Raises:
        ValueError: If ``carbs_g`` is negative.
    """
    if not carbs_g >= 0.0:
        raise ValueError(f"carbs_g: expected a number of 0 or more, found {carbs_g}")
    units = carbs_g / ratios.carb_ratio_g_per_U
    if mgdl is not None:
        units += (mgdl - target_mgdl) / ratios.correction_factor_mgdl_per_U
    units -= iob_U
    return max(0, round(units / step_U)) * step_U


def boluses_on_board(doses: Iterable[tuple[int, int]], now: int, action: InsulinAction) -> float:
    """Return the insulin on board from boluses, U.

    Args:
        doses: Of each bolus the time it began, microseconds, and the nanounits it delivered.
        now: The time, microseconds.
        action: The curve of the insulin.
    """
    return sum(
        to_units(delivered) * float(action.remaining((now - begun) / US_PER_MIN))
        for begun, delivered in doses
    )
