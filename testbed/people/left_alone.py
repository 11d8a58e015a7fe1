"""When a device is out of its owner's sight, so that somebody else can handle it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from testbed.people.agenda import Unattended
from testbed.people.behaviour import Behaviour
from testbed.randomness import Streams
from testbed.simulation import Call, Simulation
from testbed.trace import NO_CAUSE, Acted, Recorder
from testbed.units import US_PER_DAY


class LeftAlone:
    """Whether the pump is unattended, every day as the scenario says.

    It is out of sight and in reach of others; nothing else is different: it stays connected,
    delivers, and its owner hears its alerts as on any day.

    Args:
        env: The simulation; time in microseconds.
        recorder: Where leaving it and coming back is written down.
        streams: The dice of the world.
        behaviour: How its owner behaves.
        who: Its owner.
        times: When it would be unattended.
        start_us: Clock time of the scenario's start, in microseconds since midnight.
    """

    def __init__(
        self,
        env: Simulation,
        recorder: Recorder,
        streams: Streams,
        behaviour: Behaviour,
        who: str,
        times: Sequence[Unattended],
        start_us: int,
    ) -> None:
        self._env = env
        self._recorder = recorder
        self._streams = streams
        self._behaviour = behaviour
        self._who = who
        self._on_leaving: list[Callable[[], None]] = []
        self.unattended = False
        for number, each in enumerate(times):
            wait = (each.from_ - start_us) % US_PER_DAY
            length = (each.until - each.from_) % US_PER_DAY
            env.later(wait, self._leave, (number, length))

    def when_left(self, call: Callable[[], None]) -> None:
        """Have ``call`` called each time that the pump is left."""
        self._on_leaving.append(call)

    def _leave(self, timer: Call) -> None:
        number, length = timer.value
        env = self._env
        env.later(US_PER_DAY, self._leave, timer.value)
        share = self._behaviour.keeps_devices_in_sight
        if self._streams.chance(f"{self._who}/in sight/{number}", share, env.now // US_PER_DAY):
            return
        env.later(length, self._return)
        self.unattended = True
        self._act("leave the pump unattended")
        for call in self._on_leaving:
            call()

    def _return(self, _timer: Call) -> None:
        self.unattended = False
        self._act("look after the pump again")

    def _act(self, act: str) -> None:
        self._recorder.record(Acted(self._env.now, NO_CAUSE, self._who, act))
