"""Glucose risk indices and time in ranges of a series of glucose values.

Risk function: Kovatchev et al., Diabetes Care 1997;20:1655, and 2006;29:2433.  In mg/dL,
f(G) = 1.509 ((ln G)^1.084 - 5.381) and r(G) = 10 f(G)^2, with its zero at 112.5 mg/dL.
Glucose below 1 mg/dL is taken as 1 mg/dL, because the logarithm of less has no such power;
no living person is near it, but a model without counter-regulation may be.
"""

from __future__ import annotations

from typing import Final

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
