"""The form of the error models of Facchinetti and of Vettoretti: error taken to pieces.

    CGM(t) = a(t) IG(t) + b(t) + cc(t) + v(t)

with polynomials a and b of the days since the sensor's start, and two autoregressive noises of
order 2: cc, common to all sensors on one body, and v, a sensor's own (Facchinetti et al., IEEE
Trans Biomed Eng 2014;61:620).

Approximated, and stated, for every model of this form:

* Blood to tissue: the papers' own first-order delay is replaced by the tissue of the
  physiological model.
* The length of a step of the noises: 5 min, the sensors' own period.  LoopInsighT1, a published
  port, steps once a minute, which keeps the spread and forgets five times as fast.
  ``noise_step_min`` sets it.
* All sensors are the average one: parameters do not vary from sensor to sensor.
* The noises start in their settled distribution and not at zero: the sensor is warm.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Self

import numpy as np
from pydantic import model_validator

from testbed.physiology._compile import compiled
from testbed.physiology.model import FloatArray
from testbed.physiology.sensor_errors.base import ErrorModel, ErrorSeries, check_readings
from testbed.settings import NO_PUBLISHED_RATE, assumption
from testbed.units import MIN_PER_DAY


class Dissected(ErrorModel):
    """Calibration error that drifts, and two noises; a subclass has the numbers."""

    common_ar1: float
    """First autoregressive factor of the noise common to sensors on one body."""
    common_ar2: float
    """Second autoregressive factor of the common noise."""
    common_variance_mg2dl2: float
    """Variance of what drives the common noise."""
    own_ar1: float
    """First autoregressive factor of the sensor's own noise."""
    own_ar2: float
    """Second autoregressive factor of the sensor's own noise."""
    own_variance_mg2dl2: float
    """Variance of what drives the sensor's own noise."""
    noise_step_min: int = assumption(
        5,
        ge=1,
        le=15,
        unit="min",
        source=f"5 is the sensor's period, 1 is what LoopInsighT1 takes; {NO_PUBLISHED_RATE}",
        description="Time from one step of the two noises to the next.",
    )

    @property
    @abstractmethod
    def gain_by_day(self) -> Sequence[float]:
        """Coefficients of a(t), from the constant up, t in days."""

    @property
    @abstractmethod
    def offset_by_day(self) -> Sequence[float]:
        """Coefficients of b(t) in mg/dL, from the constant up, t in days."""

    @model_validator(mode="after")
    def _settles(self) -> Self:
        for kind, first, second in (
            ("common", self.common_ar1, self.common_ar2),
            ("own", self.own_ar1, self.own_ar2),
        ):
            if first + second >= 1.0:  # the other two sides of the triangle are in the ranges
                raise ValueError(
                    f"expected {kind}_ar1 and {kind}_ar2 below 1 together, or the noise grows "
                    f"without end, found {first:g} and {second:g}"
                )
        return self

    def series(self, generator: np.random.Generator, readings: int, period_min: int) -> ErrorSeries:
        """Return gain and offset, both with drift, and both noises in the offset."""
        check_readings(readings)
        if period_min < 1:
            raise ValueError(f"period_min: expected 1 or more, found {period_min}")
        minutes = np.arange(readings) * period_min
        step = minutes // self.noise_step_min
        dice = generator.standard_normal((int(step[-1]) + 1 if readings else 0, 2))
        common = _autoregressive(
            dice[:, 0].copy(), self.common_ar1, self.common_ar2, self.common_variance_mg2dl2
        )
        own = _autoregressive(
            dice[:, 1].copy(), self.own_ar1, self.own_ar2, self.own_variance_mg2dl2
        )
        days = minutes / MIN_PER_DAY
        offset = _polynomial(self.offset_by_day, days) + (common + own)[step]
        return ErrorSeries(_polynomial(self.gain_by_day, days), offset)


def settled_sd(first: float, second: float, variance: float) -> float:
    """Return the standard deviation of an AR(2) series once it has settled.

    Args:
        first: Factor of the last value.
        second: Factor of the last but one; the two make the series settle.
        variance: Variance of what drives the series.
    """
    return math.sqrt(
        variance * (1.0 - second) / ((1.0 + second) * ((1.0 - second) ** 2 - first**2))
    )


def _polynomial(coefficients: Sequence[float], days: FloatArray) -> FloatArray:
    total = np.zeros(days.size)
    for coefficient in reversed(coefficients):
        total = total * days + coefficient
    return total


def _autoregressive(dice: FloatArray, first: float, second: float, variance: float) -> FloatArray:
    """Return the AR(2) series that standard normal ``dice`` drive, settled from its start."""
    correlation = first / (1.0 - second)
    _run(dice, first, second, math.sqrt(variance), settled_sd(first, second, variance), correlation)
    return dice


@compiled
def _run(
    x: FloatArray, first: float, second: float, sd: float, settled: float, correlation: float
) -> None:
    """Turn standard normal numbers into the series, in place and in the order of time."""
    if x.size > 0:
        x[0] *= settled
    if x.size > 1:
        x[1] = correlation * x[0] + settled * math.sqrt(1.0 - correlation * correlation) * x[1]
    for n in range(2, x.size):
        x[n] = first * x[n - 1] + second * x[n - 2] + sd * x[n]
