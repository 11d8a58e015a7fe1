"""The pump's bolus calculator: a suggestion, never a dose."""

from __future__ import annotations

from collections.abc import Iterable

from testbed.devices.drive import Drive
from testbed.devices.history import BOLUS, History
from testbed.devices.monitor import Monitor
from testbed.devices.setup import Ratios, Setup
from testbed.physiology.insulin_on_board import InsulinAction
from testbed.simulation import Simulation
from testbed.units import US_PER_MIN, to_units


class Calculator:
    """The bolus calculator of one pump.

    Args:
        env: The simulation; time in microseconds.
        setup: Ratios, target and curve.
        history: What boluses there were.
        drive: What the bolus under way has delivered.
        monitor: What glucose is.
    """

    def __init__(
        self, env: Simulation, setup: Setup, history: History, drive: Drive, monitor: Monitor
    ) -> None:
        self._env = env
        self._setup = setup
        self._history = history
        self._drive = drive
        self._monitor = monitor

    def on_board_U(self) -> float:
        """Return what the boluses in the history still have to do, by the pump's curve, U."""
        settings, now = self._setup.now, self._env.now
        action = InsulinAction(settings.insulin_duration_min, settings.insulin_peak_min)
        oldest = now - round(settings.insulin_duration_min * US_PER_MIN)
        doses = [(row.t, row.delivered_nU) for row in self._history.of(BOLUS, oldest)]
        last = self._history.last_bolus
        if last is not None and self._drive.bolus_running:
            doses.append((last.t, self._drive.bolus_nU))
        return boluses_on_board(doses, now, action)

    def suggest(self, carbs_g: float) -> float:
        """Return what is suggested for a meal, U.

        It corrects by a finger-stick that is fresh, or else by a sensor reading that is, or
        not at all, and it takes insulin on board off.
        """
        setup = self._setup
        settings = setup.now
        return suggested_bolus(
            carbs_g,
            self._monitor.freshest(settings.glucose_counts_for),
            setup.ratios,
            settings.target_mgdl,
            self.on_board_U(),
            settings.bolus_step_U,
        )


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
