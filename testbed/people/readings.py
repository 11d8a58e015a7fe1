"""What a wearer makes of meter readings on the pump's screen: entered, acted on, thrown away."""

from __future__ import annotations

from typing import Final

from testbed.devices import CgmTransmitter, Pump
from testbed.people.behaviour import Behaviour
from testbed.people.caring import Caring
from testbed.people.noticing import minutes_to_notice
from testbed.people.person import Person
from testbed.simulation import Call
from testbed.units import US_PER_MIN, US_PER_S

ACT: Final = "calibrate the sensor"
DISCARD: Final = "throw the reading away"
UNASKED: Final = "unasked-reading"
"""What is noticed where the pump shows a reading of nobody's asking."""


class Readings:
    """The wearer in front of a meter reading on the pump's screen.

    A reading that the wearer has just made is used at once, or not.  One that nobody asked for
    makes no sound: it is seen as late as an alert is noticed, and not at all asleep.  Then it is
    taken for true, and used, or thrown away.  Nobody enters readings into a sensor that is
    calibrated in the factory.

    Args:
        person: The wearer.
        behaviour: How they behave.
        pump: Their pump.
        cgm: Their transmitter, of which the wearer knows whether it is to be calibrated.
        caring: What they do about highs, lows and suspicions.
    """

    def __init__(
        self,
        person: Person,
        behaviour: Behaviour,
        pump: Pump,
        cgm: CgmTransmitter,
        caring: Caring,
    ) -> None:
        self._person = person
        self._behaviour = behaviour
        self._pump = pump
        self._cgm = cgm
        self._caring = caring
        self._own_mgdl: int | None = None
        pump.calibration.when_shown(self._shown)

    def measured(self, mgdl: int) -> None:
        """Remember what the wearer's own meter has just shown."""
        self._own_mgdl = mgdl

    def is_own(self, mgdl: int) -> bool:
        """Return whether a reading is what the wearer's own meter has just shown."""
        return mgdl == self._own_mgdl

    def _shown(self, mgdl: int, cause: int) -> None:
        person, now = self._person, self._person.env.now
        if self.is_own(mgdl):
            self._own_mgdl = None
            self._see_own(mgdl, cause)
        elif not person.asleep:
            u = person.dice.uniform(f"{person.name}/calibration/unasked/notices", now)
            minutes = minutes_to_notice(self._behaviour, u)
            if minutes is not None:
                wait = round(minutes * US_PER_MIN)
                person.env.later(wait, self._see_unasked, (mgdl, cause, now))

    def _see_own(self, mgdl: int, cause: int) -> None:
        person, behaviour = self._person, self._behaviour
        dice, now = person.dice, person.env.now
        mistaken = (1.0 - behaviour.accept_unasked_reading) * behaviour.discards_own_by_mistake
        if dice.chance(f"{person.name}/reading/own/discards", mistaken, now):
            self._discard(mgdl, cause)
        elif self._cgm.takes_calibrations and dice.chance(
            f"{person.name}/calibration/own", behaviour.calibrate_with_own, now
        ):
            wait = round(behaviour.answer_own_prompt_s * US_PER_S)
            person.env.later(wait, self._calibrate, (mgdl, cause))

    def _see_unasked(self, timer: Call) -> None:
        """See a reading of nobody's asking, with the dice of the time at which it came."""
        mgdl, cause, came = timer.value
        person, behaviour, dice = self._person, self._behaviour, self._person.dice
        if person.asleep:
            return
        noticed = person.notice(cause, UNASKED, False)
        decision = f"{person.name}/reading/unasked"
        if not dice.chance(f"{decision}/accepts", behaviour.accept_unasked_reading, came):
            self._discard(mgdl, noticed)
            self._caring.suspect(noticed, f"{decision}/{came}")
            return
        if self._cgm.takes_calibrations and dice.chance(
            f"{person.name}/calibration/unasked", behaviour.calibrate_with_unasked, came
        ):
            self._enter(mgdl, noticed)
        if dice.chance(f"{decision}/acts", behaviour.correct_on_unasked_reading, came):
            self._caring.go_by(mgdl, noticed, f"{decision}/{came}")

    def _discard(self, mgdl: int, cause: int) -> None:
        self._person.act(DISCARD, cause, float(mgdl))
        self._pump.press_discard_reading(mgdl)

    def _calibrate(self, timer: Call) -> None:
        self._enter(*timer.value)

    def _enter(self, mgdl: int, cause: int) -> None:
        self._pump.calibration.press(mgdl, self._person.act(ACT, cause, float(mgdl)))
