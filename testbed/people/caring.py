"""How the wearer looks after glucose: lows treated, highs corrected, sticks, help, reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from testbed.devices import Pump
from testbed.people.behaviour import Behaviour
from testbed.people.dosing import Dosing
from testbed.people.help_for_highs import Highs
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
        highs: What becomes of highs that stay.
        feels: The wearer's glucose now, mg/dL, of which they feel whether it is very low.
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
        highs: Highs,
        feels: Callable[[], float],
    ) -> None:
        self._person = person
        self._behaviour = behaviour
        self._helper = helper
        self._pump = pump
        self._dosing = dosing
        self._stick = stick
        self._eat = eat
        self._highs = highs
        self._feels = feels
        self._has_symptoms = False
        person.env.later(self._look_interval, self._look)
        if behaviour.calls_at_symptoms:
            person.env.later(self._heed_interval, self._heed)

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
            self._call(who, cause)

    def _call(self, who: Person, cause: int) -> None:
        wait = round(self._behaviour.help_after_min * US_PER_MIN)
        who.env.later(wait, self._help, who.act(CALL, cause))

    def _help(self, timer: Call) -> None:
        self.treat(self._helper, self._behaviour.help_carbs_g, timer.value)

    @property
    def _heed_interval(self) -> int:
        return round(self._behaviour.symptoms_after_min * US_PER_MIN)

    def _heed(self, _timer: Call) -> None:
        """Heed symptoms, while awake, whatever the devices say; one throw for each such low."""
        person, behaviour = self._person, self._behaviour
        person.env.later(self._heed_interval, self._heed)
        mgdl = self._feels()
        if mgdl >= behaviour.low_mgdl:
            self._has_symptoms = False
        elif mgdl < behaviour.symptoms_below_mgdl and not self._has_symptoms and not person.asleep:
            self._has_symptoms = True
            decision = f"{person.name}/symptoms/{person.env.now // US_PER_MIN}"
            if person.dice.chance(decision, behaviour.calls_at_symptoms):
                self._call(person, person.act("feel a low", amount=mgdl))

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
            self._highs.see(mgdl)

    def _see_high(self, mgdl: float, decision: str, cause: int | None) -> None:
        """Correct a high, more often when something is suspicious, which is the cause then."""
        behaviour = self._behaviour
        share = behaviour.correct_highs
        if cause is not None:
            share = max(share, behaviour.correct_after_suspicion)
        if self._is_to_correct(mgdl) and self._person.dice.chance(f"{decision}/corrects", share):
            self._correct(mgdl, cause)

    def _is_to_correct(self, mgdl: float) -> bool:
        pump = self._pump
        high = mgdl > self._behaviour.high_mgdl
        return high and pump.bolus_on_screen is None and not pump.suspended

    def _correct(self, mgdl: float, cause: int | None) -> None:
        """Correct a high as the pump's calculator suggests, which takes insulin on board off."""
        person, units = self._person, self._pump.suggest_bolus(0.0)
        if units > 0:
            why = person.act("see a high", amount=mgdl) if cause is None else cause
            self._dosing.by_pump(units, person.act(CORRECT, why, units))

    def go_by(self, mgdl: int, cause: int, decision: str) -> None:
        """Act on a meter reading that is taken for true: correct a high, treat a low.

        Args:
            mgdl: The reading, mg/dL.
            cause: Position in the trace of seeing it.
            decision: Front of the names of the dice.
        """
        if mgdl < self._behaviour.low_mgdl:
            self.see_low(mgdl, cause, decision)
        elif self._is_to_correct(mgdl):
            self._pump.press_enter_reading(mgdl)
            self._correct(mgdl, cause)

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
