"""How the wearer looks after glucose: lows treated, highs corrected, sticks, help, reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from testbed.devices import Pump
from testbed.people.behaviour import Behaviour
from testbed.people.dosing import Dosing
from testbed.people.person import Person
from testbed.simulation import Call
from testbed.units import US_PER_HOUR, US_PER_MIN

TREAT: Final = "treat a low"
CALL: Final = "call for help"
CORRECT: Final = "correct a high"
REPORT: Final = "report to the maker"


class Caring:
    """What the wearer does about glucose, apart from meals.

    Args:
        person: The wearer.
        behaviour: How they behave.
        helper: Who comes when help is called.
        pump: Their pump.
        dosing: Their boluses.
        stick: Makes a finger-stick, with its cause; returns mg/dL.
        eat: Takes carbohydrate into the body: minute, g.
    """

    def __init__(
        self,
        person: Person,
        behaviour: Behaviour,
        helper: Person,
        pump: Pump,
        dosing: Dosing,
        stick: Callable[[int], int],
        eat: Callable[[int, float], float],
    ) -> None:
        self._person = person
        self._behaviour = behaviour
        self._helper = helper
        self._pump = pump
        self._dosing = dosing
        self._stick = stick
        self._eat = eat
        person.env.later(self._look_interval, self._look)

    # Lows -----------------------------------------------------------------------------

    def treat(self, who: Person, grams: float, cause: int) -> None:
        """Have the wearer eat carbohydrate that somebody has at hand."""
        if grams > 0:
            who.act(TREAT, cause, grams)
            self._eat(who.env.now // US_PER_MIN, grams)

    def see_low(self, mgdl: float | None, cause: int, decision: str) -> None:
        """Treat a low, and call for help where it is deep."""
        behaviour = self._behaviour
        self.treat(self._person, behaviour.rescue_carbs_g, cause)
        self.maybe_call(self._person, behaviour.calls_for_help, mgdl, cause, decision)

    def maybe_call(
        self, who: Person, share: float, mgdl: float | None, cause: int, decision: str
    ) -> None:
        """Have somebody who sees a low call for help, where it is deep and they are one who does.

        Args:
            who: Who sees it.
            share: In what share of such lows they call.
            mgdl: What they see, mg/dL.
            cause: Position in the trace of seeing it.
            decision: Front of the names of the dice.
        """
        deep = mgdl is not None and mgdl < self._behaviour.help_below_mgdl
        if deep and who.dice.chance(f"{decision}/calls", share):
            wait = round(self._behaviour.help_after_min * US_PER_MIN)
            who.env.later(wait, self._help, who.act(CALL, cause))

    def _help(self, timer: Call) -> None:
        self.treat(self._helper, self._behaviour.help_carbs_g, timer.value)

    # Highs ----------------------------------------------------------------------------

    @property
    def _look_interval(self) -> int:
        return round(self._behaviour.look_every_min * US_PER_MIN)

    def _look(self, timer: Call) -> None:
        """Look at what the sensor says, while awake; lows ring by themselves."""
        person, mgdl = self._person, self._pump.sensor_mgdl
        person.env.again(self._look_interval, timer)
        if mgdl is not None and not person.asleep:
            self._see_high(mgdl, f"{person.name}/look/{person.env.now // US_PER_MIN}", None)

    def _see_high(self, mgdl: float, decision: str, cause: int | None) -> None:
        """Correct a high as the pump's calculator suggests, which takes insulin on board off."""
        behaviour, person, pump = self._behaviour, self._person, self._pump
        if mgdl <= behaviour.high_mgdl or pump.bolus_on_screen is not None or pump.suspended:
            return
        if person.dice.chance(f"{decision}/corrects", behaviour.correct_highs):
            units = pump.suggest_bolus(0.0)
            if units > 0:
                why = person.act("see a high", amount=mgdl) if cause is None else cause
                self._dosing.by_pump(units, person.act(CORRECT, why, units))

    # After something suspicious -------------------------------------------------------

    def suspect(self, noticed: int, decision: str) -> None:
        """Take note of something suspicious: measure for a while, and report it."""
        person, behaviour = self._person, self._behaviour
        if person.dice.chance(f"{decision}/sticks", behaviour.stick_after_suspicion):
            every = round(behaviour.stick_again_min * US_PER_MIN)
            for number in range(behaviour.sticks_per_suspicion):
                person.env.later(number * every, self._measure, (noticed, f"{decision}/{number}"))
        if person.dice.chance(f"{decision}/reports", behaviour.reports):
            wait = round(behaviour.report_after_h * US_PER_HOUR)
            person.env.later(wait, self._report, noticed)

    def _measure(self, timer: Call) -> None:
        noticed, decision = timer.value
        behaviour = self._behaviour
        if self._person.asleep:
            return
        mgdl = self._stick(noticed)
        if mgdl < behaviour.low_mgdl:
            self.see_low(mgdl, noticed, decision)
        else:
            self._see_high(mgdl, decision, noticed)

    def _report(self, timer: Call) -> None:
        person = self._person
        if person.asleep:
            person.env.later(person.until(person.manner.asleep_until), self._report, timer.value)
        else:
            person.act(REPORT, timer.value)
