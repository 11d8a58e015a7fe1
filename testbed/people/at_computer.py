"""The wearer at the computer: puts the stick in, and takes it out."""

from __future__ import annotations

from testbed.devices import UsbLink
from testbed.people.behaviour import Behaviour
from testbed.people.journey import Journey
from testbed.people.person import Person
from testbed.simulation import Call
from testbed.units import US_PER_MIN


class AtComputer:
    """Who plugs one stick in and out: the wearer, where the computer is, and awake.

    Args:
        person: The wearer.
        behaviour: How they behave.
        usb: The stick.
        journey: Where the wearer is.
    """

    def __init__(
        self, person: Person, behaviour: Behaviour, usb: UsbLink, journey: Journey
    ) -> None:
        self._person = person
        self._behaviour = behaviour
        self._usb = usb
        self._journey = journey
        self._is_to_come_out = False
        usb.when_plugging(self._is_at)
        usb.when_plugged(self._plugged)
        journey.when_arriving(self._come)

    def _is_at(self, place: str) -> bool:
        """Whether the wearer is at a place, and awake to do something there."""
        return self._journey.place == place and not self._person.asleep

    def _come(self) -> None:
        """Arrive somewhere: put the stick in if it is time, take it out if it has been."""
        if self._is_at(self._usb.place):
            self._usb.press_plug_in()
            self._take_out(None)

    def _takes_out(self) -> bool:
        person = self._person
        share = self._behaviour.unplugs_after_download
        return person.dice.chance(f"{person.name}/unplugs", share, person.env.now)

    def _plugged(self) -> None:
        if not self._takes_out():
            return
        if not self._person.env.now:
            self._usb.press_unplug()  # it came out before the start
        else:
            wait = round(self._behaviour.unplug_after_min * US_PER_MIN)
            self._person.env.later(wait, self._done)

    def _done(self, timer: Call) -> None:
        self._is_to_come_out = True
        self._take_out(timer)

    def _take_out(self, _timer: Call | None) -> None:
        """Take the stick out, as soon as somebody is there and awake to do it."""
        person, usb = self._person, self._usb
        if not self._is_to_come_out or self._journey.place != usb.place:
            return
        if person.asleep:
            person.env.later(person.until(person.manner.asleep_until), self._take_out)
        elif not usb.plugged_in:
            self._is_to_come_out = False
        elif not usb.endpoint.pairing.active:
            self._is_to_come_out = False
            person.act("take the stick out of the computer")
            usb.press_unplug()
        else:
            wait = round(self._behaviour.unplug_after_min * US_PER_MIN)
            person.env.later(wait, self._take_out)
