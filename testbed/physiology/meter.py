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
"""Standard deviations, 7.65 mg/dL and 7.65 %, of a meter that just meets ISO 15197:2013."""


def read_meter(
    plasma_mgdl: float,
    z: float,
    sd_mgdl: float = ERROR_SD_MGDL,
    sd_share: float = ERROR_SD_SHARE,
) -> float:
    """Return what the meter measures, mg/dL, before it is cut to its range and rounded.

    Args:
        plasma_mgdl: Plasma glucose.
        z: A standard normal number, the caller's dice.
        sd_mgdl: Standard deviation of the error below 100 mg/dL, in mg/dL.
        sd_share: Standard deviation of the error from 100 mg/dL on, as a share of glucose.
    """
    low = plasma_mgdl < ISO_THRESHOLD_MGDL
    return plasma_mgdl + (sd_mgdl if low else sd_share * plasma_mgdl) * z
