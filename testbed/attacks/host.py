"""``host``: what the attacker's software does on the computer that the USB link is in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from testbed.protocol.payloads import Payload
from testbed.simulation import Simulation


class Computer(Protocol):
    """A computer, as any software sees it that runs on it."""

    @property
    def reaches_pump(self) -> bool:
        """Whether a stick that is linked with a pump is in it."""

    def when_plugged(self, call: Callable[[], None]) -> None:
        """Have ``call`` called each time that the stick is put in."""

    def pass_on(self, payload: Payload, cause: int) -> bool:
        """Have the stick send the pump a payload; return whether anything was sent."""

    def when_answered(self, call: Callable[[Payload, int], None]) -> None:
        """Have ``call`` called with each answer of the pump and its position in the trace."""


class Host:
    """Runs on a computer, and speaks through the stick while that is in.

    The stick seals what it is told under a link of its own: software on its host has no key,
    and needs none.

    Args:
        env: The simulation; time in microseconds.
        computer: The computer.
    """

    def __init__(self, env: Simulation, computer: Computer) -> None:
        self._env = env
        self._computer = computer
        self._plugged = env.event()
        self._answered = env.event()
        computer.when_plugged(self._put_in)
        computer.when_answered(self._answer)

    def _put_in(self) -> None:
        plugged, self._plugged = self._plugged, self._env.event()
        plugged.succeed()

    def _answer(self, payload: Payload, _cause: int) -> None:
        answered, self._answered = self._answered, self._env.event()
        answered.succeed(payload)

    @property
    def reaches_pump(self) -> bool:
        """Whether what it says now would be sent to a pump."""
        return self._computer.reaches_pump

    def next_chance(self) -> Any:
        """Return the event (of SimPy) at which the stick is next put in."""
        return self._plugged

    def next_answer(self) -> Any:
        """Return the event (of SimPy) of the pump's next answer, with the payload for a value."""
        return self._answered

    def say(self, payload: Payload, cause: int) -> bool:
        """Have the stick send the pump a payload; return whether it was sent."""
        return self._computer.pass_on(payload, cause)
