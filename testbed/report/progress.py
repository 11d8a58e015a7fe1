"""How far long work is, how fast it goes, and how long it will still take: as a line of text."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, TextIO

LOG_EVERY_S: Final = 10.0
"""Between two lines of a log, which somebody may read when all is over."""

_NOTEBOOK_EVERY_S: Final = 0.5
_MIN_S: Final = 60
_HOUR_S: Final = 3600


class Pace:
    """The rate of work since it was first told of, and what that says of the rest.

    What was done before, such as the runs that a store has already, is no measure of the rate.

    Args:
        clock: Seconds that only rise.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._first: tuple[float, int] | None = None

    def line(self, done: int, total: int, what: str = "runs") -> str:
        """Return how far it is, in a line such as ``40 of 100 runs, 8.0 a second, 8 s left``.

        Args:
            done: How many are done; the first time, how many were done before.
            total: How many there are.
            what: What they are.
        """
        now = self._clock()
        began, before = self._first = self._first or (now, done)
        text = f"{done} of {total} {what}"
        if now <= began or done <= before:
            return text
        rate = (done - before) / (now - began)
        return f"{text}, {rate:.3g} a second, {length_text((total - done) / rate)} left"


def length_text(seconds: float) -> str:
    """Return a length of time for people, such as ``8 s``, ``3 min 20 s`` or ``2 h 5 min``."""
    whole = round(seconds)
    if whole < _MIN_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MIN_S} min {whole % _MIN_S} s"
    return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MIN_S} min"


class LogLines:
    """Writes a line now and then, for a file or the log of a cluster.

    Args:
        stream: Where to.
        every_s: Seconds between two lines.
        clock: Seconds that only rise.
    """

    def __init__(
        self,
        stream: TextIO,
        every_s: float = LOG_EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream, self._every_s, self._clock = stream, every_s, clock
        self._pace = Pace(clock)
        self._next = clock() + every_s

    def __call__(self, done: int, total: int, what: str = "runs") -> None:
        """Say how many of how many are done; the last one is always written."""
        now, line = self._clock(), self._pace.line(done, total, what)
        if now < self._next and done < total:
            return
        self._next = now + self._every_s
        print(line, file=self._stream, flush=True)


class NotebookProgress:
    """A line in the output of a notebook's cell that follows the work.

    For ``testbed.run_study(scenario, progress=testbed.NotebookProgress())``.  It needs nothing
    but IPython, which every notebook has.

    Args:
        clock: Seconds that only rise.

    Raises:
        ImportError: If IPython is not there.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        from IPython.display import display  # noqa: PLC0415 - only a notebook has it

        self._clock = clock
        self._pace = Pace(clock)
        show: Any = display
        self._handle = show(_Line("0 runs"), display_id=True)
        self._next = clock()

    def __call__(self, done: int, total: int, what: str = "runs") -> None:
        """Say how many of how many are done."""
        now, line = self._clock(), self._pace.line(done, total, what)
        if now < self._next and done < total:
            return
        self._next = now + _NOTEBOOK_EVERY_S
        if self._handle is not None:  # outside of a notebook IPython shows and forgets
            self._handle.update(_Line(line))


class _Line:
    """A text that is shown as it is, without the quotes of a string."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text
