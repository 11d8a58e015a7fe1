"""The part of a pump that has a therapy at the wheel: it shows it the sensor and obeys it."""

from __future__ import annotations

from collections import deque

import numpy as np

from testbed.devices.drive import Drive
from testbed.devices.programme import Programme
from testbed.devices.setup import Setup
from testbed.devices.therapies import Reading, Seen
from testbed.physiology.insulin_on_board import InsulinAction, on_board
from testbed.units import MIN_PER_DAY, NANOUNITS_PER_UNIT, US_PER_HOUR, US_PER_MIN

_KEEPS = US_PER_HOUR
"""How long readings are kept for a therapy to see."""
_KEEPS_STOPS = 12 * US_PER_HOUR


class Controller:
    """Whoever sets the basal of one pump by its sensor.

    Args:
        setup: Which therapy, and what it goes by.
        programme: What it gives its orders to.
        drive: What has been delivered.
    """

    def __init__(self, setup: Setup, programme: Programme, drive: Drive) -> None:
        settings = setup.now
        self._setup = setup
        self._programme = programme
        self._drive = drive
        self._therapy = settings.therapy
        self._readings: deque[Reading] = deque()
        self._stops: deque[tuple[int, int]] = deque()
        self._stopped = False
        if self._therapy.counts_insulin:
            drive.steady = False
            ages = np.arange(settings.insulin_duration_min) + 0.5
            action = InsulinAction(settings.insulin_duration_min, settings.insulin_peak_min)
            self._remaining, self._activity = action.remaining(ages), action.activity(ages)
            days = -(-len(drive.insulin_nU) // MIN_PER_DAY)
            self._scheduled = np.tile(programme.scheduled_day_nU(), days)

    def take(self, now: int, mgdl: int, stored: int) -> None:
        """Take a reading that was just stored: have the therapy decide, and carry it out."""
        readings = self._readings
        readings.append(Reading(now, mgdl))
        while now - readings[0].t > _KEEPS:
            readings.popleft()
        self._note_stop(now)
        iob, acting = self._insulin(now)
        setup = self._setup
        therapy = self._therapy
        order = therapy.order(
            Seen(
                now,
                tuple(readings),
                self._programme.scheduled_U_per_h,
                setup.now.max_basal_U_per_h,
                iob,
                acting,
                setup.ratios.correction_factor_mgdl_per_U,
                tuple(self._stops),
            )
        )
        self._programme.order(order, therapy.stands_for, stored)
        self._begin_stop(now, order == 0.0)

    def _note_stop(self, now: int) -> None:
        """Bring the stop that goes on up to this reading, and forget those long past."""
        if self._stopped:
            begin, last = self._stops[-1]
            ends = last + self._therapy.stands_for  # an order without a reading lapses
            self._stops[-1] = (begin, min(now, ends))
            self._stopped = now <= ends
        while self._stops and now - self._stops[0][1] > _KEEPS_STOPS:
            self._stops.popleft()

    def _begin_stop(self, now: int, stops: bool) -> None:
        if stops and not self._stopped:
            self._stops.append((now, now))
        self._stopped = stops

    def _insulin(self, now: int) -> tuple[float, float]:
        """Return what is on board beyond the programme's, U, and what of it acts, U/min."""
        if not self._therapy.counts_insulin:
            return 0.0, 0.0
        self._drive.settle()
        minute = now // US_PER_MIN
        first = max(0, minute - len(self._remaining))
        beyond = self._drive.insulin_nU[first:minute] - self._scheduled[first:minute]
        doses = beyond / NANOUNITS_PER_UNIT
        return on_board(self._remaining, doses), on_board(self._activity, doses)
