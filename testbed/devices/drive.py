"""The pump's drive: the motor that moves insulin, and the exact account of what it moved.

Delivery is planned ahead into one bin a minute and rewritten where the plan changes, in
whole nanounits, so that what the drive reports for each basal stretch and each bolus sums
exactly to the bins.  A bolus flows at a finite rate and can be stopped part-way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from testbed.physiology import Body
from testbed.simulation import Simulation
from testbed.trace import BasalDelivered, BolusEnded, BolusStarted, Recorder
from testbed.units import NANOUNITS_PER_UNIT, US_PER_MIN


@dataclass(slots=True)
class _Bolus:
    """A bolus that flows."""

    position: int
    start: int
    nanounits: int
    nU_per_min: int
    settled_to: int
    settled_nU: int = 0

    def delivered_by(self, now: int) -> int:
        """Return the nanounits delivered from the start to ``now``."""
        return min(self.nanounits, self.nU_per_min * (now - self.start) // US_PER_MIN)


class Drive:
    """The motor of one pump, feeding one body.

    Args:
        env: The simulation; time in microseconds.
        body: Whom the insulin goes into; ``insulin_U`` is filled in.
        recorder: Where deliveries are written down.
    """

    def __init__(self, env: Simulation, body: Body, recorder: Recorder) -> None:
        self._env = env
        self._body = body
        self._recorder = recorder
        self.insulin_nU: NDArray[np.int64] = np.zeros(len(body.insulin_U), dtype=np.int64)
        self._basal_nU_per_min = 0
        self._basal_since = 0
        self._bolus: _Bolus | None = None

    def _write(self, first: int, last: int) -> None:
        """Hand the bins from ``first`` to before ``last`` to the body."""
        self._body.revise(first)
        self._body.insulin_U[first:last] = self.insulin_nU[first:last] / NANOUNITS_PER_UNIT

    # Basal --------------------------------------------------------------------------

    def set_basal(self, nU_per_min: int, cause: int) -> None:
        """Run the basal at a new rate from now on, and account for the old rate."""
        self._close_basal(cause)
        self._basal_nU_per_min = nU_per_min
        self._fill_basal(self._env.now, nU_per_min)

    def _fill_basal(self, now: int, nU_per_min: int) -> None:
        minute, phase = divmod(now, US_PER_MIN)
        self.insulin_nU[minute:] += nU_per_min
        if phase:
            # The started minute gets only the part that is left of it.
            self.insulin_nU[minute] -= self._part(nU_per_min, phase)
        self._write(minute, len(self.insulin_nU))

    @staticmethod
    def _part(nU_per_min: int, phase: int) -> int:
        return nU_per_min * phase // US_PER_MIN

    def _close_basal(self, cause: int) -> None:
        """Take back what is planned from now on, and record what has been delivered."""
        now, rate = self._env.now, self._basal_nU_per_min
        if rate:
            self._fill_basal(now, -rate)
            # Taking back with the same rounding as filling leaves floor(phase) of the
            # started minute, so the account is the difference of the two floors.
            first, first_phase = divmod(self._basal_since, US_PER_MIN)
            last, last_phase = divmod(now, US_PER_MIN)
            delivered = rate * (last - first)
            delivered += self._taken(rate, last_phase) - self._part(rate, first_phase)
            self._recorder.record(BasalDelivered(now, cause, delivered))
        self._basal_since = now

    @staticmethod
    def _taken(rate: int, phase: int) -> int:
        """Return what a take-back at ``phase`` leaves in the started minute."""
        return -(-rate * phase // US_PER_MIN)

    # Bolus --------------------------------------------------------------------------

    @property
    def bolus_running(self) -> bool:
        """Whether a bolus flows."""
        return self._bolus is not None

    def start_bolus(self, nanounits: int, nU_per_min: int, via: str, cause: int) -> int:
        """Start a bolus; return the position of its ``BolusStarted``.

        Raises:
            RuntimeError: If a bolus flows already: the pump is to ask first.
        """
        if self._bolus is not None:
            raise RuntimeError("a bolus is running already")
        env = self._env
        now = env.now
        position = self._recorder.record(BolusStarted(now, cause, nanounits, via))
        self._bolus = _Bolus(position, now, nanounits, nU_per_min, settled_to=now)
        env.later(-(-nanounits * US_PER_MIN // nU_per_min), self._completed, self._bolus)
        return position

    def _completed(self, done: Any) -> None:
        if self._bolus is done.value:
            self._end_bolus("completed")

    def stop_bolus(self, why: str) -> int:
        """Stop the bolus that flows, if any; return the nanounits of it that went in."""
        return self._end_bolus(why) if self._bolus is not None else 0

    def _end_bolus(self, why: str) -> int:
        self.settle()
        bolus = self._bolus
        if bolus is None:
            return 0
        self._bolus = None
        self._recorder.record(BolusEnded(self._env.now, bolus.position, bolus.settled_nU, why))
        return bolus.settled_nU

    def settle(self) -> None:
        """Book what the running bolus has delivered up to now, minute by minute."""
        bolus = self._bolus
        if bolus is None:
            return
        now = self._env.now
        first, at = bolus.settled_to // US_PER_MIN, bolus.settled_to
        minute = first
        while at < now:
            at = min(now, (minute + 1) * US_PER_MIN)
            so_far = bolus.delivered_by(at)
            if so_far != bolus.settled_nU:
                self.insulin_nU[minute] += so_far - bolus.settled_nU
                bolus.settled_nU = so_far
            minute += 1
        bolus.settled_to = now
        self._write(first, minute)

    def bring_to(self, minute: int) -> None:
        """Bring the body to ``minute``, with all insulin booked that has gone in."""
        if self._bolus is None:
            self._body.advance(minute)
        else:
            self.settle()
            self._body.advance(minute, looking_ahead=False)

    def finish(self) -> None:
        """End the account at the end of the run."""
        self.stop_bolus("end of the run")
        self._close_basal(-1)
