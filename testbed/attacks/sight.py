"""``sight``: what the attacker sees on a screen that it is near enough to."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

from testbed.attacks.capabilities import Whereabouts
from testbed.protocol.roles import Ask
from testbed.radio import Position
from testbed.simulation import Simulation


class Screen(Protocol):
    """A device's screen, as anyone sees it who looks at it."""

    @property
    def position(self) -> Position | None:
        """Where it is; None where it is nowhere."""

    @property
    def asks(self) -> Ask[bytes] | None:
        """What it asks of the person in front of it, None for nothing."""

    def when_asking(self, call: Callable[[], None]) -> None:
        """Have ``call`` called each time that it comes to ask something."""


class Sight:
    """Sees what a screen shows, from the same place and near enough.

    Args:
        env: The simulation; time in microseconds.
        whereabouts: Where the attacker is.
        screen: The screen that codes are shown on.
        reach_m: From how far it can be read, in metres.
    """

    def __init__(
        self, env: Simulation, whereabouts: Whereabouts, screen: Screen, reach_m: float
    ) -> None:
        self._env = env
        self._whereabouts = whereabouts
        self._screen = screen
        self._reach_m = reach_m
        self._next = env.event()
        screen.when_asking(self._asking)

    def _asking(self) -> None:
        asking, self._next = self._next, self._env.event()
        asking.succeed()

    def next_change(self) -> Any:
        """Return the event (of SimPy) at which the screen next shows something else."""
        return self._next

    @property
    def worth_a_look(self) -> bool:
        """Whether a code is shown at all: while none is, looking can be left out."""
        asks = self._screen.asks
        return asks is not None and asks.what == "show"

    @property
    def in_view(self) -> bool:
        """Whether the screen is in the same place and near enough."""
        here, there = self._whereabouts.position, self._screen.position
        if here is None or there is None or here.place != there.place:
            return False
        return math.hypot(here.x_m - there.x_m, here.y_m - there.y_m) <= self._reach_m

    @property
    def code(self) -> bytes | None:
        """The code that is shown in view, None where there is none."""
        asks = self._screen.asks
        return asks.value if asks is not None and asks.what == "show" and self.in_view else None
