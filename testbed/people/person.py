"""A person as every part of a day needs them: awake or asleep, with hands, and dice to decide."""

from __future__ import annotations

from testbed.people.noticing import Noticing, is_asleep
from testbed.randomness import Streams
from testbed.simulation import Simulation
from testbed.trace import NO_CAUSE, Acted, Noticed, Recorder
from testbed.units import US_PER_DAY


class Person:
    """One person for the length of a scenario.

    Args:
        name: Who; stands in the trace and at the front of the names of their dice.
        env: The simulation; time in microseconds.
        recorder: Where what the person notices and does is written down.
        streams: The dice of the world.
        manner: When they sleep and how they notice.
        start_us: Clock time of the scenario's start, in microseconds since midnight.
    """

    def __init__(
        self,
        name: str,
        env: Simulation,
        recorder: Recorder,
        streams: Streams,
        manner: Noticing,
        start_us: int,
    ) -> None:
        self.name = name
        self.env = env
        self.dice = streams
        self.manner = manner
        self._recorder = recorder
        self._start_us = start_us

    @property
    def clock(self) -> int:
        """The time of the day, microseconds since midnight."""
        return (self._start_us + self.env.now) % US_PER_DAY

    @property
    def asleep(self) -> bool:
        """Whether the person is asleep, unless something has just woken them."""
        return is_asleep(self.manner, self.clock)

    def until(self, clock: int) -> int:
        """Return the time from now until it is next ``clock`` o'clock."""
        return (clock - self._start_us - self.env.now) % US_PER_DAY

    def act(self, act: str, cause: int = NO_CAUSE, amount: float = 0.0) -> int:
        """Write down what the person does; return its position in the trace."""
        return self._recorder.record(Acted(self.env.now, cause, self.name, act, amount))

    def notice(self, alert: int, kind: str, expected: bool) -> int:
        """Write down that the person notices an alert; return the position of that."""
        return self._recorder.record(Noticed(self.env.now, alert, self.name, kind, expected))
