"""The clock of a world: SimPy's environment, in whole microseconds, with plain call-backs."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
import simpy
from simpy.events import NORMAL


class Call(msgspec.Struct):
    """An event that has nothing to it but whom to call, and with what.

    A process costs several events to start and to end, and SimPy's own timeout keeps what
    nobody reads; what happens once, or repeats by itself, needs no more than this.

    Attributes:
        callbacks: Whom to call, with this event.
        value: What the call is about.
    """

    callbacks: tuple[Callable[[Call], None], ...] | None
    value: Any = None

    # What SimPy asks of an event when it has been processed.
    _ok: ClassVar[bool] = True
    _defused: ClassVar[bool] = False


class Simulation(simpy.Environment):
    """A SimPy environment whose time is a whole number of microseconds."""

    if TYPE_CHECKING:

        @property
        def now(self) -> int:
            """Microseconds since the scenario's start."""
    else:
        # Read for nearly every line of a trace; this way no Python frame is set up for it.
        now = property(attrgetter("_now"))

    def run_to(self, end: int) -> None:
        """Process every event before ``end``, and stop there.

        What ``run(until=end)`` does, without the detours it takes at every step for
        conditions that a world does not have; what fails stops the run all the same.
        """
        queue = self._queue
        while queue and queue[0][0] < end:
            self._now, _, _, event = heappop(queue)
            callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
            for callback in callbacks or ():
                callback(event)
            if not event._ok and not event.defused:
                raise event._value
        self._now = end

    def later(self, delay: int, call: Callable[[Call], None], value: Any = None) -> Call:
        """Have ``call`` called after ``delay`` with a :class:`Call` that holds ``value``.

        Until then the :class:`Call` may be changed by whom it is returned to.
        """
        event: Any = Call((call,), value)
        heappush(self._queue, (self._now + delay, NORMAL, next(self._eid), event))
        return event  # type: ignore[no-any-return]
