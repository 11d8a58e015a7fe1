"""Foresight: a bolus over the air is refused where insulin on board makes it too much.

Two rules, each by itself.  By the first, insulin on board and dose together must stay below a
limit.  By the second, glucose must not come out too low:

    eventual = glucose - correction factor x (insulin on board + dose - dose for the largest meal)

A request does not say what is eaten, so the pump allows for a meal as large as the person might
eat at once.  Glucose is the sensor's; without a fresh reading the second rule has no say.  It
believes its sensor: who can send false readings can talk it round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from testbed.protocol.payloads import Status
from testbed.settings import NO_PUBLISHED_RATE, Settings, assumption
from testbed.units import to_units

if TYPE_CHECKING:
    from testbed.devices.calculator import Calculator
    from testbed.devices.monitor import Monitor
    from testbed.devices.setup import Setup


class ForesightSettings(Settings):
    """Which boluses over the air are refused for the insulin that is on board already."""

    limits_on_board: bool = False
    """Whether insulin on board and dose together are limited."""
    most_on_board_U: float = assumption(
        12.0,
        ge=1.0,
        le=50.0,
        unit="U",
        source=NO_PUBLISHED_RATE,
        description="Most insulin on board from boluses that a bolus over the air may lead to.",
    )
    refuses_predicted_low: bool = False
    """Whether a bolus is refused by which glucose would come out too low."""
    eventual_at_least_mgdl: float = assumption(
        70.0,
        ge=54.0,
        le=120.0,
        unit="mg/dL",
        source="level 1 hypoglycaemia, Battelino et al., Diabetes Care 2019;42:1593",
        description="Lowest glucose that a bolus over the air may be predicted to lead to.",
    )
    largest_meal_g: float = assumption(
        80.0,
        ge=0.0,
        le=200.0,
        unit="g",
        source=NO_PUBLISHED_RATE,
        description="Carbohydrate that the pump allows for in such a prediction.",
    )


class Foresight:
    """The foresight of one pump.

    Args:
        setup: The rules and the person's ratios.
        calculator: What is on board.
        monitor: What the sensor says.
    """

    def __init__(self, setup: Setup, calculator: Calculator, monitor: Monitor) -> None:
        self._setup = setup
        self._calculator = calculator
        self._monitor = monitor

    def refusal(self, nanounits: int) -> Status | None:
        """Return why a dose asked for over the air is too much now, None if it is not."""
        settings = self._setup.now
        rules = settings.foresight
        if not (rules.limits_on_board or rules.refuses_predicted_low):
            return None
        with_it = self._calculator.on_board_U() + to_units(nanounits)
        if rules.limits_on_board and with_it > rules.most_on_board_U:
            return Status.TOO_MUCH_ON_BOARD
        mgdl = self._monitor.fresh_sensor(settings.glucose_counts_for)
        if rules.refuses_predicted_low and mgdl is not None:
            ratios = self._setup.ratios
            for_food = rules.largest_meal_g / ratios.carb_ratio_g_per_U
            eventual = mgdl - ratios.correction_factor_mgdl_per_U * (with_it - for_food)
            if eventual < rules.eventual_at_least_mgdl:
                return Status.LOW_PREDICTED
        return None
