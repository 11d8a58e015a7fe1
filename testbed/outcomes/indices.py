"""Indices of a series of glucose values: risk, time in ranges, glycaemia risk, variability.

Risk function: Kovatchev et al., Diabetes Care 1997;20:1655, and 2006;29:2433.  In mg/dL,
f(G) = 1.509 ((ln G)^1.084 - 5.381) and r(G) = 10 f(G)^2, with its zero at 112.5 mg/dL.
Glucose below 1 mg/dL is taken as 1 mg/dL, because the logarithm of less has no such power;
no living person is near it, but a model without counter-regulation may be.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

FLOOR_MGDL: Final = 1.0
"""Glucose is raised to this before its logarithm is taken, mg/dL."""

_SCALE: Final = 1.509
_POWER: Final = 1.084
_SHIFT: Final = 5.381


def _symmetric(mgdl: NDArray[np.float64]) -> NDArray[np.float64]:
    f: NDArray[np.float64] = np.maximum(mgdl, FLOOR_MGDL)
    np.log(f, out=f)
    f **= _POWER
    f -= _SHIFT
    f *= _SCALE
    return f


def risk(mgdl: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the blood glucose risk r(G) of every value, dimensionless, in the same shape.

    Args:
        mgdl: Glucose, mg/dL, any shape; values below 1 mg/dL count as 1 mg/dL.
    """
    f = _symmetric(np.asarray(mgdl, dtype=np.float64))
    result: NDArray[np.float64] = 10.0 * f * f
    return result


def risk_indices(mgdl: NDArray[np.float64]) -> tuple[float, float]:
    """Return the low and the high blood glucose index (LBGI, HBGI), dimensionless.

    Each is a mean over all samples of the risk on its own side of 112.5 mg/dL, with the other
    side counting as zero.

    Args:
        mgdl: Glucose, mg/dL, shape (samples,).

    Raises:
        ValueError: If there is no sample.
    """
    if mgdl.size == 0:
        raise ValueError("glucose: expected at least one sample, found none")
    f = _symmetric(mgdl)
    low, high = np.minimum(f, 0.0), np.maximum(f, 0.0)
    # Not dot products: a BLAS adds up in an order that depends on the processor.
    return float(10.0 * (low * low).sum() / f.size), float(10.0 * (high * high).sum() / f.size)


def lbgi(mgdl: NDArray[np.float64]) -> float:
    """Return the low blood glucose index of samples in mg/dL; see :func:`risk_indices`."""
    return risk_indices(mgdl)[0]


def hbgi(mgdl: NDArray[np.float64]) -> float:
    """Return the high blood glucose index of samples in mg/dL; see :func:`risk_indices`."""
    return risk_indices(mgdl)[1]


def minutes_below(mgdl: NDArray[np.float64], threshold_mgdl: float) -> int:
    """Return how many samples, one a minute, are below a threshold.

    Args:
        mgdl: Glucose at the start of every minute, mg/dL, shape (minutes,).
        threshold_mgdl: The threshold; a sample at the threshold is not below it.
    """
    return int(np.count_nonzero(mgdl < threshold_mgdl))


def minutes_above(mgdl: NDArray[np.float64], threshold_mgdl: float) -> int:
    """Return how many samples, one a minute, are above a threshold.

    Args:
        mgdl: Glucose at the start of every minute, mg/dL, shape (minutes,).
        threshold_mgdl: The threshold; a sample at the threshold is not above it.
    """
    return int(np.count_nonzero(mgdl > threshold_mgdl))


class Ranges(NamedTuple):
    """How many samples are in each range of the consensus, which sum to all of them.

    Battelino et al., Diabetes Care 2019;42:1593.  The ranges have no gaps: 69.5 mg/dL is low,
    180.5 is high.

    Attributes:
        very_low: Below 54 mg/dL.
        low: From 54 to below 70 mg/dL.
        target: From 70 to 180 mg/dL.
        high: Above 180 to 250 mg/dL.
        very_high: Above 250 mg/dL.
    """

    very_low: int
    low: int
    target: int
    high: int
    very_high: int

    def percent(self, count: int) -> float:
        """Return what share of all samples a number of them is, in %."""
        return 100 * count / sum(self)


def ranges(mgdl: NDArray[np.float64]) -> Ranges:
    """Return how many samples are in each range.

    Args:
        mgdl: Glucose, mg/dL, shape (samples,).

    Raises:
        ValueError: If there is no sample.
    """
    if mgdl.size == 0:
        raise ValueError("glucose: expected at least one sample, found none")
    below_54, below_70 = minutes_below(mgdl, 54), minutes_below(mgdl, 70)
    above_180, above_250 = minutes_above(mgdl, 180), minutes_above(mgdl, 250)
    return Ranges(
        very_low=below_54,
        low=below_70 - below_54,
        target=mgdl.size - below_70 - above_180,
        high=above_180 - above_250,
        very_high=above_250,
    )


def glycaemia_risk_index(found: Ranges) -> float:
    """Return the glycaemia risk index, from 0 to 100.

    Klonoff et al., J Diabetes Sci Technol 2023;17:1226 (doi:10.1177/19322968221085273).
    """
    low = 3.0 * found.very_low + 2.4 * found.low
    high = 1.6 * found.very_high + 0.8 * found.high
    return min(100.0, 100.0 * (low + high) / sum(found))


def glucose_management_indicator(mean_mgdl: float) -> float:
    """Return the GMI in % (Bergenstal et al., Diabetes Care 2018;41:2275) of mean glucose."""
    return 3.31 + 0.02392 * mean_mgdl


def coefficient_of_variation(mgdl: NDArray[np.float64]) -> float | None:
    """Return the standard deviation (of a sample, n - 1) over the mean, in %.

    None where it is not defined: of fewer than two samples, or of a mean that is not above 0.
    """
    if mgdl.size < 2:
        return None
    mean = float(mgdl.mean())
    if mean <= 0:
        return None
    deviations = mgdl - mean
    deviations *= deviations
    return 100.0 * math.sqrt(float(deviations.sum()) / (mgdl.size - 1)) / mean
