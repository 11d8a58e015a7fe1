"""``none``: a sensor that shows interstitial glucose as it is."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from testbed.physiology.sensor_errors.base import ErrorModel, ErrorSeries, check_readings


class Perfect(ErrorModel):
    """No error: what is left is the delay of the tissue and rounding to whole mg/dL."""

    name: ClassVar[str] = "none"
    about: ClassVar[str] = "no error; for comparison, no sensor is like it"

    def series(self, generator: np.random.Generator, readings: int, period_min: int) -> ErrorSeries:
        """Return ones and zeros; the generator is not asked."""
        check_readings(readings)
        return ErrorSeries(np.ones(readings), np.zeros(readings))
