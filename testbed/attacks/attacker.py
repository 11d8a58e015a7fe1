"""The attacker: unauthorized, nearby, and able to do what its capabilities let it."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from typing import Annotated, Any, Protocol

from pydantic import Field

from testbed.attacks.capabilities import CAPABILITIES, Antenna, Whereabouts
from testbed.attacks.host import Computer, Host
from testbed.attacks.sight import Screen, Sight
from testbed.attacks.step import Process, Situation
from testbed.attacks.steps import STEPS
from testbed.attacks.touch import Buttons, Touch
from testbed.protocol.settings import LinkSettings
from testbed.protocol.suite import ConcreteSuite
from testbed.radio import Medium, Position
from testbed.randomness import Streams
from testbed.settings import NO_PUBLISHED_RATE, ClockTime, OneOf, Settings, assumption
from testbed.simulation import Simulation
from testbed.trace import Recorder
from testbed.units import US_PER_DAY

AnyStep: Any = Annotated[functools.reduce(operator.or_, STEPS.values()), Field(discriminator="do")]
"""One step of any kind, told apart by ``do``."""


class AttackerSettings(Settings):
    """Where the attacker is, what it can do, and what it does."""

    place: str
    """The place where it waits."""
    distance_m: float = assumption(
        4.0,
        ge=0.1,
        le=1000.0,
        unit="m",
        source=NO_PUBLISHED_RATE,
        description="How far it is from the wearer while both are in that place.",
    )
    gain_dB: float = assumption(
        0.0,
        ge=0.0,
        le=20.0,
        unit="dB",
        source="0, 10 and 20 dB as steps of attacker effort; relative, no real antenna",
        description="Antenna gain over a body-worn device.",
    )
    sight_m: float = assumption(
        3.0,
        ge=0.5,
        le=30.0,
        unit="m",
        source=NO_PUBLISHED_RATE,
        description="From how far it reads what a screen shows, if it has ``sight``.",
    )
    from_: ClockTime | None = Field(default=None, alias="from")
    """Clock time at which it comes; from the start where left out."""
    until: ClockTime | None = None
    """Clock time at which it leaves; never where left out."""
    capabilities: tuple[Annotated[str, OneOf("a capability", CAPABILITIES)], ...] = ("antenna",)
    """What it is able to do."""
    step: tuple[AnyStep, ...] = Field(default=(), min_length=1)
    """What it does, one step after the other."""


class SeenPump(Screen, Buttons, Protocol):
    """A pump as the world shows it to an attacker: its screen and its buttons."""


class Attacker:
    """One attacker in a world.

    Args:
        env: The simulation; time in microseconds.
        medium: The air.
        recorder: Where its gates are written down.
        streams: The dice of the world.
        suite: The public cryptography.
        settings: Where it is and what it does.
        link: How the system pairs and speaks, which is public.
        start_us: Clock time of the scenario's start, in microseconds since midnight.
        pump: The pump, for an attacker that can see its screen or touch it.
        computer: The computer that the USB link is in, for one that has software on it.
        serials: The serial numbers, by kind of device, that it knows beforehand.
    """

    def __init__(
        self,
        env: Simulation,
        medium: Medium,
        recorder: Recorder,
        streams: Streams,
        suite: ConcreteSuite,
        settings: AttackerSettings,
        link: LinkSettings,
        start_us: int,
        pump: SeenPump,
        computer: Computer,
        serials: Mapping[str, bytes],
    ) -> None:
        self._env = env
        self._settings = settings
        self._start_us = start_us
        given = settings.capabilities
        antenna = Antenna(env, medium, recorder, settings.gain_dB)
        self._whereabouts = here = Whereabouts(antenna if "antenna" in given else None)
        self._situation = Situation(
            env,
            recorder,
            streams,
            suite,
            antenna,
            link,
            Sight(env, here, pump, settings.sight_m) if "sight" in given else None,
            Touch(env, here, pump) if "touch" in given else None,
            Host(env, computer) if "host" in given else None,
            serials,
        )
        env.process(self._presence())
        env.process(self._attack())

    def _presence(self) -> Process:
        settings = self._settings
        if settings.from_ is not None and not self._there_at_the_start(settings):
            yield self._env.timeout((settings.from_ - self._start_us) % US_PER_DAY)
        self._whereabouts.go(Position(settings.place, settings.distance_m))
        if settings.until is not None:
            wait = (settings.until - self._start_us - self._env.now) % US_PER_DAY
            yield self._env.timeout(wait)
            self._whereabouts.go(None)

    def _there_at_the_start(self, settings: AttackerSettings) -> bool:
        """Return whether the scenario starts between its coming and its leaving."""
        if settings.from_ is None or settings.until is None:
            return settings.from_ is None
        since = (self._start_us - settings.from_) % US_PER_DAY
        return since < (settings.until - settings.from_) % US_PER_DAY

    def _attack(self) -> Process:
        for step in self._settings.step:
            yield self._env.timeout(step.after)
            yield from step.run(self._situation)
