"""Habit: a bolus over the air that is unlike the person's own is asked about on the pump.

Conformal anomaly detection (Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World,
2005; Laxhammar and Falkman, ICDM 2011): how strange a bolus is, is its mean distance to the
nearest boluses among those remembered; it is flagged where no more than a share ``false_alarms``
of all, it among them, are at least as strange.  If it is drawn like those remembered, whatever
they are drawn from, it is flagged with at most that probability, and where no two are equally
strange with exactly ``floor(share (n + 1)) / (n + 1)`` for n remembered.  A bolus is where it
stands in the day and the logarithm of its dose.

What is accepted is remembered, whoever asked: who is patient can teach the monitor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from testbed.settings import NO_PUBLISHED_RATE, Settings, assumption
from testbed.units import US_PER_DAY, US_PER_HOUR

if TYPE_CHECKING:
    from testbed.devices.setup import Setup


class HabitSettings(Settings):
    """How the pump tells a bolus over the air that is unlike the person's own."""

    on: bool = False
    """Whether such a bolus is asked about on the pump's screen."""
    false_alarms: float = assumption(
        0.05,
        ge=0.0,
        le=0.5,
        unit="1",
        source="a choice: the monitor's threshold is set by it",
        description="Share of the person's own boluses that may be flagged.",
    )
    remembered: int = assumption(
        60,
        ge=1,
        le=500,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="How many of the latest boluses the pump compares with.",
    )
    neighbours: int = assumption(
        5,
        ge=1,
        le=20,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="To how many of the nearest of them the distance is taken.",
    )
    hours_per_e_fold: float = assumption(
        3.0,
        ge=0.1,
        le=24.0,
        unit="h",
        source=NO_PUBLISHED_RATE,
        description="Hours apart that are as strange as a dose larger by a factor of e.",
    )


Past = Callable[[int], list[tuple[int, float]]]
"""Returns at most so many boluses of before, newest last: clock time, microseconds, and U."""


def strangeness(
    hours: Sequence[float], doses_U: Sequence[float], neighbours: int, hours_per_e_fold: float
) -> list[float]:
    """Return of each bolus its mean distance to the nearest others, 0 where there are none.

    Args:
        hours: Time of day of each.
        doses_U: Dose of each, U, above 0.
        neighbours: To how many others the distance is taken, or to all where there are fewer.
        hours_per_e_fold: Hours that are as far as a factor of e in the dose.
    """
    clock, size = np.asarray(hours), np.log(np.asarray(doses_U))
    day = US_PER_DAY / US_PER_HOUR
    apart = np.abs(clock[:, None] - clock[None, :])
    apart = np.minimum(apart, day - apart) / hours_per_e_fold
    distance = np.sqrt(apart**2 + (size[:, None] - size[None, :]) ** 2)
    np.fill_diagonal(distance, np.inf)
    nearest = np.sort(distance, axis=1)[:, : min(neighbours, len(clock) - 1)]
    # Summed one by one, so that the last bit is the same on every machine.
    return [math.fsum(row) / max(1, len(row)) for row in nearest.tolist()]


class Habit:
    """What one pump remembers of its boluses.

    Args:
        setup: How much it remembers, and what it takes for strange.
        start_us: Clock time of the scenario's start, in microseconds since midnight.
    """

    def __init__(self, setup: Setup, start_us: int) -> None:
        self._setup = setup
        self._start_us = start_us
        self._boluses: list[tuple[int, float]] = []
        self._past: Past | None = None

    def learn_from(self, past: Past) -> None:
        """Have ``past`` asked, once it matters, for so many boluses of before, newest last."""
        self._past = past

    def remember(self, clock: int, units: float) -> None:
        """Remember a bolus: its time of day, microseconds, and its dose, U, above 0."""
        self._boluses.append((clock, units))

    def remember_now(self, now: int, units: float) -> None:
        """Remember a bolus that begins now."""
        self.remember((self._start_us + now) % US_PER_DAY, units)

    def is_strange(self, now: int, units: float) -> bool:
        """Return whether a dose asked for over the air is unlike those remembered."""
        habit = self._setup.now.habit
        if not habit.on:
            return False
        wanted = habit.remembered
        if self._past is not None:
            self._boluses[:0], self._past = self._past(wanted), None
        boluses = [*self._boluses[-wanted:], ((self._start_us + now) % US_PER_DAY, units)]
        strange = strangeness(
            [clock / US_PER_HOUR for clock, _ in boluses],
            [dose for _, dose in boluses],
            habit.neighbours,
            habit.hours_per_e_fold,
        )
        as_strange = sum(each >= strange[-1] for each in strange)
        return as_strange <= habit.false_alarms * len(strange)
