"""Where the wearer is: stays at places, with what is carried along."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from itertools import cycle
from typing import Any, Final

import simpy

from testbed.devices import Endpoint
from testbed.people.agenda import Stay
from testbed.people.person import Person
from testbed.radio import Medium, PlaceSettings, Position
from testbed.units import US_PER_DAY

HOME: Final = "home"
"""Where the wearer is when the scenario does not say."""

Process = Generator[simpy.Event, Any, None]


class Journey:
    """The ways of one wearer, every day anew.

    Args:
        person: Who goes.
        moved: Writes down that they came to a place.
        medium: The air, in which the devices come along.
        places: Every place by its name.
        carried: Each device that comes along, and how far it is from the pump, metres.

    Attributes:
        place: Where the wearer is.
        arrived: An event (of SimPy) that comes with the next arrival anywhere.
    """

    def __init__(
        self,
        person: Person,
        moved: Callable[[str], None],
        medium: Medium,
        places: Mapping[str, PlaceSettings],
        carried: Sequence[tuple[Endpoint, float]],
    ) -> None:
        self._person = person
        self._moved = moved
        self._medium = medium
        self._places = places
        self._carried = carried
        self._on_arrival: list[Callable[[], None]] = []
        self.place = HOME
        self.arrived = person.env.event()

    @property
    def in_public(self) -> bool:
        """Whether strangers may be here too."""
        return self._places[self.place].public

    def when_arriving(self, call: Callable[[], None]) -> None:
        """Have ``call`` called at each arrival anywhere."""
        self._on_arrival.append(call)

    def start(self, stays: Sequence[Stay]) -> None:
        """Be at home, and go from there where the stays say."""
        self._go(HOME)
        self._person.env.process(self._travel(stays))

    def _go(self, place: str) -> None:
        self.place = place
        self._moved(place)
        for endpoint, metres in self._carried:
            self._medium.place(endpoint, Position(place, metres, body="wearer"))
        arrived, self.arrived = self.arrived, self._person.env.event()
        arrived.succeed()
        for call in self._on_arrival:
            call()

    def _travel(self, stays: Sequence[Stay]) -> Process:
        """Go where the stays say, in their order, every day anew."""
        person, env = self._person, self._person.env
        following = [*stays[1:], *stays[:1]]
        travelled = False
        now = person.clock
        for stay in stays:
            if stay.covers(now):
                self._go(stay.place)
                if stay.until is not None and stay.until != stays[0].from_:
                    yield env.timeout(person.until(stay.until))
                    self._go(HOME)
        for stay, after in cycle(zip(stays, following, strict=True)):
            wait = person.until(stay.from_)
            yield env.timeout(US_PER_DAY if travelled and not wait else wait)
            self._go(stay.place)
            travelled = True
            if stay.until is not None and stay.until != after.from_:
                yield env.timeout(person.until(stay.until))
                self._go(HOME)
