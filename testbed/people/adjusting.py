"""How the wearer changes the delivery: a temporary basal, a suspension, and its end."""

from __future__ import annotations

from collections.abc import Callable, Generator
from itertools import count
from typing import Any, Final

import simpy

from testbed.devices import Meter, Pump
from testbed.people.agenda import Exercise
from testbed.people.behaviour import Behaviour
from testbed.people.noticing import is_asleep
from testbed.people.person import Person
from testbed.protocol.payloads import Status
from testbed.units import US_PER_DAY, US_PER_MIN, US_PER_S

Process = Generator[simpy.Event, Any, None]
Ask = Callable[[int, Callable[[Status, int], None]], bool]
Press = Callable[[int], Any]

SUSPEND: Final = "suspend"
RESUME: Final = "resume"
EASE: Final = "set a temporary basal"


class Adjusting:
    """The wearer's own suspensions and temporary basals, on the meter or on the pump.

    Nobody suspends who would be asleep when it is time to resume.

    Args:
        person: The wearer.
        behaviour: How they behave.
        pump: Their pump.
        meter: Their meter.

    Attributes:
        expecting_remote: Whether the wearer has just asked for a change on the meter.
        suspended: Whether a suspension is the wearer's own.
        basal_until: When the wearer's own temporary basal ends, None without one.
    """

    def __init__(self, person: Person, behaviour: Behaviour, pump: Pump, meter: Meter) -> None:
        self._person = person
        self._behaviour = behaviour
        self._pump = pump
        self._meter = meter
        self.expecting_remote = False
        self.suspended = False
        self.basal_until: int | None = None

    # Exercise -------------------------------------------------------------------------

    def exercises(self, number: int, exercise: Exercise) -> Process:
        """Change the delivery for one exercise, every day, or not."""
        env, behaviour = self._person.env, self._behaviour
        lead = round(behaviour.ease_before_min * US_PER_MIN)
        start = env.now + self._person.until(exercise.at)
        for day in count():
            yield env.timeout(max(0, start - lead - env.now))
            env.process(self._exercise(number, exercise, day, start))
            start += US_PER_DAY

    def _exercise(self, number: int, exercise: Exercise, day: int, start: int) -> Process:
        person, behaviour, pump = self._person, self._behaviour, self._pump
        dice, decision = person.dice, f"{person.name}/exercise/{number}"
        if not dice.chance(f"{decision}/eases", behaviour.eases_for_exercise, day):
            return
        if dice.chance(f"{decision}/suspends", behaviour.suspends_for_exercise, day):
            yield person.env.timeout(start - person.env.now)
            yield from self._suspend(f"{decision}/suspension/{day}", exercise.lasts, None)
        elif not person.asleep:
            percent = behaviour.exercise_basal_percent
            until = start + exercise.lasts - person.env.now
            minutes = -(-until // US_PER_MIN)
            yield from self._change(
                f"{decision}/basal/{day}",
                EASE,
                person.act("prepare for exercise", amount=float(percent)),
                lambda cause, reply: self._meter.ask_temporary_percent(
                    percent, minutes, cause, reply
                ),
                lambda cause: pump.press_temporary_percent(percent, minutes * US_PER_MIN, cause),
            )
            self.basal_until = pump.temporary_basal_until

    # Suspensions ----------------------------------------------------------------------

    def see_low(self, noticed: int, decision: str) -> None:
        """Suspend delivery in a low, or not."""
        person, behaviour = self._person, self._behaviour
        if person.dice.chance(f"{decision}/suspends", behaviour.suspends_in_low):
            wait = round(behaviour.suspended_for_min * US_PER_MIN)
            person.env.process(self._suspend(f"{decision}/suspension", wait, noticed))

    def _suspend(self, decision: str, duration: int, cause: int | None) -> Process:
        """Suspend for a while, and resume what is still suspended by then."""
        person, pump, meter = self._person, self._pump, self._meter
        wakes_later = is_asleep(person.manner, (person.clock + duration) % US_PER_DAY)
        if person.asleep or wakes_later or pump.suspended:
            return
        why = person.act("go to exercise") if cause is None else cause
        self.suspended = True
        until = person.env.now + duration
        yield from self._change(
            f"{decision}/begins", SUSPEND, why, meter.ask_suspend, pump.press_suspend
        )
        yield person.env.timeout(max(0, until - person.env.now))
        if self.suspended and pump.suspended:
            yield from self._change(
                f"{decision}/ends", RESUME, why, meter.ask_resume, pump.press_resume
            )
        self.suspended = False

    # On the meter or on the pump ------------------------------------------------------

    def _change(self, decision: str, act: str, cause: int, ask: Ask, press: Press) -> Process:
        """Ask on the meter; fall back on the pump's buttons if that comes to nothing."""
        person, behaviour = self._person, self._behaviour
        if self._meter.linked and person.dice.chance(
            f"{decision}/meter", behaviour.changes_on_meter
        ):
            answered = person.env.event()

            def reply(status: Status, _cause: int) -> None:
                if not answered.triggered:
                    answered.succeed(status)

            self.expecting_remote = True
            ask(person.act(f"{act} on the meter", cause), reply)
            patience = behaviour.wait_for_reply_s + behaviour.answer_own_prompt_s
            yield answered | person.env.timeout(round(patience * US_PER_S))
            self.expecting_remote = False
            if answered.triggered and answered.value is Status.ACCEPTED:
                return
        press(person.act(f"{act} on the pump", cause))
