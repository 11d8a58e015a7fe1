"""The pump's basal: the profile of the day, and what takes its place for a while.

What the therapy orders goes before a temporary basal, a temporary basal before the profile,
and a suspended pump gives nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from testbed.devices.bench import Bench
from testbed.devices.drive import Drive
from testbed.devices.history import BASAL, LOOP, PROGRAMME, History
from testbed.devices.setup import Setup
from testbed.simulation import Call
from testbed.trace import NO_CAUSE, BasalChanged
from testbed.units import MIN_PER_DAY, US_PER_DAY, US_PER_MIN, to_nanounits, to_units

_MIN_PER_H: Final = 60
_SLACK: Final = 1e-6


@dataclass(slots=True)
class Temporary:
    """A basal for a while.

    Attributes:
        amount: U/h, or a share of the profile's rate where ``relative``.
        relative: Which of the two.
        until: When it ends.
        source: Where it came from, as the history names it.
        position: Position in the trace of the change that began it.
    """

    amount: float
    relative: bool
    until: int
    source: str
    position: int = NO_CAUSE


@dataclass(slots=True)
class _Order:
    U_per_h: float
    position: int


class Programme:
    """What sets the rate of one pump's basal.

    Args:
        bench: What the pump stands on.
        setup: The profile, and the largest basal.
        drive: The motor.
        history: Where changes and deliveries are noted.
        default_U_per_min: The rate where the profile is empty.
        start_us: Clock time of the scenario's start, in microseconds since midnight.
    """

    def __init__(
        self,
        bench: Bench,
        setup: Setup,
        drive: Drive,
        history: History,
        default_U_per_min: float,
        start_us: int,
    ) -> None:
        self._bench = bench
        self._setup = setup
        self._drive = drive
        self._history = history
        self._default = to_nanounits(default_U_per_min)
        self._start_us = start_us
        self._scheduled = 0
        self._nU_per_min = 0
        self._source = PROGRAMME
        self._since = 0
        self._changed = NO_CAUSE
        self._temporary: Temporary | None = None
        self._order: _Order | None = None
        self.suspended = False
        self._profile(None)

    # What there is to see -------------------------------------------------------------

    @property
    def scheduled_U_per_h(self) -> float:
        """The profile's rate at this time of day, U/h."""
        return to_units(self._scheduled) * _MIN_PER_H

    @property
    def U_per_h(self) -> float:
        """The rate at which basal flows, U/h."""
        return 0.0 if self._drive.dry else to_units(self._nU_per_min) * _MIN_PER_H

    @property
    def temporary(self) -> Temporary | None:
        """The temporary basal that runs, None without one."""
        return self._temporary

    @property
    def source(self) -> str:
        """Where the present rate comes from, as the history names it."""
        return self._source

    # The profile ----------------------------------------------------------------------

    def _profile(self, _timer: Call | None) -> None:
        """Run the profile's segment of this time of day; look again when the next begins."""
        now = self._bench.env.now
        profile = sorted(self._setup.now.basal, key=lambda rate: rate.at)
        if not profile:
            self._scheduled = self._default
        else:
            clock = (self._start_us + now) % US_PER_DAY
            current = profile[-1]
            until = profile[0].at + US_PER_DAY - clock
            for segment in profile:
                if segment.at <= clock:
                    current = segment
                elif segment.at - clock < until:
                    until = segment.at - clock
            self._scheduled = to_nanounits(current.U_per_h / _MIN_PER_H)
            self._bench.env.later(until, self._profile)
        self.run()

    def scheduled_day_nU(self) -> NDArray[np.int64]:
        """Return the profile's nanounits of each minute of a day from the start, shape (1440,)."""
        day = np.full(MIN_PER_DAY, self._default, dtype=np.int64)
        for segment in sorted(self._setup.now.basal, key=lambda rate: rate.at):
            rate = to_nanounits(segment.U_per_h / _MIN_PER_H)
            day[segment.at // US_PER_MIN :] = rate
        if self._setup.now.basal:
            last = max(self._setup.now.basal, key=lambda rate: rate.at)
            first = min(each.at for each in self._setup.now.basal)
            day[: first // US_PER_MIN] = to_nanounits(last.U_per_h / _MIN_PER_H)
        return np.roll(day, -(self._start_us // US_PER_MIN))

    # What takes its place -------------------------------------------------------------

    def suspend(self, source: str, cause: int) -> None:
        """Stop the basal until it is resumed."""
        self.suspended = True
        self._change("suspended", source, cause)
        self.run()

    def resume(self, source: str, cause: int) -> None:
        """Run the basal again."""
        self.suspended = False
        self._change("resumed", source, cause)
        self.run()

    def allows(self, amount: float, relative: bool, duration: int) -> bool:
        """Return whether a temporary basal stays within the pump's limits all day long."""
        settings = self._setup.now
        most = max((rate.U_per_h for rate in settings.basal), default=self.scheduled_U_per_h)
        asked = amount * most if relative else amount
        # The profile's rates are whole nanounits a minute; a share of one need not be.
        return (
            asked <= settings.max_basal_U_per_h + _SLACK and duration <= settings.temp_basal_at_most
        )

    def set_temporary(
        self, amount: float, relative: bool, duration: int, source: str, cause: int
    ) -> None:
        """Run a basal for a while, in place of another.

        Args:
            amount: U/h, or a share of the profile's rate.
            relative: Which of the two.
            duration: For how long, microseconds.
            source: Where it came from, as the history names it.
            cause: The command.
        """
        env = self._bench.env
        temporary = Temporary(amount, relative, env.now + duration, source)
        env.later(duration, self._temporary_over, temporary)
        self._temporary = temporary
        temporary.position = self._change("temporary-basal", source, cause)
        self.run()

    def end_temporary(self, why: str, source: str, cause: int) -> None:
        """End the temporary basal, if one runs."""
        if self._temporary is not None:
            self._temporary = None
            self._change(f"temporary-basal {why}", source, cause)
            self.run()

    def _temporary_over(self, timer: Call) -> None:
        temporary: Temporary = timer.value
        if self._temporary is temporary:
            self.end_temporary("over", PROGRAMME, temporary.position)

    def order(self, U_per_h: float | None, stands_for: int, cause: int) -> None:
        """Take an order of the therapy: a rate, or None for the programme."""
        before = self._order
        if U_per_h is None:
            self._order = None
            if before is not None:
                self._change("therapy ended", LOOP, cause)
                self.run()
            return
        same = before is not None and before.U_per_h == U_per_h
        order = _Order(U_per_h, before.position if before is not None and same else NO_CAUSE)
        self._order = order
        self._bench.env.later(stands_for, self._order_over, order)
        if not same:
            order.position = self._change("therapy", LOOP, cause)
            self.run()

    def _order_over(self, timer: Call) -> None:
        order: _Order = timer.value
        if self._order is order:
            self.order(None, 0, order.position)

    # The rate -------------------------------------------------------------------------

    def _change(self, why: str, by: str, cause: int) -> int:
        """Write a change down; return its position in the trace."""
        bench = self._bench
        now = bench.env.now
        rate, _, _ = self._wanted()
        self._changed = bench.recorder.record(BasalChanged(now, cause, rate, why, by))
        if by != LOOP:
            self._history.add(now, why, by)
        return self._changed

    def _wanted(self) -> tuple[int, str, int]:
        """Return the rate that is to flow, nU/min, where it comes from, and its cause."""
        most = to_nanounits(self._setup.now.max_basal_U_per_h / _MIN_PER_H)
        rate, source, cause = self._scheduled, PROGRAMME, self._changed
        temporary, order = self._temporary, self._order
        if self.suspended or self._drive.dry:
            return 0, source, cause
        if order is not None:
            rate, source = to_nanounits(order.U_per_h / _MIN_PER_H), LOOP
            cause = order.position
        elif temporary is not None:
            rate = round(self._scheduled * temporary.amount)
            if not temporary.relative:
                rate = to_nanounits(temporary.amount / _MIN_PER_H)
            source, cause = temporary.source, temporary.position
        return max(0, min(rate, most)), source, cause

    def run(self) -> None:
        """Run what is to run from now on, and note what was delivered up to now."""
        rate, source, cause = self._wanted()
        upto = min(rate, self._scheduled)
        delivered = self._drive.set_basal(upto, cause, rate - upto)
        if delivered:
            self._history.add(self._since, BASAL, self._source, delivered_nU=delivered)
        self._nU_per_min, self._source = rate, source
        self._since = self._bench.env.now
