"""A person's day as the scenario writes it: meals, stays and linkings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from testbed.devices import DEVICES
from testbed.settings import ClockTime, Duration, OneOf, Settings
from testbed.units import US_PER_DAY, US_PER_HOUR, US_PER_MIN


class Meal(Settings):
    """One meal."""

    at: ClockTime
    """Clock time of the first bite."""
    carbs_g: float = Field(gt=0.0, le=300.0)
    """Carbohydrate in g."""


class Exercise(Settings):
    """One time of exercise, every day, for which the wearer may lower or stop the basal.

    The glucose models know no exercise: it is why the wearer changes the delivery, no more.
    """

    at: ClockTime
    """Clock time of its start."""
    lasts: Duration = Field(ge=5 * US_PER_MIN, le=8 * US_PER_HOUR)
    """How long it lasts."""


class Stay(Settings):
    """One stay at a place."""

    from_: ClockTime = Field(alias="from")
    """Clock time of arrival."""
    until: ClockTime | None = None
    """Clock time of leaving for home; until the next stay where it is left out."""
    place: str
    """Name of the place; ``testbed list places``."""

    def covers(self, clock: int) -> bool:
        """Return whether the stay has begun before a clock time and ends after it."""
        if self.until is None:
            return False
        return 0 < (clock - self.from_) % US_PER_DAY < (self.until - self.from_) % US_PER_DAY


class PairingAppointment(Settings):
    """One time at which the wearer means to link a device with the pump."""

    device: Annotated[str, OneOf("a device", DEVICES)]
    """Which device."""
    at: ClockTime
    """Clock time."""


class Unattended(Settings):
    """One time at which a device is out of its owner's sight, for others to handle.

    It stays connected, goes on delivering, and is where its owner is.
    """

    device: Literal["pump"]
    """Which device."""
    from_: ClockTime = Field(alias="from")
    """Clock time from which its owner has it out of sight."""
    until: ClockTime
    """Clock time from which its owner has an eye on it again."""
