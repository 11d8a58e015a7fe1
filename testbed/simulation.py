"""The clock of a world: SimPy's environment, in whole microseconds, with plain call-backs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import simpy
from simpy.events import Event, Timeout


class Simulation(simpy.Environment):
    """A SimPy environment whose time is a whole number of microseconds."""

    @property
    def now(self) -> int:
        """Microseconds since the scenario's start."""
        return self._now  # type: ignore[return-value]  # starts at 0, moves by whole numbers

    def later(self, delay: int, call: Callable[[Event], None], value: Any = None) -> None:
        """Have ``call`` called after ``delay``, with an event whose value is ``value``.

        A process costs several events to start and to end; what happens once, or repeats
        by itself, needs one.
        """
        Timeout(self, delay, value).callbacks.append(call)
