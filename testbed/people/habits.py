"""The boluses of before the scenario: what a pump has seen of a person when it begins."""

from __future__ import annotations

from collections.abc import Sequence

from testbed.people.agenda import Meal
from testbed.people.dosing import Dosing


def past_boluses(meals: Sequence[Meal], dosing: Dosing, count: int) -> list[tuple[int, float]]:
    """Return the boluses for the meals of days before: clock time and U, newest last.

    They are drawn as those of the scenario are, on days with negative numbers, so that who lives
    on as before is no different from what is remembered.

    Args:
        meals: What the person eats every day.
        dosing: How they bolus.
        count: How many are wanted; fewer are returned for somebody who boluses less than once in
            so many days.
    """
    latest_first: list[tuple[int, float]] = []
    in_order = sorted(enumerate(meals), key=lambda each: -each[1].at)
    for day in range(-1, -count - 1, -1):
        for number, meal in in_order:
            bolus = dosing.on_another_day(number, meal, day)
            if bolus is not None:
                latest_first.append(bolus)
        if len(latest_first) >= count:
            break
    return latest_first[:count][::-1]
