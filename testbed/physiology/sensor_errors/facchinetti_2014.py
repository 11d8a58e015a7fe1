"""``facchinetti-2014``: an early sensor's calibration error and two noises.

Error model: Facchinetti, Del Favero, Sparacino, Castle, Ward and Cobelli, *Modeling the glucose
sensor error*, IEEE Trans Biomed Eng 61:620 (2014), identified from 36 recordings of four sensors
worn at once (Dexcom SEVEN Plus).  With t in days since the sensor's start:

    CGM(t) = a(t) IG(t) + b(t) + cc(t) + v(t),   a(t) = 1.1 + 0.0002 t,   b(t) = -14.8 + 0.04 t
    cc_n = 1.23 cc_(n-1) - 0.3995 cc_(n-2) + w_n,   w ~ N(0, 11.3 mg2/dL2)
    v_n  = 1.013 v_(n-1) - 0.2135 v_(n-2) + u_n,   u ~ N(0, 14.45 mg2/dL2)

Once settled, cc has standard deviation 7.7, v 7.1 and both together 10.4 mg/dL.

Implemented: these equations, with the numbers of the published port in LoopInsighT1
(``Facchinetti2014.ts``, MIT), which names the equations and the table that it took them from; the
paper itself was not at hand.  Approximated: what ``dissected.py`` says, and the drift: it is per
day, as in the port, where it is negligible, while the paper describes the 12 h between two
calibrations; here time runs on from the sensor's start.
"""

from __future__ import annotations

from typing import ClassVar, Final

from testbed.physiology.sensor_errors.dissected import Dissected
from testbed.settings import assumption

_SOURCE: Final = (
    "Facchinetti et al., IEEE Trans Biomed Eng 2014;61:620, as in LoopInsighT1; "
    ""
    "the range is a guess"
)


class Facchinetti2014(Dissected):
    """The average sensor of the paper, in the published port's numbers."""

    name: ClassVar[str] = "facchinetti-2014"
    about: ClassVar[str] = (
        "calibration error and two autoregressive noises of an early sensor: "
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

    @property
    def gain_by_day(self) -> tuple[float, ...]:
        """Coefficients of a(t), from the constant up, t in days."""
        return (self.a0, self.a1_per_day)

    @property
    def offset_by_day(self) -> tuple[float, ...]:
        """Coefficients of b(t) in mg/dL, from the constant up, t in days."""
        return (self.b0_mgdl, self.b1_mgdl_per_day)
