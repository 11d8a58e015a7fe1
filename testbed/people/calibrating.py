"""How a wearer calibrates a sensor that asks for it: what becomes of meter readings."""

from __future__ import annotations

from collections.abc import Callable

from testbed.devices import CgmTransmitter, Pump
from testbed.people.behaviour import Behaviour
from testbed.people.noticing import is_asleep, minutes_to_notice
from testbed.randomness import Streams
from testbed.simulation import Call, Simulation
from testbed.units import US_PER_DAY, US_PER_MIN, US_PER_S

ACT = "calibrate the sensor"


class Calibrating:
    """The wearer in front of a meter reading on the pump's screen.

    A reading that the wearer has just made is used at once, or not.  One that nobody asked for
    makes no sound: it is seen as late as an alert is noticed, not at all asleep, and used or not.
    Where the sensor is calibrated in the factory, nothing happens and no dice are thrown.

    Args:
        env: The simulation; time in microseconds.
        streams: The dice of the world.
        behaviour: The wearer's.
        act: Writes down what the wearer does, with its cause and amount; returns its position.
        pump: The wearer's pump.
        cgm: The wearer's transmitter, of which the wearer knows whether it is to be calibrated.
        start_us: Clock time of the scenario's start, in microseconds since midnight.
    """

    def __init__(
        self,
        env: Simulation,
        streams: Streams,
        behaviour: Behaviour,
        act: Callable[[str, int, float], int],
        pump: Pump,
        cgm: CgmTransmitter,
        start_us: int,
    ) -> None:
        self._env = env
        self._streams = streams
        self._behaviour = behaviour
        self._act = act
        self._menu = pump.calibration
        self._cgm = cgm
        self._start_us = start_us
        self._own_mgdl: int | None = None
        self._menu.when_shown(self._shown)

    def measured(self, mgdl: int) -> None:
        """Remember what the wearer's own meter has just shown."""
        self._own_mgdl = mgdl

    def is_own(self, mgdl: int) -> bool:
        """Return whether a reading is what the wearer's own meter has just shown."""
        return mgdl == self._own_mgdl

    def _shown(self, mgdl: int, cause: int) -> None:
        if not self._cgm.takes_calibrations:
            return
        env, dice, behaviour = self._env, self._streams, self._behaviour
        now = env.now
        if mgdl == self._own_mgdl:
            self._own_mgdl = None
            if dice.chance("wearer/calibration/own", behaviour.calibrate_with_own, now):
                wait = round(behaviour.answer_own_prompt_s * US_PER_S)
                env.later(wait, self._calibrate, (mgdl, cause))
            return
        if is_asleep(behaviour, (self._start_us + now) % US_PER_DAY):
            return
        u = dice.uniform("wearer/calibration/unasked/notices", now)
        minutes = minutes_to_notice(behaviour, u)
        if minutes is not None and dice.chance(
            "wearer/calibration/unasked", behaviour.calibrate_with_unasked, now
        ):
            env.later(round(minutes * US_PER_MIN), self._calibrate, (mgdl, cause))

    def _calibrate(self, timer: Call) -> None:
        mgdl, cause = timer.value
        self._menu.press(mgdl, self._act(ACT, cause, float(mgdl)))
