"""``breton-kovatchev``: an additive error that wanders, with long tails.

Error model: Breton and Kovatchev, *Analysis, modeling, and simulation of the accuracy of
continuous glucose sensors*, J Diabetes Sci Technol 2:853 (2008), with the numbers and the
interpolation of simglucose 0.2.11 (``sensor_params.csv``, sensor GuardianRT):

    e_0 = v_0,  e_n = 0.7 (e_(n-1) + v_n),  v ~ N(0, 1), one every 15 min
    eps_n = xi + lambda sinh((e_n - gamma)/delta)       (Johnson's SU distribution)

and between these a cubic spline through 11 points, that is 150 min, at a time.  Once settled,
eps has mean 0.7 and standard deviation 11.7 mg/dL.

Implemented: the noise as simglucose has it, to the last digit.  Approximated: the paper's
delays from blood to tissue and in the sensor are not repeated here, because the physiological
model has a tissue of its own; the interpolation is simglucose's and not the paper's.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import ClassVar, Final

import numpy as np

from testbed.physiology._compile import compiled
from testbed.physiology.model import FloatArray
from testbed.physiology.sensor_errors.base import ErrorModel, ErrorSeries, check_readings
from testbed.settings import assumption

KNOT_MIN: Final = 15
"""Minutes between two steps of the latent series."""
WINDOW_KNOTS: Final = 10
WINDOW_MIN: Final = WINDOW_KNOTS * KNOT_MIN
"""Minutes that one spline spans: 150."""

_SOURCE: Final = (
    "Breton and Kovatchev, J Diabetes Sci Technol 2008;2:853, as in simglucose 0.2.11 "
    "(GuardianRT); the range is a guess"
)


class BretonKovatchev(ErrorModel):
    """Johnson-distributed noise that keeps 70 % of its latent value in 15 min."""

    name: ClassVar[str] = "breton-kovatchev"
    about: ClassVar[str] = (
        "additive, autoregressive, long-tailed noise of an early sensor: "
        "Breton and Kovatchev, J Diabetes Sci Technol 2008;2:853"
    )

    autoregression: float = assumption(
        0.7,
        ge=0.0,
        le=0.95,
        unit="1",
        source=_SOURCE,
        description="Factor of the latent series from one of its 15-min steps to the next.",
    )
    xi_mgdl: float = assumption(
        -5.47,
        ge=-20.0,
        le=20.0,
        unit="mg/dL",
        source=_SOURCE,
        description="Location xi of Johnson's distribution of the error.",
    )
    lambda_mgdl: float = assumption(
        15.9574,
        ge=0.0,
        le=30.0,
        unit="mg/dL",
        source=_SOURCE,
        description="Scale lambda of Johnson's distribution of the error.",
    )
    gamma: float = assumption(
        -0.5444,
        ge=-2.0,
        le=2.0,
        unit="1",
        source=_SOURCE,
        description="Shape gamma of Johnson's distribution: its skew.",
    )
    delta: float = assumption(
        1.6898,
        ge=1.0,
        le=5.0,
        unit="1",
        source=_SOURCE,
        description="Shape delta of Johnson's distribution: the smaller, the longer its tails.",
    )

    def series(self, generator: np.random.Generator, readings: int, period_min: int) -> ErrorSeries:
        """Return a gain of 1 and the noise; ``period_min`` has to be a divisor of 150."""
        check_readings(readings)
        if period_min < 1 or WINDOW_MIN % period_min:
            raise ValueError(f"period_min: expected a divisor of {WINDOW_MIN}, found {period_min}")
        weights = _weights(period_min)
        windows = -(-readings // len(weights))
        errors = np.empty(readings)
        _fill(
            generator.standard_normal(1 + windows * WINDOW_KNOTS),
            weights,
            errors,
            self.autoregression,
            self.xi_mgdl,
            self.lambda_mgdl,
            self.gamma,
            self.delta,
        )
        return ErrorSeries(np.ones(readings), errors)


@compiled
def _fill(
    innovations: FloatArray,
    weights: FloatArray,
    errors: FloatArray,
    autoregression: float,
    xi: float,
    scale: float,
    gamma: float,
    delta: float,
) -> None:
    """Turn ``innovations`` into the values at the knots and interpolate them into ``errors``.

    Written as loops and not as a matrix product, because that would sum in an order that
    depends on how many readings are asked for.
    """
    knots = innovations
    latent = knots[0]
    for n in range(knots.size):
        if n > 0:
            latent = autoregression * (latent + innovations[n])
        knots[n] = xi + scale * math.sinh((latent - gamma) / delta)
    steps = weights.shape[0]
    for i in range(errors.size):
        first = i // steps * WINDOW_KNOTS
        total = 0.0
        for j in range(WINDOW_KNOTS + 1):
            total += weights[i % steps, j] * knots[first + j]
        errors[i] = total


@lru_cache
def _weights(period_min: int) -> FloatArray:
    """Return the weights, shape (150/period, 11), of the knots in each reading of a window.

    A cubic spline is linear in the values it passes through.  It is fixed by its second
    derivatives M at the knots (knot distance 1): M_(i-1) + 4 M_i + M_(i+1) = 6 (y_(i-1) - 2 y_i
    + y_(i+1)) inside, and at both ends the third derivative does not jump at the last but one
    knot ("not a knot", as in ``scipy.interpolate.interp1d(kind="cubic")``).
    """
    size = WINDOW_KNOTS + 1
    left = np.zeros((size, size))
    right = np.zeros((size, size))
    for i in range(1, size - 1):
        left[i, i - 1 : i + 2] = 1.0, 4.0, 1.0
        right[i, i - 1 : i + 2] = 6.0, -12.0, 6.0
    left[0, :3] = left[-1, -3:] = 1.0, -2.0, 1.0
    curvature = np.linalg.solve(left, right)
    value = np.eye(size)

    times = np.arange(0, WINDOW_MIN, period_min)
    knot = times // KNOT_MIN
    after = (times % KNOT_MIN / KNOT_MIN)[:, np.newaxis]
    before = 1.0 - after
    return np.asarray(
        before * value[knot]
        + after * value[knot + 1]
        + (before**3 - before) / 6.0 * curvature[knot]
        + (after**3 - after) / 6.0 * curvature[knot + 1]
    )
