"""What flows out of a pump: a bolus, and a steady stretch of basal, in whole nanounits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from testbed.units import US_PER_MIN


@dataclass(slots=True)
class BolusFlow:
    """A bolus that flows; ``when_ended`` is told the nanounits delivered and the reason."""

    position: int
    start: int
    nanounits: int
    nU_per_min: int
    settled_to: int
    when_ended: Callable[[int, str], None] | None
    settled_nU: int = 0

    def delivered_by(self, now: int) -> int:
        """Return the nanounits delivered from the start to ``now``."""
        return min(self.nanounits, self.nU_per_min * (now - self.start) // US_PER_MIN)


@dataclass(slots=True)
class BasalFlow:
    """A stretch of basal at one rate, planned ahead into bins of a minute.

    Filling and taking back round down alike, so that a stretch that ends inside a minute leaves
    whole nanounits there, one of no length leaves none, and :meth:`delivered_by` says exactly
    how many.
    """

    nU_per_min: int
    since: int
    cause: int

    def delivered_by(self, now: int) -> int:
        """Return what is in the bins from the start of the stretch if it is cut off ``now``."""
        rate = self.nU_per_min
        first, first_phase = divmod(self.since, US_PER_MIN)
        last, last_phase = divmod(now, US_PER_MIN)
        started = started_part(rate, last_phase) - started_part(rate, first_phase)
        return rate * (last - first) + started


def started_part(nU_per_min: int, phase: int) -> int:
    """Return the part of a minute's nanounits that is over at ``phase`` microseconds into it."""
    return nU_per_min * phase // US_PER_MIN
