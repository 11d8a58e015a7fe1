"""``touch``: what the attacker does with a device that its owner has out of sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from testbed.attacks.capabilities import Whereabouts
from testbed.protocol.roles import Ask
from testbed.radio import Position
from testbed.simulation import Simulation


class Buttons(Protocol):
    """A pump, as anyone sees and presses it who has it in hand."""

    @property
    def position(self) -> Position | None:
        """Where it is; None where it is nowhere."""

    @property
    def unattended(self) -> bool:
        """Whether its owner has it out of sight."""

    @property
    def asks(self) -> Ask[bytes] | None:
        """What its screen asks, None for nothing."""

    def when_left(self, call: Callable[[], None]) -> None:
        """Have ``call`` called each time that its owner leaves it."""

    def press_link(self, kind: str, cause: int) -> None:
        """Choose "link a device" in the menu, for a device of one kind."""

    def answer(self, value: bytes, cause: int) -> None:
        """Answer what the screen asks, or hold to it the device that ``value`` comes from."""


class Touch:
    """Handles a pump that is unattended and in the same place, and no other.

    Args:
        env: The simulation; time in microseconds.
        whereabouts: Where the attacker is; with the pump in hand it is where the pump is.
        pump: The pump.
    """

    def __init__(self, env: Simulation, whereabouts: Whereabouts, pump: Buttons) -> None:
        self._env = env
        self._whereabouts = whereabouts
        self._pump = pump
        self._came_from: Position | None = None
        self._next = env.event()
        pump.when_left(self._left)

    def _left(self) -> None:
        left, self._next = self._next, self._env.event()
        left.succeed()

    def next_chance(self) -> Any:
        """Return the event (of SimPy) at which the owner next leaves the pump."""
        return self._next

    @property
    def unattended(self) -> bool:
        """Whether the pump is left by its owner, wherever it is."""
        return self._pump.unattended

    @property
    def in_reach(self) -> bool:
        """Whether the pump is unattended in the place where the attacker is."""
        here, there = self._whereabouts.position, self._pump.position
        if here is None or there is None or here.place != there.place:
            return False
        return self._pump.unattended

    @property
    def in_hand(self) -> bool:
        """Whether the attacker has the pump in hand."""
        return self._came_from is not None and self.in_reach

    def take_up(self) -> bool:
        """Go to the pump and take it in hand; return whether it could."""
        here, there = self._whereabouts.position, self._pump.position
        if here is None or there is None or not self.in_reach:
            return False
        self._came_from = here
        self._whereabouts.go(there._replace(body=None))
        return True

    def put_down(self) -> None:
        """Leave the pump and go back, unless the attacker is gone by now."""
        came_from, self._came_from = self._came_from, None
        if came_from is not None and self._whereabouts.position is not None:
            self._whereabouts.go(came_from)

    @property
    def asks(self) -> Ask[bytes] | None:
        """What the screen of the pump in hand asks, None for nothing."""
        return self._pump.asks if self.in_hand else None

    def press_link(self, kind: str, cause: int) -> bool:
        """Put the pump in hand into pairing mode for a device of one kind; return whether."""
        if not self.in_hand:
            return False
        self._pump.press_link(kind, cause)
        return True

    def answer(self, value: bytes, cause: int) -> None:
        """Answer what the pump in hand asks."""
        if self.in_hand:
            self._pump.answer(value, cause)
