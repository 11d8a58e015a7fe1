"""The wearer: lives the day, and touches and sees the devices.

Every decision is a named throw of the dice that is keyed by what it is about (the third
meal, the alert of 13:10), so worlds that differ in one thing share all other dice.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, cycle
from typing import Any, Final

import simpy

from testbed.devices import (
    CONFIRM_BOLUS,
    EMPTY_RESERVOIR,
    LOW_GLUCOSE,
    LOW_RESERVOIR,
    REMOTE_BOLUS,
    CgmTransmitter,
    Endpoint,
    Meter,
    Pump,
    UsbLink,
)
from testbed.people.agenda import Meal, PairingAppointment, Stay
from testbed.people.behaviour import Behaviour, is_asleep, minutes_to_notice
from testbed.people.calibrating import Calibrating
from testbed.people.linking import Linking
from testbed.protocol.payloads import Status
from testbed.radio import Medium, PlaceSettings, Position
from testbed.randomness import Streams
from testbed.simulation import Call, Simulation
from testbed.trace import NO_CAUSE, Acted, Moved, Noticed, Recorder
from testbed.units import US_PER_DAY, US_PER_MIN, US_PER_S

HOME: Final = "home"
_DOSE_STEPS_PER_U: Final = 20
"""Doses are dialled in steps of 0.05 U."""
_WAIT_FOR_REPLY: Final = 10 * US_PER_S
_ON_BODY: Final = {
    "pump": Position(HOME, 0.0, body="wearer"),
    "cgm": Position(HOME, 0.3, body="wearer"),
}
_OF_REMOTE_BOLUS: Final = (REMOTE_BOLUS, CONFIRM_BOLUS)
_OF_RESERVOIR: Final = (LOW_RESERVOIR, EMPTY_RESERVOIR)
_IN_HAND: Final = Position(HOME, 0.5, body="wearer")

Process = Generator[simpy.Event, Any, None]


@dataclass(frozen=True, slots=True)
class Belongings:
    """What the wearer has: the devices, a body that eats, and a way about."""

    pump: Pump
    cgm: CgmTransmitter
    meter: Meter
    usb: UsbLink
    eat: Callable[[int, float], float]
    medium: Medium
    places: Mapping[str, PlaceSettings]


class Wearer:
    """One person for the length of a scenario.

    Args:
        env: The simulation; time in microseconds.
        recorder: Where what the person notices and does is written down.
        streams: The dice of the world.
        belongings: The devices and the rest.
        behaviour: Called for the person's behaviour at every decision.
        carb_ratio_g_per_U: What the person was told to bolus by.
        start_us: Clock time of the scenario's start, in microseconds since midnight.
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
    ) -> None:
        self._env = env
        self._recorder = recorder
        self._streams = streams
        self._has = belongings
        self._behaviour = behaviour
        self._carb_ratio = carb_ratio_g_per_U
        self._start_us = start_us
        self._expecting_remote = False
        self._own_remote_bolus_at = -1
        self._judged: dict[str, int | None] = {}
        self._arrived = env.event()
        self.place = HOME
        pump, cgm = belongings.pump, belongings.cgm
        pump.when_alerting(self._alerted)
        self._calibrating = Calibrating(env, streams, behaviour, self._act, pump, cgm, start_us)

    # The day --------------------------------------------------------------------------

    def live(
        self,
        meals: Sequence[Meal],
        stays: Sequence[Stay],
        pairings: Sequence[PairingAppointment],
    ) -> None:
        """Start the day: everything that follows happens by itself as time goes on."""
        self._go(HOME)
        env = self._env
        env.process(self._travel(stays))
        for number, meal in enumerate(meals):
            env.process(self._daily(meal.at, partial(self._eat, number, meal)))
        for number, pairing in enumerate(pairings):
            env.process(self._link(number, pairing))

    def _daily(self, clock: int, do: Callable[[int], Process]) -> Process:
        """Start ``do`` with the number of the day, every day at ``clock``."""
        yield self._env.timeout(self._next(clock))
        for day in count():
            self._env.process(do(day))
            yield self._env.timeout(US_PER_DAY)

    def _next(self, clock: int) -> int:
        """Return the time from now until it is next ``clock`` o'clock."""
        return (clock - self._start_us - self._env.now) % US_PER_DAY

    def _act(self, act: str, cause: int = NO_CAUSE, amount: float = 0.0) -> int:
        return self._recorder.record(Acted(self._env.now, cause, self.name, act, amount))

    def _go(self, place: str) -> None:
        self.place = place
        self._recorder.record(Moved(self._env.now, NO_CAUSE, self.name, place))
        has = self._has
        for endpoint, at in self._carried():
            has.medium.place(endpoint, at._replace(place=place))
        arrived, self._arrived = self._arrived, self._env.event()
        arrived.succeed()

    def _carried(self) -> tuple[tuple[Endpoint, Position], ...]:
        has = self._has
        return (
            (has.pump.endpoint, _ON_BODY["pump"]),
            (has.cgm.endpoint, _ON_BODY["cgm"]),
            (has.meter.endpoint, _IN_HAND),
        )

    def _travel(self, stays: Sequence[Stay]) -> Process:
        """Go where the stays say, in their order, every day anew."""
        following = [*stays[1:], *stays[:1]]
        travelled = False
        for stay in stays:
            if stay.covers(self._start_us):
                self._go(stay.place)
                if stay.until is not None and stay.until != stays[0].from_:
                    yield self._env.timeout(self._next(stay.until))
                    self._go(HOME)
        for stay, after in cycle(zip(stays, following, strict=True)):
            wait = self._next(stay.from_)
            yield self._env.timeout(US_PER_DAY if travelled and not wait else wait)
            self._go(stay.place)
            travelled = True
            if stay.until is not None and stay.until != after.from_:
                yield self._env.timeout(self._next(stay.until))
                self._go(HOME)

    # Meals and boluses ----------------------------------------------------------------

    def _eat(self, number: int, meal: Meal, day: int) -> Process:
        dice, decision = self._streams, f"wearer/meal/{number}"
        ate = self._act("eat", amount=meal.carbs_g)
        self._has.eat(self._env.now // US_PER_MIN, meal.carbs_g)
        behaviour = self._behaviour
        if dice.chance(f"{decision}/missed", behaviour.missed_bolus, day):
            return
        error = dice.lognormal(f"{decision}/estimate", behaviour.carb_error_cv, day)
        estimate = meal.carbs_g * error
        dose = round(estimate / self._carb_ratio * _DOSE_STEPS_PER_U) / _DOSE_STEPS_PER_U
        units = min(dose, self._has.pump.largest_bolus_U)  # more cannot be dialled
        if units <= 0:
            return
        meter = self._has.meter
        if meter.linked and dice.chance(f"{decision}/remote", behaviour.remote_bolus_use, day):
            yield from self._bolus_by_meter(units, ate)
        else:
            self._bolus_by_pump(units, ate)

    def _bolus_by_pump(self, units: float, cause: int) -> None:
        pressed = self._act("bolus on the pump", cause, units)
        self._has.pump.press_bolus(units, pressed)

    def _bolus_by_meter(self, units: float, cause: int) -> Process:
        """Ask on the meter; fall back on the pump's buttons if that comes to nothing."""
        meter, answered = self._has.meter, self._env.event()
        self._calibrating.measured(meter.finger_stick(self._act("finger-stick", cause)))

        def reply(status: Status, _cause: int) -> None:
            if not answered.triggered:
                answered.succeed(status)

        self._expecting_remote = True
        asked_at = self._env.now
        asked = self._act("bolus on the meter", cause, units)
        meter.ask_bolus(units, asked, reply)
        own_answer = round(self._behaviour.answer_own_prompt_s * US_PER_S)
        yield answered | self._env.timeout(_WAIT_FOR_REPLY + own_answer)
        self._expecting_remote = False
        last = self._has.pump.last_bolus
        if last is not None and last.source == "meter" and last.t >= asked_at:
            self._own_remote_bolus_at = last.t  # the answer may be lost: the screen tells
        elif not answered.triggered or answered.value is not Status.ACCEPTED:
            self._bolus_by_pump(units, cause)

    # Linking --------------------------------------------------------------------------

    def _link(self, number: int, pairing: PairingAppointment) -> Process:
        yield self._env.timeout(self._next(pairing.at))
        if self._has.places[self.place].public and self._streams.chance(
            f"wearer/pairing/{number}/private", self._behaviour.pair_in_private
        ):
            while self._has.places[self.place].public:
                yield self._arrived
        kind = pairing.device
        devices: dict[str, CgmTransmitter | Meter | UsbLink] = {
            "cgm": self._has.cgm,
            "meter": self._has.meter,
            "usb": self._has.usb,
        }
        device = devices[kind]
        chose = self._act(f"link the {kind}")
        behaviour = self._behaviour
        Linking(
            self._env,
            self._streams,
            behaviour,
            self._act,
            self._has.pump.endpoint,
            device.endpoint,
            device.press_link,
            chose,
            f"wearer/pairing/{number}",
        )
        self._has.pump.press_link(kind, chose)
        yield self._env.timeout(round(behaviour.second_device_s * US_PER_S))
        device.press_link(chose)

    # Alerts ---------------------------------------------------------------------------

    def _alerted(self, kind: str, alert: int) -> None:
        """Take a ring of the pump: notice the alert some time later, or not at all."""
        behaviour, now, pump = self._behaviour, self._env.now, self._has.pump
        if kind in _OF_REMOTE_BOLUS and self._expecting_remote:
            self._recorder.record(Noticed(now, alert, self.name, kind, True))
            pump.press_acknowledge(kind)
            if kind == CONFIRM_BOLUS:
                wait = round(behaviour.answer_own_prompt_s * US_PER_S)
                self._env.later(wait, self._answer, (alert, True))
            return
        # Published answers are to whole alerts: only who slept through a ring is asked again.
        began = pump.alert_since(kind)
        if self._judged.get(kind) == began:
            return
        decision = f"wearer/alert/{kind}/{now // US_PER_MIN}"
        u = self._streams.uniform(f"{decision}/notices")
        if is_asleep(behaviour, (self._start_us + now) % US_PER_DAY):
            if not self._streams.chance(f"{decision}/wakes", behaviour.wakes_to_alert):
                return
            u *= 1.0 - behaviour.never_answered  # who wakes to it has noticed it
        self._judged[kind] = began
        minutes = minutes_to_notice(behaviour, u)
        if minutes is not None:
            wait = round(minutes * US_PER_MIN)
            self._env.later(wait, self._notice, (kind, alert, decision))

    def _notice(self, timer: Call) -> None:
        kind, alert, decision = timer.value
        behaviour, pump = self._behaviour, self._has.pump
        noticed = self._recorder.record(Noticed(self._env.now, alert, self.name, kind, False))
        was_on_screen = pump.press_acknowledge(kind)
        if kind == REMOTE_BOLUS:
            if self._unasked_for_on_screen() and self._streams.chance(
                f"{decision}/cancels", behaviour.cancel_unexpected_bolus
            ):
                pump.press_cancel(self._act("cancel the bolus", noticed))
        elif kind == CONFIRM_BOLUS:
            if pump.prompt_on_screen is not None:
                accept = self._streams.chance(
                    f"{decision}/accepts", behaviour.accept_unexpected_prompt
                )
                self._env.later(0, self._answer, (noticed, accept))
        elif kind in _OF_RESERVOIR and was_on_screen:
            pump.press_new_reservoir(self._act("change the reservoir", noticed))
        elif kind == LOW_GLUCOSE and behaviour.rescue_carbs_g:
            grams = behaviour.rescue_carbs_g
            self._act("treat a low", noticed, grams)
            self._has.eat(self._env.now // US_PER_MIN, grams)

    def _unasked_for_on_screen(self) -> bool:
        """Whether the pump shows a bolus under way that this person did not ask for."""
        pump = self._has.pump
        last = pump.last_bolus
        return (
            pump.bolus_on_screen not in (None, "pump")
            and last is not None
            and last.t != self._own_remote_bolus_at
        )

    def _answer(self, timer: Call) -> None:
        noticed, confirm = timer.value
        if self._has.pump.prompt_on_screen is not None:
            self._act("confirm the prompt" if confirm else "decline the prompt", noticed)
            self._has.pump.press_answer(confirm)
