"""When a device is out of its owner's sight, so that somebody else can handle it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from testbed.people.agenda import Unattended
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
        who: Its owner.
        times: When it is unattended.
        start_us: Clock time of the scenario's start, in microseconds since midnight.
    """

    def __init__(
        self,
        env: Simulation,
        recorder: Recorder,
        who: str,
        times: Sequence[Unattended],
        start_us: int,
    ) -> None:
        self._env = env
        self._recorder = recorder
        self._who = who
        self._on_leaving: list[Callable[[], None]] = []
        self.unattended = False
        for each in times:
            env.later((each.from_ - start_us) % US_PER_DAY, self._leave, each)
            env.later((each.until - start_us) % US_PER_DAY, self._return, each)

    def when_left(self, call: Callable[[], None]) -> None:
        """Have ``call`` called each time that the pump is left."""
        self._on_leaving.append(call)

    def _leave(self, timer: Call) -> None:
        self.unattended = True
        self._act("leave the pump unattended")
        self._env.later(US_PER_DAY, self._leave, timer.value)
        for call in self._on_leaving:
            call()

    def _return(self, timer: Call) -> None:
        self.unattended = False
        self._act("look after the pump again")
        self._env.later(US_PER_DAY, self._return, timer.value)

    def _act(self, act: str) -> None:
        self._recorder.record(Acted(self._env.now, NO_CAUSE, self._who, act))
