"""What metrics must know of the scenario, because no event of a run tells it."""

from __future__ import annotations

from typing import NamedTuple

from testbed.units import US_PER_HOUR, US_PER_MIN, is_between


class Context(NamedTuple):
    """Limits that a run is held against, and what its people had planned.

    Attributes:
        max_bolus_U: The largest single dose of an attack that is not unsafe, U.
        most_in_2h_U: What any two hours hold at most before the doses are unsafe, U.
        most_in_24h_U: The same for any 24 hours, U.
        to_link: The kinds of the devices that are to be linked during the run.
        asleep_from: Clock time at which the wearer falls asleep, microseconds.
        asleep_until: Clock time at which the wearer wakes up, microseconds.
        app_asks_every: How often the app of another maker's device asks it what is new,
            microseconds; 0 where the scenario has no such device.
    """

    max_bolus_U: float = 10.0
    most_in_2h_U: float = 20.0
    most_in_24h_U: float = 100.0
    to_link: tuple[str, ...] = ()
    asleep_from: int = 23 * US_PER_HOUR
    asleep_until: int = 6 * US_PER_HOUR + 30 * US_PER_MIN
    app_asks_every: int = 0

    def is_night(self, clock_us: int) -> bool:
        """Return whether the wearer is in bed at a clock time, microseconds since midnight."""
        return is_between(clock_us, self.asleep_from, self.asleep_until)
