"""The wearer: lives the day, and touches and sees the devices.

Every decision is a named throw of the dice that is keyed by what it is about (the third
meal, the alert of 13:10), so worlds that differ in one thing share all other dice.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import simpy

from testbed.devices import CgmTransmitter, Endpoint, Meter, Pump, UsbLink
from testbed.people.adjusting import Adjusting
from testbed.people.agenda import Exercise, Meal, PairingAppointment, Stay
from testbed.people.answering import Answering
from testbed.people.at_computer import AtComputer
from testbed.people.behaviour import Behaviour
from testbed.people.care_partner import NAME as PARTNER
from testbed.people.care_partner import CarePartner
from testbed.people.care_partner_settings import CarePartnerSettings
from testbed.people.caring import Caring
from testbed.people.dosing import Dosing
from testbed.people.habits import past_boluses
from testbed.people.help_for_highs import Highs
from testbed.people.journey import Journey
from testbed.people.linking import Linking
from testbed.people.person import Person
from testbed.people.readings import Readings
from testbed.radio import Medium, PlaceSettings
from testbed.randomness import Streams
from testbed.simulation import Call, Simulation
from testbed.trace import NO_CAUSE, Moved, Recorder
from testbed.units import US_PER_DAY, US_PER_S

Process = Generator[simpy.Event, Any, None]


@dataclass(frozen=True, slots=True)
class Belongings:
    """What the wearer has: the devices, a body that eats, and a way about."""

    pump: Pump
    cgm: CgmTransmitter
    meter: Meter
    usb: UsbLink
    eat: Callable[[int, float], float]
    inject: Callable[[float], None]
    feels: Callable[[], float]
    medium: Medium
    places: Mapping[str, PlaceSettings]
    others: tuple[tuple[Endpoint, float], ...] = ()
    """Radios of what else is carried, and how far from the pump, in metres."""


class Wearer:
    """One person for the length of a scenario, and a care partner where there is one.

    Args:
        env: The simulation; time in microseconds.
        recorder: Where what the person notices and does is written down.
        streams: The dice of the world.
        belongings: The devices and the rest.
        behaviour: Called for the person's behaviour at every decision.
        carb_ratio_g_per_U: What the person was told to bolus by.
        start_us: Clock time of the scenario's start, in microseconds since midnight.
        partner: Who is near at times; None for nobody.
    """

    name = "wearer"

    def __init__(
        self,
        env: Simulation,
        recorder: Recorder,
        streams: Streams,
        belongings: Belongings,
        behaviour: Behaviour,
        carb_ratio_g_per_U: float,
        start_us: int,
        partner: CarePartnerSettings | None = None,
    ) -> None:
        self._env = env
        self._streams = streams
        self._has = has = belongings
        self._behaviour = behaviour
        pump, eat = has.pump, has.eat

        def somebody(name: str, manner: Behaviour | CarePartnerSettings) -> Person:
            return Person(name, env, recorder, streams, manner, start_us)

        def moved(place: str) -> None:
            recorder.record(Moved(env.now, NO_CAUSE, self.name, place))

        person = self._person = somebody(self.name, behaviour)
        self._act = person.act
        carried = (
            (pump.endpoint, 0.0),
            (has.cgm.endpoint, has.cgm.worn_at_m),
            (has.meter.endpoint, has.meter.held_at_m),
            *has.others,
        )
        self._journey = Journey(person, moved, has.medium, has.places, carried)
        stick = self._stick
        self._dosing = Dosing(person, behaviour, pump, has.meter, stick, eat, carb_ratio_g_per_U)
        helper = somebody("helper", behaviour)
        caring = Caring(
            person,
            behaviour,
            helper,
            pump,
            self._dosing,
            stick,
            eat,
            Highs(person, behaviour, helper, pump, has.inject),
            has.feels,
        )
        self._readings = Readings(person, behaviour, pump, has.cgm, caring)
        treated: set[int] = set()
        self._adjusting = Adjusting(person, behaviour, pump, has.meter)
        own = (has.cgm.endpoint, has.meter.endpoint, has.usb.endpoint, *(o for o, _ in has.others))
        own_devices = frozenset(each.address for each in own)
        Answering(
            person, behaviour, pump, self._dosing, caring, self._adjusting, treated, own_devices
        )
        pump.calibration.when_doubted(self._doubted)
        if partner is not None:
            CarePartner(
                somebody(PARTNER, partner),
                partner,
                self._journey,
                pump,
                self._dosing,
                caring,
                treated,
            )
        AtComputer(person, behaviour, has.usb, self._journey)

    @property
    def place(self) -> str:
        """Where the wearer is."""
        return self._journey.place

    # The day --------------------------------------------------------------------------

    def live(
        self,
        meals: Sequence[Meal],
        stays: Sequence[Stay],
        pairings: Sequence[PairingAppointment],
        exercises: Sequence[Exercise] = (),
    ) -> None:
        """Start the day: everything that follows happens by itself as time goes on."""
        env = self._env
        self._set_up(meals)
        self._journey.start(stays)
        for number, meal in enumerate(meals):
            env.process(self._daily(meal.at, partial(self._dosing.meal, number, meal)))
        for number, pairing in enumerate(pairings):
            env.process(self._link(number, pairing))
        for number, exercise in enumerate(exercises):
            env.process(self._adjusting.exercises(number, exercise))

    def _set_up(self, meals: Sequence[Meal]) -> None:
        """Set the pump up as this person wants it; it knows their boluses of before."""
        pump = self._has.pump
        if pump.menu.offers_remote_bolus and self._streams.chance(
            "wearer/turns remote bolus on", self._behaviour.turns_remote_bolus_on
        ):
            self._act("turn remote bolus on")
            pump.menu.press_remote_bolus()
        pump.habit.learn_from(partial(past_boluses, meals, self._dosing))

    def _daily(self, clock: int, do: Callable[[int], Process]) -> Process:
        """Start ``do`` with the number of the day, every day at ``clock``."""
        yield self._env.timeout(self._person.until(clock))
        for day in count():
            self._env.process(do(day))
            yield self._env.timeout(US_PER_DAY)

    def _stick(self, cause: int) -> int:
        """Measure a drop of blood on the meter; return mg/dL."""
        mgdl = self._has.meter.finger_stick(self._act("finger-stick", cause))
        self._readings.measured(mgdl)
        return mgdl

    def _doubted(self, mgdl: int, cause: int) -> None:
        """Repeat a finger-stick that the pump wants borne out, if it was one's own."""
        env, behaviour = self._env, self._behaviour
        if self._readings.is_own(mgdl) and self._streams.chance(
            "wearer/doubted stick", behaviour.repeats_doubted_stick, env.now
        ):
            wait = round(behaviour.answer_own_prompt_s * US_PER_S)
            env.later(wait, self._stick_again, cause)

    def _stick_again(self, timer: Call) -> None:
        self._stick(timer.value)

    # Linking --------------------------------------------------------------------------

    def _link(self, number: int, pairing: PairingAppointment) -> Process:
        yield self._env.timeout(self._person.until(pairing.at))
        if self._journey.in_public and self._streams.chance(
            f"wearer/pairing/{number}/private", self._behaviour.pair_in_private
        ):
            while self._journey.in_public:
                yield self._journey.arrived
        kind, has = pairing.device, self._has
        devices = {each.name: (each, each.press_link) for each, _ in has.others}
        for own in (has.cgm, has.meter, has.usb):
            devices[own.endpoint.name] = (own.endpoint, own.press_link)
        if kind not in devices:
            return  # a mitigation has taken it away
        endpoint, press_link = devices[kind]
        chose = self._act(f"link the {kind}")
        behaviour = self._behaviour
        Linking(
            self._env,
            self._streams,
            behaviour,
            self._act,
            self._has.pump.endpoint,
            endpoint,
            press_link,
            chose,
            f"wearer/pairing/{number}",
        )
        self._has.pump.press_link(kind, chose)
        yield self._env.timeout(round(behaviour.second_device_s * US_PER_S))
        press_link(chose)
