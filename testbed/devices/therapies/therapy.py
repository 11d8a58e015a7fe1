"""What every therapy is made of: what it sees of the person, and what it orders of the basal.

A therapy is a group of settings with a name and one pure function, :meth:`Therapy.order`.  It
has no clock, no dice and no memory: everything it may go by is in what it is shown.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from testbed.settings import Duration, Settings
from testbed.units import US_PER_MIN


class Reading(NamedTuple):
    """A sensor reading: when it came, microseconds, and what it says, mg/dL."""

    t: int
    mgdl: int


class Seen(NamedTuple):
    """What a therapy goes by when a reading has come.

    Attributes:
        now: Microseconds since the scenario's start.
        readings: Those of the last hour, oldest first; the last one has just come.
        scheduled_U_per_h: The programme's rate at this time of day.
        most_U_per_h: The most that the pump gives as basal.
        iob_U: Insulin on board beyond the programme's: boluses, and basal more or less than
            scheduled.  0 unless the therapy :attr:`~Therapy.counts_insulin`.
        acting_U_per_min: How much of it acts in this minute.
        correction_factor_mgdl_per_U: Glucose that one unit takes away.
        stops: Start and end of each time that a therapy stopped the basal, oldest first; one
            that goes on ends now.
    """

    now: int
    readings: tuple[Reading, ...]
    scheduled_U_per_h: float
    most_U_per_h: float
    iob_U: float
    acting_U_per_min: float
    correction_factor_mgdl_per_U: float
    stops: tuple[tuple[int, int], ...]

    @property
    def stopped_since(self) -> int | None:
        """When the therapy stopped the basal, None if it is not stopped by it."""
        return self.stops[-1][0] if self.stops and self.stops[-1][1] == self.now else None

    def stopped_within(self, window: int) -> int:
        """Return for how long of the last ``window`` microseconds the basal was stopped."""
        start = self.now - window
        return sum(max(0, end - max(begin, start)) for begin, end in self.stops)


PROGRAMME = None
"""The order to run the programme."""


class Therapy(Settings):
    """One way to set the basal by the sensor; a subclass adds ``name``, settings and ``order``."""

    stands_for: Duration = 30 * US_PER_MIN
    """How long an order stands without another reading; then the programme runs again."""

    listens: ClassVar[bool] = True
    """Whether it goes by the sensor at all."""
    counts_insulin: ClassVar[bool] = False
    """Whether it needs to be told the insulin on board."""

    def order(self, seen: Seen) -> float | None:
        """Return the basal rate in U/h from now on, or :data:`PROGRAMME`."""
        raise NotImplementedError
