"""``vettoretti-2019``: a factory-calibrated sensor's drift and two noises.

Error model: Vettoretti, Del Favero, Sparacino and Facchinetti, *Modeling the error of
factory-calibrated continuous glucose monitoring sensors: application to Dexcom G6 sensor data*,
41st Annual International Conference of the IEEE EMBC (2019), identified from 11 people who wore
two sensors each for 10 days.  With t in days since the sensor's start:

    CGM(t) = a(t) IG(t) + b(t) + cc(t) + v(t),   a(t) = a0 + a1 t + a2 t^2,   b(t) likewise
    cc_n = 1.34 cc_(n-1) - 0.492 cc_(n-2) + w_n,   w ~ N(0, 5.538 mg2/dL2)
    v_n  = 1.22 v_(n-1) - 0.331 v_(n-2) + u_n,   u ~ N(0, 3.641 mg2/dL2)

The gain goes from 1.05 at the start to 0.92 on day 10, the offset from -6.4 mg/dL to 14.9 on day
6.9 and 10.6 on day 10.  Once settled, both noises together have standard deviation 8.0 mg/dL.

Implemented: these equations, with the numbers of the published port in LoopInsighT1 (MIT); the
paper itself was not at hand.  Another port, of another paper of the same year by the same group
(Sensors 19:5320), draws each sensor's parameters at random and has other means.  Approximated:
what ``dissected.py`` says, and that t is 0 at the start of a scenario, as if the sensor were new
and warm; the model is for the 10 days of a sensor's life.
"""

from __future__ import annotations

from typing import ClassVar, Final

from testbed.physiology.sensor_errors.dissected import Dissected
from testbed.settings import assumption

_SOURCE: Final = "Vettoretti et al., IEEE EMBC 2019, as in LoopInsighT1; the range is a guess"


class Vettoretti2019(Dissected):
    """The average factory-calibrated sensor of the paper, in the published port's numbers."""

    name: ClassVar[str] = "vettoretti-2019"
    about: ClassVar[str] = (
        "calibration error that drifts over 10 days, and two autoregressive noises, of a "
        "factory-calibrated sensor: Vettoretti et al., IEEE EMBC 2019"
    )

    a0: float = assumption(
        1.048,
        ge=0.7,
        le=1.3,
        unit="1",
        source=_SOURCE,
        description="Gain of the sensor at its start.",
    )
    a1_per_day: float = assumption(
        -0.033,
        ge=-0.1,
        le=0.1,
        unit="1/d",
        source=_SOURCE,
        description="Linear drift of the gain.",
    )
    a2_per_day2: float = assumption(
        0.002,
        ge=-0.01,
        le=0.01,
        unit="1/d2",
        source=_SOURCE,
        description="Quadratic drift of the gain.",
    )
    b0_mgdl: float = assumption(
        -6.398,
        ge=-40.0,
        le=40.0,
        unit="mg/dL",
        source=_SOURCE,
        description="Offset of the sensor at its start.",
    )
    b1_mgdl_per_day: float = assumption(
        6.179,
        ge=-10.0,
        le=10.0,
        unit="mg/dL/d",
        source=_SOURCE,
        description="Linear drift of the offset.",
    )
    b2_mgdl_per_day2: float = assumption(
        -0.448,
        ge=-1.0,
        le=1.0,
        unit="mg/dL/d2",
        source=_SOURCE,
        description="Quadratic drift of the offset.",
    )
    common_ar1: float = assumption(
        1.34,
        ge=0.0,
        le=1.8,
        unit="1",
        source=_SOURCE,
        description="First autoregressive factor of the noise common to sensors on one body.",
    )
    common_ar2: float = assumption(
        -0.492,
        ge=-0.9,
        le=0.9,
        unit="1",
        source=_SOURCE,
        description="Second autoregressive factor of the common noise.",
    )
    common_variance_mg2dl2: float = assumption(
        5.538,
        ge=0.0,
        le=50.0,
        unit="mg2/dL2",
        source=_SOURCE,
        description="Variance of what drives the common noise.",
    )
    own_ar1: float = assumption(
        1.22,
        ge=0.0,
        le=1.8,
        unit="1",
        source=_SOURCE,
        description="First autoregressive factor of the sensor's own noise.",
    )
    own_ar2: float = assumption(
        -0.331,
        ge=-0.9,
        le=0.9,
        unit="1",
        source=_SOURCE,
        description="Second autoregressive factor of the sensor's own noise.",
    )
    own_variance_mg2dl2: float = assumption(
        3.641,
        ge=0.0,
        le=50.0,
        unit="mg2/dL2",
        source=_SOURCE,
        description="Variance of what drives the sensor's own noise.",
    )

    @property
    def gain_by_day(self) -> tuple[float, ...]:
        """Coefficients of a(t), from the constant up, t in days."""
        return (self.a0, self.a1_per_day, self.a2_per_day2)

    @property
    def offset_by_day(self) -> tuple[float, ...]:
        """Coefficients of b(t) in mg/dL, from the constant up, t in days."""
        return (self.b0_mgdl, self.b1_mgdl_per_day, self.b2_mgdl_per_day2)
