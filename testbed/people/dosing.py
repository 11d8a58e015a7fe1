"""How the wearer doses insulin: for meals, by pump or by meter, in time, late or not at all."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Final

import simpy

from testbed.devices import BUTTONS, Meter, Pump
from testbed.people.agenda import Meal
from testbed.people.behaviour import Behaviour
from testbed.people.person import Person
from testbed.protocol.payloads import Status
from testbed.units import US_PER_DAY, US_PER_MIN, US_PER_S

Process = Generator[simpy.Event, Any, None]

_PRESS: Final = "bolus on the pump"
_PICO: Final = 12
"""Decimals of a dose that are kept: far finer than a step, coarser than a float's dust."""


class Dosing:
    """The boluses of one wearer.

    Args:
        person: The wearer.
        behaviour: How they behave.
        pump: Their pump.
        meter: Their meter.
        stick: Makes a finger-stick, with its cause; returns mg/dL.
        eat: Takes carbohydrate into the body: minute, g.
        carb_ratio_g_per_U: What the wearer was told to bolus by.

    Attributes:
        expecting_remote: Whether the wearer has just asked for a bolus on the meter.
    """

    def __init__(
        self,
        person: Person,
        behaviour: Behaviour,
        pump: Pump,
        meter: Meter,
        stick: Callable[[int], int],
        eat: Callable[[int, float], float],
        carb_ratio_g_per_U: float,
    ) -> None:
        self._person = person
        self._behaviour = behaviour
        self._pump = pump
        self._meter = meter
        self._stick = stick
        self._eat = eat
        self._carb_ratio = carb_ratio_g_per_U
        self._own_remote_bolus_at = -1
        self.expecting_remote = False

    def meal(self, number: int, meal: Meal, day: int) -> Process:
        """Eat, and dose for it."""
        person, behaviour = self._person, self._behaviour
        dice, decision = person.dice, f"{person.name}/meal/{number}"
        sticks = dice.chance(f"{decision}/stick", behaviour.stick_before_meals, day)
        if sticks:
            self._stick(person.act("take the meter before a meal"))
        ate = person.act("eat", amount=meal.carbs_g)
        self._eat(person.env.now // US_PER_MIN, meal.carbs_g)
        if dice.chance(f"{decision}/missed", behaviour.missed_bolus, day):
            return
        if dice.chance(f"{decision}/late", behaviour.late_bolus, day):
            yield person.env.timeout(round(behaviour.late_by_min * US_PER_MIN))
            if person.asleep:
                return
        estimate = self._estimate(number, meal, day)
        by_calculator = dice.chance(f"{decision}/calculator", behaviour.calculator_at_meals, day)
        units = self._pump.suggest_bolus(estimate) if by_calculator else self._dialled(estimate)
        if units <= 0:
            return
        if self._meter.linked and dice.chance(
            f"{decision}/remote", behaviour.remote_bolus_use, day
        ):
            yield from self._by_meter(units, ate, sticks, decision, day)
        else:
            self.by_pump(units, ate)

    def _estimate(self, number: int, meal: Meal, day: int) -> float:
        """Return what the wearer takes a meal for, g."""
        person = self._person
        decision = f"{person.name}/meal/{number}/estimate"
        return meal.carbs_g * person.dice.lognormal(decision, self._behaviour.carb_error_cv, day)

    def on_another_day(self, number: int, meal: Meal, day: int) -> tuple[int, float] | None:
        """Return when, as a clock time, and how much the wearer boluses for a meal on some day, U.

        As with :meth:`meal`, apart from corrections; None where the bolus is missed.
        """
        behaviour, dice = self._behaviour, self._person.dice
        decision = f"{self._person.name}/meal/{number}"
        if dice.chance(f"{decision}/missed", behaviour.missed_bolus, day):
            return None
        at, units = meal.at, self._dialled(self._estimate(number, meal, day))
        if dice.chance(f"{decision}/late", behaviour.late_bolus, day):
            at += round(behaviour.late_by_min * US_PER_MIN)
        return None if units <= 0 else (at % US_PER_DAY, units)

    def _dialled(self, carbs_g: float) -> float:
        """Return carbohydrate over carb ratio, to the pump's step and as far as it dials."""
        pump = self._pump
        step = pump.dose_step_U
        dose = round(round(carbs_g / self._carb_ratio / step) * step, _PICO)
        return min(dose, pump.largest_bolus_U)

    def by_pump(self, units: float, cause: int) -> None:
        """Dial a bolus on the pump."""
        pump, act = self._pump, self._person.act
        if pump.press_bolus(units, act(_PRESS, cause, units)) is Status.OVER_CAP:
            left = min(units, pump.bolus_left_U)
            if left > 0:
                pump.press_bolus(left, act(_PRESS, cause, left))

    def _by_meter(
        self, units: float, cause: int, has_stuck: bool, decision: str, day: int
    ) -> Process:
        """Ask on the meter; fall back on the pump's buttons if that comes to nothing."""
        person, meter = self._person, self._meter
        answered = person.env.event()
        if not has_stuck:
            self._stick(cause)

        def reply(status: Status, _cause: int) -> None:
            if not answered.triggered:
                answered.succeed(status)

        behaviour = self._behaviour
        self.expecting_remote = True
        asked_at = person.env.now
        asked = person.act("bolus on the meter", cause, units)
        meter.ask_bolus(units, asked, reply)
        patience = round(behaviour.wait_for_reply_s * US_PER_S)
        own_answer = round(behaviour.answer_own_prompt_s * US_PER_S)
        yield answered | person.env.timeout(patience + own_answer)
        self.expecting_remote = False
        last, held = self._pump.last_bolus, self._pump.held_bolus_until
        taken = not answered.triggered or answered.value is Status.ACCEPTED
        if last is not None and last.source == "meter" and last.t >= asked_at:
            self._own_remote_bolus_at = last.t  # the answer may be lost: the screen tells
        elif held is not None and taken:
            self._own_remote_bolus_at = held
        elif not answered.triggered or answered.value is not Status.ACCEPTED:
            if answered.triggered and answered.value is Status.FEATURE_OFF:
                if person.dice.chance(f"{decision}/gives up", behaviour.misses_without_remote, day):
                    return
                if behaviour.delay_without_remote_min:
                    late = round(behaviour.delay_without_remote_min * US_PER_MIN)
                    yield person.env.timeout(late)
                    if person.asleep:
                        return
            self.by_pump(units, cause)

    @property
    def own_has_waited(self) -> bool:
        """Whether a bolus starts now that the wearer asked for and that had to wait."""
        return self._person.env.now == self._own_remote_bolus_at

    @property
    def newest_is_unasked_for(self) -> bool:
        """Whether the newest bolus on the pump's screen is one that the wearer did not ask for."""
        last = self._pump.last_bolus
        return last is not None and last.source != BUTTONS and last.t != self._own_remote_bolus_at

    @property
    def unasked_for_is_running(self) -> bool:
        """Whether such a bolus is under way, or waits to start."""
        held = self._pump.held_bolus_until
        if held is not None:
            return held != self._own_remote_bolus_at
        return self._pump.bolus_on_screen is not None and self.newest_is_unasked_for
