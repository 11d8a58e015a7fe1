"""What a blood glucose meter shows: plasma glucose and an independent error."""

from __future__ import annotations

from typing import Final

ISO_LIMIT_MGDL: Final = 15.0
"""ISO 15197:2013: 95 % of readings lie within this of a reference below 100 mg/dL ..."""
ISO_LIMIT_SHARE: Final = 0.15
"""... and within this share of a reference of 100 mg/dL or more."""
ISO_THRESHOLD_MGDL: Final = 100.0

_TWO_SIDED_95: Final = 1.959964
"""A standard normal number is smaller in size than this with probability 0.95."""

ERROR_SD_MGDL: Final = ISO_LIMIT_MGDL / _TWO_SIDED_95
ERROR_SD_SHARE: Final = ISO_LIMIT_SHARE / _TWO_SIDED_95
"""Standard deviations, 7.65 mg/dL and 7.65 %, of a meter that just meets ISO 15197:2013.

Good meters are said to have about half; the worst that the standard admits is assumed here.
"""

METER_LOW_MGDL: Final = 20
METER_HIGH_MGDL: Final = 600
"""Lowest and highest value shown, as on common meters."""


def read_meter(plasma_mgdl: float, z: float) -> int:
    """Return what the meter shows, in whole mg/dL from 20 to 600.

    Args:
        plasma_mgdl: Plasma glucose.
        z: A standard normal number, the caller's dice.

    Raises:
        ValueError: If an argument is not a number.
    """
    low = plasma_mgdl < ISO_THRESHOLD_MGDL
    sd = ERROR_SD_MGDL if low else ERROR_SD_SHARE * plasma_mgdl
    return round(min(max(plasma_mgdl + sd * z, METER_LOW_MGDL), METER_HIGH_MGDL))
