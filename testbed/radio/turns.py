"""Turns: a node sends one thing at a time, and lets frames that it hears pass first.

Sensing takes no time here, so nodes that hear each other never collide by chance, though
many of them act at the same full minute; who does not hear the other, or does not care to
wait, still collides.  No dice are thrown: who has waited longest goes first, and a node
with several frames to send lets others in between them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from testbed.radio.collisions import Frame
from testbed.simulation import Call, Simulation


class Turns:
    """The frames that wait for their turn.

    Args:
        env: The simulation; time in microseconds.
        free_at: Called with a frame for when its sender may put it on the air at the
            earliest, as far as can be told now; an instant that has come means now.
        begin: Called with a frame when it is its turn, and whether its sender has more.
    """

    def __init__(
        self,
        env: Simulation,
        free_at: Callable[[Frame], int],
        begin: Callable[[Frame, bool], None],
    ) -> None:
        self._env = env
        self._free_at = free_at
        self._begin = begin
        self._waiting: dict[str, deque[Frame]] = {}

    def take(self, frame: Frame) -> None:
        """Begin ``frame`` now, or when it is its turn."""
        queue = self._waiting.get(frame.sender.name)
        if queue is not None:
            queue.append(frame)
            return
        free_at = self._free_at(frame)
        if free_at <= self._env.now:
            self._begin(frame, False)
        else:
            queue = self._waiting[frame.sender.name] = deque((frame,))
            self._env.later(free_at - self._env.now, self._try, queue)

    def _try(self, timer: Call) -> None:
        queue: deque[Frame] = timer.value
        frame, env = queue[0], self._env
        free_at = self._free_at(frame)
        if free_at > env.now:
            env.later(free_at - env.now, self._try, queue)
            return
        queue.popleft()
        self._begin(frame, bool(queue))
        if queue:
            env.later(frame.end - env.now, self._yield, queue)
        else:
            del self._waiting[frame.sender.name]

    def _yield(self, timer: Call) -> None:
        """After a frame, let those who waited for its end go first."""
        self._env.later(0, self._try, timer.value)
