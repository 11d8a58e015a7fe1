"""What an attacker may be given: capabilities, not access.

A step uses these and the public codec, and nothing else: it never sees a device's inside.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from testbed.radio import Medium, Position
from testbed.simulation import Simulation
from testbed.trace import FrameOverheard, Recorder

CAPABILITIES: Final = ("antenna", "sight", "touch", "host")
"""``antenna``: hear, send and jam from a position; ``sight``: see what a screen in view shows;
``touch``: handle an unattended device; ``host``: run software on the computer the USB link is
in."""

NODE: Final = "attacker"
"""The name of the attacker's antenna, the true sender of its frames in the trace."""


class Heard(NamedTuple):
    """A frame that was heard, and an opaque number to hand on if it is passed on as it is."""

    data: bytes
    cause: int


class Antenna:
    """Hears every frame in reach of a position, and sends any bytes or noise from there.

    Args:
        env: The simulation; time in microseconds.
        medium: The air.
        recorder: Where what is overheard is written down.
        gain_dB: Antenna gain over a body-worn device, both ways.
    """

    name = NODE
    address = b""
    promiscuous = True

    def __init__(
        self,
        env: Simulation,
        medium: Medium,
        recorder: Recorder,
        gain_dB: float,
    ) -> None:
        self._env = env
        self._medium = medium
        self._recorder = recorder
        self.gain_dB = gain_dB
        self.heard: list[Heard] = []
        self._next = env.event()

    def come(self, position: Position) -> None:
        """Take a position."""
        self._medium.place(self, position)

    def leave(self) -> None:
        """Go out of reach of everyone."""
        self._medium.remove(self)

    def hear(self, data: bytes, cause: int) -> None:
        """Take a frame off the air, and wake the step that waits for one."""
        self._recorder.record(FrameOverheard(self._env.now, cause, self.name))
        self.heard.append(Heard(data, cause))
        heard, self._next = self._next, self._env.event()
        heard.succeed(data)

    def next_frame(self) -> Any:
        """Return the event (of SimPy) of the next frame heard."""
        return self._next

    def listen(self) -> Ear:
        """Return an ear that hears every frame from now on, each once."""
        return Ear(self._env, self)

    def send(self, data: bytes, cause: int) -> Any:
        """Put any bytes on the air."""
        return self._medium.transmit(self, data, cause)

    def jam(self, duration_us: int, cause: int) -> int:
        """Make noise, for as long as the radio lets it; return for how long, in microseconds."""
        return self._medium.jam(self, duration_us, cause)


class Whereabouts:
    """Where the attacker is, and with it what it carries.

    Args:
        antenna: Its antenna, None where it has none.
    """

    def __init__(self, antenna: Antenna | None) -> None:
        self._antenna = antenna
        self.position: Position | None = None

    def go(self, position: Position | None) -> None:
        """Go somewhere; None is out of reach of everyone."""
        self.position = position
        if self._antenna is None:
            return
        if position is None:
            self._antenna.leave()
        else:
            self._antenna.come(position)


class Ear:
    """Takes the frames that an antenna hears one by one, and misses none.

    Frames may come faster than a step is resumed: an ear keeps its own place among them.
    """

    def __init__(self, env: Simulation, antenna: Antenna) -> None:
        self._env = env
        self._antenna = antenna
        self._taken = len(antenna.heard)

    def wait(self) -> Any:
        """Return an event (of SimPy) that comes when there is a frame to take."""
        if self._taken < len(self._antenna.heard):
            return self._env.event().succeed()
        return self._antenna.next_frame()

    def take(self) -> Heard | None:
        """Return the next frame, or None if there is none yet."""
        if self._taken == len(self._antenna.heard):
            return None
        self._taken += 1
        return self._antenna.heard[self._taken - 1]
