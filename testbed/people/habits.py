"""The boluses of before the scenario: what a pump has seen of a person when it begins."""

from __future__ import annotations

from collections.abc import Sequence

from testbed.devices import Pump
from testbed.people.agenda import Meal
from testbed.people.dosing import Dosing


def tell_past(pump: Pump, meals: Sequence[Meal], dosing: Dosing) -> None:
    """Have the pump remember the boluses for the meals of days before, newest last.

    They are drawn as those of the scenario are, on days with negative numbers, so that who lives
    on as before is no different from what is remembered.

    Args:
        pump: The pump, which says how many it has room for.
        meals: What the person eats every day.
        dosing: How they bolus.
    """
    wanting = pump.habit.wanting
    latest_first: list[tuple[int, float]] = []
    in_order = sorted(enumerate(meals), key=lambda each: -each[1].at)
    for day in range(-1, -wanting - 1, -1):
        for number, meal in in_order:
            bolus = dosing.on_another_day(number, meal, day)
            if bolus is not None:
                latest_first.append(bolus)
        if len(latest_first) >= wanting:
            break
    for clock, units in reversed(latest_first[:wanting]):
        pump.habit.remember(clock, units)
