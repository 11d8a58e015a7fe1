"""The pump's drive: the motor that moves insulin, and the exact account of what it moved.

Delivery is planned ahead into one bin a minute and rewritten where the plan changes, in
whole nanounits, so that what the drive reports for each basal stretch and each bolus sums
exactly to the bins, and to what is gone from the reservoir.  A bolus flows at a finite rate
and can be stopped part-way.  Basal has two layers, up to the programme's rate and beyond it,
so that each can be told from the other.  What flows is what the reservoir has: the drive
works out when it will run dry, and stops there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from testbed.devices.flow import BasalFlow, BolusFlow, started_part
from testbed.devices.reservoir import Reservoir
from testbed.physiology import Body
from testbed.simulation import Call, Simulation
from testbed.trace import (
    NO_CAUSE,
    BasalDelivered,
    BolusEnded,
    BolusStarted,
    ExtraDelivered,
    Recorder,
)
from testbed.units import NANOUNITS_PER_UNIT, US_PER_MIN

RAN_DRY: Final = "reservoir empty"


class Drive:
    """The motor of one pump, feeding one body.

    Args:
        env: The simulation; time in microseconds.
        body: Whom the insulin goes into; ``insulin_U`` is filled in.
        recorder: Where deliveries are written down.
        reservoir: What it moves insulin out of.

    Attributes:
        insulin_nU: Shape (minutes,): what is delivered in each minute, planned basal included.
        reservoir: As given; booked up to the last change of what flows.
        dry: Whether the reservoir ran dry and has not been replaced: then nothing flows.
        steady: Whether the basal seldom changes, so that the body may look ahead.
        when_dry: Called when the reservoir has run dry.
    """

    def __init__(
        self, env: Simulation, body: Body, recorder: Recorder, reservoir: Reservoir
    ) -> None:
        self._env = env
        self._body = body
        self._recorder = recorder
        self.reservoir = reservoir
        self.insulin_nU: NDArray[np.int64] = np.zeros(len(body.insulin_U), dtype=np.int64)
        self._injected_U: NDArray[np.float64] | None = None
        self._end = len(body.insulin_U) * US_PER_MIN
        self._basal = BasalFlow(0, 0, NO_CAUSE)
        self._extra = BasalFlow(0, 0, NO_CAUSE)
        self._bolus: BolusFlow | None = None
        self._low_nU = 0
        self._warned = True
        self._when_low: Callable[[], None] = lambda: None
        self._low_call: Call | None = None
        self._dry_call: Call | None = None
        self.dry = False
        self.steady = True
        self.when_dry: Callable[[], None] = lambda: None

    def _write(self, first: int, last: int) -> None:
        """Hand the bins from ``first`` to before ``last`` to the body."""
        self._body.revise(first)
        written = self._body.insulin_U[first:last]
        np.divide(self.insulin_nU[first:last], NANOUNITS_PER_UNIT, out=written)
        if self._injected_U is not None:
            written += self._injected_U[first:last]

    def inject(self, units: float) -> None:
        """Put insulin into the body by hand, in this minute, U; it is none of the pump's."""
        minute = self._env.now // US_PER_MIN
        self.bring_to(minute)
        if minute < len(self.insulin_nU):
            if self._injected_U is None:
                self._injected_U = np.zeros(len(self.insulin_nU))
            self._injected_U[minute] += units
            self._write(minute, minute + 1)

    # Basal --------------------------------------------------------------------------

    def set_basal(self, nU_per_min: int, cause: int, extra_nU_per_min: int = 0) -> int:
        """Run the basal at a new rate from now on, and account for the old rate.

        Args:
            nU_per_min: The rate up to the programme's.
            cause: What the new rate is there for.
            extra_nU_per_min: What is to flow beyond the programme's rate.

        Returns:
            The nanounits that the old rate delivered.
        """
        delivered = self._close_basal()
        if self.dry:
            nU_per_min = extra_nU_per_min = 0
        before = self._basal.nU_per_min, self._extra.nU_per_min
        now = self._env.now
        self._basal = BasalFlow(nU_per_min, now, cause)
        self._extra = BasalFlow(extra_nU_per_min, now, cause)
        self._plan(now, (nU_per_min, extra_nU_per_min), before)
        self._write(now // US_PER_MIN, len(self.insulin_nU))
        self._expect()
        return delivered

    def _plan(self, now: int, rates: tuple[int, int], before: tuple[int, int]) -> None:
        """Plan nU/min of each layer from now to the end, in place of what was planned."""
        minute, phase = divmod(now, US_PER_MIN)
        self.insulin_nU[minute:] += sum(rates) - sum(before)
        if phase:
            # The started minute gets only the part that is left of it.
            part, taken = (
                sum(started_part(rate, phase) for rate in each) for each in (rates, before)
            )
            self.insulin_nU[minute] -= part - taken

    def _close_basal(self) -> int:
        """Record and book what the present rates have delivered."""
        now = self._env.now
        total = 0
        for flow, event in ((self._basal, BasalDelivered), (self._extra, ExtraDelivered)):
            if flow.nU_per_min:
                delivered = flow.delivered_by(now)
                self._recorder.record(event(now, flow.cause, delivered))
                self.reservoir.take(delivered)
                total += delivered
        return total

    # Bolus --------------------------------------------------------------------------

    @property
    def bolus_running(self) -> bool:
        """Whether a bolus flows."""
        return self._bolus is not None

    @property
    def bolus_nU(self) -> int:
        """The nanounits that the bolus under way has delivered so far; 0 without one."""
        return 0 if self._bolus is None else self._bolus.delivered_by(self._env.now)

    def start_bolus(
        self,
        nanounits: int,
        nU_per_min: int,
        via: str,
        cause: int,
        when_ended: Callable[[int, str], None] | None = None,
    ) -> int:
        """Start a bolus; return the position of its ``BolusStarted``.

        Args:
            nanounits: The dose.
            nU_per_min: How fast it flows.
            via: By what the pump saw it come.
            cause: What it is there for.
            when_ended: Called with the nanounits delivered and the reason when it ends.

        Raises:
            RuntimeError: If a bolus flows already: the pump is to ask first.
        """
        if self._bolus is not None:
            raise RuntimeError("a bolus is running already")
        env = self._env
        now = env.now
        position = self._recorder.record(BolusStarted(now, cause, nanounits, via))
        self._bolus = BolusFlow(position, now, nanounits, nU_per_min, now, when_ended)
        env.later(-(-nanounits * US_PER_MIN // nU_per_min), self._completed, self._bolus)
        self._expect()
        return position

    def _completed(self, done: Call) -> None:
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
        if bolus.when_ended is not None:
            bolus.when_ended(bolus.settled_nU, why)
        self._expect()
        return bolus.settled_nU

    def settle(self) -> None:
        """Book what the running bolus has delivered up to now, minute by minute."""
        bolus = self._bolus
        if bolus is None:
            return
        now = self._env.now
        before = bolus.settled_nU
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
        self.reservoir.take(bolus.settled_nU - before)
        self._write(first, minute)

    # Reservoir ----------------------------------------------------------------------

    @property
    def left_nU(self) -> int:
        """The nanounits in the reservoir at this moment."""
        return self.reservoir.left_nU - self._unbooked_by(self._env.now)

    def warn_at(self, nanounits: int, call: Callable[[], None]) -> None:
        """Have ``call`` called once for each reservoir, when no more than this is left in it."""
        self._low_nU, self._when_low, self._warned = nanounits, call, False
        self._expect()

    def replace_reservoir(self, nanounits: int) -> None:
        """Stop what flows, take the reservoir out, and put in a new one; nothing flows yet."""
        self.stop_bolus("reservoir replaced")
        self.set_basal(0, NO_CAUSE)
        self.reservoir.replace(nanounits)
        self.dry = self._warned = False
        self._expect()

    def _unbooked_by(self, now: int) -> int:
        """Return what flows out up to ``now`` of what flows, beyond what is booked."""
        total = self._basal.delivered_by(now) + self._extra.delivered_by(now)
        if self._bolus is not None:
            total += self._bolus.delivered_by(now) - self._bolus.settled_nU
        return total

    def _expect(self) -> None:
        """Work out when, at what flows now, the reservoir gets low and when it runs dry."""
        self._low_call = self._dry_call = None
        if self.dry:
            return
        env, left = self._env, self.reservoir.left_nU
        at_the_end = self._unbooked_by(self._end)
        spare = left - self._low_nU
        if not self._warned and at_the_end >= spare:
            over = self._unbooked_by(env.now) >= spare
            when = env.now if over else self._last_within(spare - 1) + 1
            self._low_call = env.later(when - env.now, self._run_low)
        if at_the_end > left:
            self._dry_call = env.later(self._last_within(left) - env.now, self._run_dry)

    def _last_within(self, nanounits: int) -> int:
        """Return the last time by which no more than this, but not by the end, flows out."""
        low, high = self._env.now, self._end
        while high - low > 1:
            middle = (low + high) // 2
            if self._unbooked_by(middle) <= nanounits:
                low = middle
            else:
                high = middle
        return low

    def _run_low(self, timer: Call) -> None:
        if self._low_call is timer:
            self._warned = True
            self._when_low()

    def _run_dry(self, timer: Call) -> None:
        if self._dry_call is timer:
            self.dry = True
            self.stop_bolus(RAN_DRY)
            self.set_basal(0, NO_CAUSE)
            self.when_dry()

    # The run ------------------------------------------------------------------------

    def bring_to(self, minute: int) -> None:
        """Bring the body to ``minute``, with all insulin booked that has gone in."""
        if self._bolus is None:
            self._body.advance(minute, self.steady)
        else:
            self.settle()
            self._body.advance(minute, looking_ahead=False)

    def finish(self) -> None:
        """End the account at the end of the run."""
        self.stop_bolus("end of the run")
        self.set_basal(0, NO_CAUSE)
