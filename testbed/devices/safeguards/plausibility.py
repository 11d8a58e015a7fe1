"""Plausibility: a meter reading far from the sensor counts only if a second one bears it out.

The limit has the form of ISO 15197:2013's, with room for the sensor's error beside the meter's:
so many mg/dL, or so much of the sensor's reading where that is more.  The share of genuine
readings doubted follows from the errors of sensor and meter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from testbed.settings import NO_PUBLISHED_RATE, Duration, Settings, assumed_duration, assumption

if TYPE_CHECKING:
    from testbed.devices.setup import Setup

_WIDE = "about twice the standard deviation of meter and sensor together; a choice"


class PlausibilitySettings(Settings):
    """Which meter readings are used at once, and which only when borne out."""

    on: bool = False
    """Whether a meter reading is compared with the sensor's."""
    apart_mgdl: float = assumption(
        25.0,
        ge=5.0,
        le=100.0,
        unit="mg/dL",
        source=_WIDE,
        description="How far a meter reading may be from the sensor's.",
    )
    apart_share: float = assumption(
        0.25,
        ge=0.05,
        le=1.0,
        unit="1",
        source=_WIDE,
        description="The same as a share of the sensor's reading; the wider one counts.",
    )
    second_within: Duration = assumed_duration(
        "15min",
        ge="1min",
        le="60min",
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="How soon after a doubted reading another has to come to bear it out.",
    )


class Plausibility:
    """What one pump makes of meter readings.

    Args:
        setup: How far apart readings may be.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._doubted: tuple[int, int] | None = None

    def believes(self, now: int, mgdl: int, sensor_mgdl: float | None) -> bool:
        """Return whether a meter reading may be used.

        Args:
            now: The time.
            mgdl: What the meter says.
            sensor_mgdl: What the sensor says, None without a fresh reading: then there is
                nothing to compare with, and the meter is believed.
        """
        rules, doubted = self._setup.now.plausibility, self._doubted
        if not rules.on or sensor_mgdl is None or self._near(mgdl, sensor_mgdl):
            self._doubted = None
            return True
        borne_out = (
            doubted is not None
            and now - doubted[0] <= rules.second_within
            and self._near(mgdl, doubted[1])
        )
        self._doubted = None if borne_out else (now, mgdl)
        return borne_out

    def _near(self, mgdl: float, other_mgdl: float) -> bool:
        rules = self._setup.now.plausibility
        return abs(mgdl - other_mgdl) <= max(rules.apart_mgdl, rules.apart_share * other_mgdl)
