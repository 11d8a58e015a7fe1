"""What a continuous glucose monitor shows: interstitial glucose and an error that wanders.

Error model: Breton and Kovatchev, *Analysis, modeling, and simulation of the accuracy of
continuous glucose sensors*, J Diabetes Sci Technol 2:853 (2008), with the numbers and the
interpolation of simglucose 0.2.11 (``sensor_params.csv``, sensor GuardianRT):

    e_0 = v_0,  e_n = 0.7 (e_(n-1) + v_n),  v ~ N(0, 1), one every 15 min
    eps_n = xi + lambda sinh((e_n - gamma)/delta)       (Johnson's SU distribution)

and between these a cubic spline through 11 points, that is 150 min, at a time.  Once settled,
eps has mean 0.7 and standard deviation 11.7 mg/dL.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np

from testbed.physiology._compile import compiled
from testbed.physiology.model import FloatArray

AUTOREGRESSION: Final = 0.7
"""Factor of the latent series from one of its steps to the next (PACF in simglucose)."""
XI_MGDL: Final = -5.47
LAMBDA_MGDL: Final = 15.9574
GAMMA: Final = -0.5444
DELTA: Final = 1.6898
"""Parameters of Johnson's SU distribution; xi and lambda in mg/dL, gamma and delta plain."""

KNOT_MIN: Final = 15
"""Minutes between two steps of the latent series."""
WINDOW_KNOTS: Final = 10
WINDOW_MIN: Final = WINDOW_KNOTS * KNOT_MIN
"""Minutes that one spline spans: 150."""

CGM_LOW_MGDL: Final = 39
CGM_HIGH_MGDL: Final = 600
"""Lowest and highest value shown (GuardianRT in simglucose's ``sensor_params.csv``)."""


def breton_kovatchev(
    generator: np.random.Generator, readings: int, period_min: int = 5
) -> FloatArray:
    """Return the errors of ``readings`` consecutive CGM readings, the first at time 0.

    The generator is asked for the innovations in the order of time, so asking for more readings
    from a generator in the same state does not change the earlier ones.

    Args:
        generator: Where the innovations come from; its state moves on.
        readings: How many, 0 or more.
        period_min: Minutes between two readings; a divisor of 150.

    Returns:
        Shape (readings,), mg/dL, to be added to interstitial glucose.

    Raises:
        ValueError: If ``readings`` is negative or ``period_min`` does not divide 150.
    """
    if readings < 0:
        raise ValueError(f"readings: expected 0 or more, found {readings}")
    if period_min < 1 or WINDOW_MIN % period_min:
        raise ValueError(f"period_min: expected a divisor of {WINDOW_MIN}, found {period_min}")
    weights = _weights(period_min)
    windows = -(-readings // len(weights))
    errors = np.empty(readings)
    _fill(generator.standard_normal(1 + windows * WINDOW_KNOTS), weights, errors)
    return errors


def read_cgm(interstitial_mgdl: float, error: float) -> int:
    """Return what the monitor shows, in whole mg/dL from 39 to 600.

    Args:
        interstitial_mgdl: Subcutaneous glucose.
        error: One of the errors of :func:`breton_kovatchev`, mg/dL.

    Raises:
        ValueError: If the sum is not a number.
    """
    shown = interstitial_mgdl + error
    if shown <= CGM_LOW_MGDL:
        return CGM_LOW_MGDL
    if shown >= CGM_HIGH_MGDL:
        return CGM_HIGH_MGDL
    return round(shown)


@compiled
def _fill(innovations: FloatArray, weights: FloatArray, errors: FloatArray) -> None:
    """Turn ``innovations`` into the values at the knots and interpolate them into ``errors``.

    Written as loops and not as a matrix product, because that would sum in an order that
    depends on how many readings are asked for.
    """
    knots = innovations
    latent = knots[0]
    for n in range(knots.size):
        if n > 0:
            latent = AUTOREGRESSION * (latent + innovations[n])
        knots[n] = XI_MGDL + LAMBDA_MGDL * math.sinh((latent - GAMMA) / DELTA)
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
