"""``facchinetti-2014``: calibration error that drifts, and two autoregressive noises.

Error model: Facchinetti, Del Favero, Sparacino, Castle, Ward and Cobelli, *Modeling the glucose
sensor error*, IEEE Trans Biomed Eng 61:620 (2014), identified from 36 recordings of four sensors
worn at once (Dexcom SEVEN Plus).  With t in days since the sensor's start:

    CGM(t) = a(t) IG(t) + b(t) + cc(t) + v(t),   a(t) = a0 + a1 t,   b(t) = b0 + b1 t
    cc_n = 1.23 cc_(n-1) - 0.3995 cc_(n-2) + w_n,      w ~ N(0, 11.3 mg2/dL2)
    v_n  = 1.013 v_(n-1) - 0.2135 v_(n-2) + u_n,       u ~ N(0, 14.45 mg2/dL2)

cc is common to all sensors on one body, v is a sensor's own.  Once settled, cc has standard
deviation 7.7, v 7.1 and both together 10.4 mg/dL.

Implemented: these equations, with the numbers of the published port in LoopInsighT1
(``Facchinetti2014.ts``, MIT), which names the equations and the table that it took them from; the
paper itself was not at hand.  Approximated, and stated:

* Blood to tissue: the paper's own first-order delay is replaced by the tissue of the
  physiological model.
* The length of a step: 5 min, the sensor's own period; the port steps once a minute, which keeps
  the spread and forgets five times as fast.  ``noise_step_min`` sets it.
* Drift: per day, as in the port, where it is negligible.  The paper describes the 12 h between
  two calibrations; here time runs on from the sensor's start.
* All sensors are the average one: parameters do not vary from sensor to sensor.
* The noises start in their settled distribution and not at zero: the sensor is warm.
"""

from __future__ import annotations

import math
from typing import ClassVar, Final, Self

import numpy as np
from pydantic import model_validator

from testbed.physiology._compile import compiled
from testbed.physiology.s2008 import FloatArray
from testbed.physiology.sensor_errors.base import ErrorModel, ErrorSeries, check_readings
from testbed.settings import NO_PUBLISHED_RATE, assumption
from testbed.units import MIN_PER_DAY

_SOURCE: Final = (
    "Facchinetti et al., IEEE Trans Biomed Eng 2014;61:620, as in LoopInsighT1; "
    "the range is a guess"
)


class Facchinetti2014(ErrorModel):
    """The average sensor of the paper, in the published port's numbers."""

    name: ClassVar[str] = "facchinetti-2014"
    about: ClassVar[str] = (
        "calibration error that drifts, and two autoregressive noises: "
        "Facchinetti et al., IEEE Trans Biomed Eng 2014;61:620"
    )

    a0: float = assumption(
        1.1,
        ge=0.7,
        le=1.3,
        unit="1",
        source=_SOURCE,
        description="Gain of the sensor at its start.",
    )
    a1_per_day: float = assumption(
        2e-4,
        ge=-0.1,
        le=0.1,
        unit="1/d",
        source=_SOURCE,
        description="Drift of the gain.",
    )
    b0_mgdl: float = assumption(
        -14.8,
        ge=-40.0,
        le=40.0,
        unit="mg/dL",
        source=_SOURCE,
        description="Offset of the sensor at its start.",
    )
    b1_mgdl_per_day: float = assumption(
        0.04,
        ge=-10.0,
        le=10.0,
        unit="mg/dL/d",
        source=_SOURCE,
        description="Drift of the offset.",
    )
    common_ar1: float = assumption(
        1.23,
        ge=0.0,
        le=1.8,
        unit="1",
        source=_SOURCE,
        description="First autoregressive factor of the noise common to sensors on one body.",
    )
    common_ar2: float = assumption(
        -0.3995,
        ge=-0.9,
        le=0.9,
        unit="1",
        source=_SOURCE,
        description="Second autoregressive factor of the common noise.",
    )
    common_variance_mg2dl2: float = assumption(
        11.3,
        ge=0.0,
        le=50.0,
        unit="mg2/dL2",
        source=_SOURCE,
        description="Variance of what drives the common noise.",
    )
    own_ar1: float = assumption(
        1.013,
        ge=0.0,
        le=1.8,
        unit="1",
        source=_SOURCE,
        description="First autoregressive factor of the sensor's own noise.",
    )
    own_ar2: float = assumption(
        -0.2135,
        ge=-0.9,
        le=0.9,
        unit="1",
        source=_SOURCE,
        description="Second autoregressive factor of the sensor's own noise.",
    )
    own_variance_mg2dl2: float = assumption(
        14.45,
        ge=0.0,
        le=50.0,
        unit="mg2/dL2",
        source=_SOURCE,
        description="Variance of what drives the sensor's own noise.",
    )
    noise_step_min: int = assumption(
        5,
        ge=1,
        le=15,
        unit="min",
        source=f"5 is the sensor's period, 1 is what LoopInsighT1 takes; {NO_PUBLISHED_RATE}",
        description="Time from one step of the two noises to the next.",
    )

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
        offset = self.b0_mgdl + self.b1_mgdl_per_day * days + (common + own)[step]
        return ErrorSeries(self.a0 + self.a1_per_day * days, offset)


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
