"""The clock of a world: SimPy's environment, in whole microseconds, with plain call-backs."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, ClassVar

import msgspec
import simpy
from simpy.events import NORMAL, URGENT


class Call(msgspec.Struct):
    """An event that has nothing to it but whom to call, and with what.

    A process costs several events to start and to end, and SimPy's own timeout keeps what
    nobody reads; what happens once, or repeats by itself, needs no more than this.

    Attributes:
        call: Whom to call, with this event.
        value: What the call is about.
    """

    call: Callable[[Call], None]
    value: Any = None

    # What SimPy asks of an event that it processes itself.
    _ok: ClassVar[bool] = True
    _defused: ClassVar[bool] = False

    @property
    def callbacks(self) -> list[Callable[[Call], None]]:
        """Whom to call, as SimPy asks for it."""
        return [self.call]

    @callbacks.setter
    def callbacks(self, _processed: None) -> None:
        """Take note that the event has been processed, which nobody asks."""


class _EndError(Exception):
    """The end of a run has come."""


def _end(_event: Call) -> None:
    raise _EndError


class Simulation(simpy.Environment):
    """A SimPy environment whose time is a whole number of microseconds.

    Attributes:
        now: Microseconds since the scenario's start.
    """

    # Read for nearly every line of a trace, so it is an attribute and nothing else; where SimPy
    # itself keeps the time, it finds this one.
    now: int = 0

    @property
    def _now(self) -> int:
        return self.now

    @_now.setter
    def _now(self, now: int) -> None:
        self.now = now

    def run_to(self, end: int) -> None:
        """Process every event before ``end``, and stop there.

        What ``run(until=end)`` does, without the detours it takes at every step for
        conditions that a world does not have; what fails stops the run all the same.
        """
        queue: list[Any] = self._queue
        last: Any = Call(_end)
        heappush(queue, (end, URGENT, next(self._eid), last))
        try:
            while True:
                event: Any
                self.now, _, _, event = heappop(queue)
                if type(event) is Call:
                    event.call(event)
                    continue
                callbacks, event.callbacks = event.callbacks, None
                for callback in callbacks or ():
                    callback(event)
                if not event._ok and not event.defused:
                    raise event._value
        except _EndError:
            return

    def later(self, delay: int, call: Callable[[Call], None], value: Any = None) -> Call:
        """Have ``call`` called after ``delay`` with a :class:`Call` that holds ``value``."""
        event: Any = Call(call, value)
        heappush(self._queue, (self.now + delay, NORMAL, next(self._eid), event))
        return event  # type: ignore[no-any-return]

    def again(self, delay: int, timer: Call) -> None:
        """Have the call that has just come come once more, after ``delay``."""
        event: Any = timer
        heappush(self._queue, (self.now + delay, NORMAL, next(self._eid), event))
