"""Interval formulas on sums by patient, for one study or for many at once.

Every function takes ``sums``, shape (..., patients), and ``sizes``, shape (patients,): the sum of
the values of each patient's runs, and how many runs that is.  Leading axes are studies, so that
the coverage of exactly these formulas can be simulated.  Where there is one patient only, its
runs stand in for patients.

Symbols as in the sources: ``n`` runs, residual sums ``r`` by patient, and CR2 weights
``1 / (1 - n_g / n)``, which make the variance unbiased where patients do not differ (Bell and
McCaffrey, Survey Methodology 2002;28:169; for a mean the matrix form comes down to this).
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

CONFIDENCE: Final = 0.95

Array = NDArray[np.float64]
_UPPER: Final = 1 - (1 - CONFIDENCE) / 2
_FEWEST_FOR_SKEWNESS: Final = 3
_NO_SKEWNESS: Final = 1e-7
"""Below this Hall's transformation changes less than its rounding does."""


class Mean(NamedTuple):
    """A mean with its limits and the p-value of the mean being 0, each of shape (...)."""

    mean: Array
    low: Array
    high: Array
    p: Array


class Share(NamedTuple):
    """A share with its limits, shape (...), and its weighted residuals, shape (..., patients)."""

    share: Array
    low: Array
    high: Array
    residuals: Array


class Limits(NamedTuple):
    """A lower and an upper limit, each of shape (...)."""

    low: Array
    high: Array


def _residuals(sums: Array, sizes: Array) -> tuple[Array, Array]:
    """Return means, and residual sums times the square root of their CR2 weights."""
    n = sizes.sum()
    mean = sums.sum(axis=-1) / n
    return mean, (sums - mean[..., None] * sizes) / np.sqrt(1 - sizes / n)


def degrees_of_freedom(sizes: Array) -> float:
    """Return Satterthwaite's degrees of freedom of the CR2 variance of a mean.

    They are the number of patients less 1 where all have as many runs, and fewer otherwise.
    They lean on how alike the runs of a patient are, which is not known: of runs that are not
    alike at all (Bell and McCaffrey 2002) and runs that are all the same (the random-effects
    working model of Imbens and Kolesár, Rev Econ Stat 2016;98:701) the fewer are taken.
    """
    n = float(sizes.sum())
    w = 1 / (1 - sizes / n)
    alone = (w**2 * (sizes**2 - 2 * sizes**3 / n)).sum() + (w * sizes**2).sum() ** 2 / n**2

    # Of the residual sums where patient g's runs are all u_g, the covariance of g and h is
    # sqrt(a_g a_h) (1 if g is h, less (n_g + n_h) / n, plus q).
    a, q = w * sizes**2, float((sizes**2).sum()) / n**2
    a0, a1, a2 = (float((a * sizes**power).sum()) for power in range(3))
    trace = a0 * (1 + q) - 2 * a1 / n
    square = float((a**2 * (1 + 2 * q - 4 * sizes / n)).sum())
    square += q**2 * a0**2 - 4 * q * a0 * a1 / n + 2 * (a0 * a2 + a1**2) / n**2
    return min(n**2 / float(alone), trace**2 / square)


def mean_limits(sums: Any, sizes: Any) -> Mean:
    """Return the mean with its clustered *t* interval, corrected for skewness.

    The variance is CR2 with Satterthwaite's degrees of freedom.  Patients differ skewly in what
    insulin does to them, so that with ten of them a plain *t* interval holds the truth too
    seldom; Hall's transformation of the *t* statistic (J R Stat Soc B 1992;54:221, g1) takes
    the skewness of the patients' residuals out, and leaves symmetric ones the plain interval.

    Args:
        sums: Sum of each patient's values, shape (..., patients); two patients or more.
        sizes: Runs of each patient, shape (patients,).
    """
    from scipy.special import stdtr, stdtrit  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415 - slow to load

    sums, sizes = np.asarray(sums, dtype=float), np.asarray(sizes, dtype=float)
    mean, residuals = _residuals(sums, sizes)
    error = np.sqrt((residuals**2).sum(axis=-1)) / sizes.sum()
    df = degrees_of_freedom(sizes)
    slope = _skewness(residuals, df + 1) / np.sqrt(df + 1)
    quantile = stdtrit(df, _UPPER)
    low = mean - error * _hall_inverse(quantile, slope)
    high = mean - error * _hall_inverse(-quantile, slope)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stdtr(df, -np.abs(_hall(mean / error, slope)))
    return Mean(mean, low, high, np.where(error > 0, p, (mean == 0) * 1.0))


def _skewness(residuals: Array, patients: float) -> Array:
    """Return the adjusted skewness of residuals, 0 where there is none or too few to tell."""
    second, third = ((residuals**power).mean(axis=-1) for power in (2, 3))
    if patients < _FEWEST_FOR_SKEWNESS:
        return np.zeros_like(second)
    adjusted = np.sqrt(patients * (patients - 1)) / (patients - 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(second > 0, adjusted * third / second**1.5, 0.0))


def _hall(t: Array, slope: Array) -> Array:
    """Return Hall's g1 of a *t* statistic; ``slope`` is skewness over the root of patients."""
    return np.asarray(t + slope * t**2 / 3 + slope**2 * t**3 / 27 + slope / 6)


def _hall_inverse(t: float, slope: Array) -> Array:
    """Return the statistic of which ``t`` is Hall's g1, which rises all along."""
    small = np.abs(slope) < _NO_SKEWNESS
    some = np.where(small, 1.0, slope)
    return np.asarray(np.where(small, t, 3 / some * (np.cbrt(1 + some * (t - some / 6)) - 1)))


def share_limits(ones: Any, sizes: Any) -> Share:
    """Return the share of runs with its Wilson interval on the effective number of runs.

    The effective number is that of Korn and Graubard (Survey Methodology 1998;24:193): ``n`` over
    the design effect, times ``(t(n - 1) / t(df))**2`` for the few patients it is known from, and
    at most ``n``.  The design effect is the clustered variance over that of independent runs,
    ``p (1 - p) / (n - 1)``, so that with one run a patient the interval is Wilson's own.  Where
    no run or every run counts, nothing tells the design effect, and it is taken as 1.

    Args:
        ones: Each patient's runs that count, shape (..., patients).
        sizes: Runs of each patient, shape (patients,).
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - slow to load
    from statsmodels.stats.proportion import (  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415
        proportion_confint,
    )

    ones, sizes = np.asarray(ones, dtype=float), np.asarray(sizes, dtype=float)
    n = sizes.sum()
    share = ones.sum(axis=-1) / n
    if len(sizes) == 1:  # a single run
        residuals, effective = np.zeros_like(ones), n * np.ones_like(share)
    else:
        _, residuals = _residuals(ones, sizes)
        few = stdtrit(degrees_of_freedom(sizes), _UPPER) / stdtrit(n - 1, _UPPER)
        binomial = share * (1 - share) * n**2 / (n - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            design = (residuals**2).sum(axis=-1) / binomial
        design = np.where(binomial > 0, design, 1.0)
        effective = n / np.where(binomial > 0, np.maximum(design * few**2, 1.0), 1.0)
    low, high = proportion_confint(
        share * effective, effective, alpha=1 - CONFIDENCE, method="wilson"
    )
    # Where no run or every run has it, the limit on that side is exact; rounding blurs it.
    low, high = np.where(share == 0, 0.0, low), np.where(share == 1, 1.0, high)
    return Share(share, np.asarray(low), np.asarray(high), residuals)


def _correlation(one: Share, other: Share) -> Array:
    """Return the clustered correlation of two shares of the same runs, 0 where one is constant."""
    both = (one.residuals * other.residuals).sum(axis=-1)
    scale = np.sqrt((one.residuals**2).sum(axis=-1) * (other.residuals**2).sum(axis=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(scale > 0, np.clip(both / scale, -1.0, 1.0), 0.0))


def share_difference_limits(one: Share, other: Share) -> Limits:
    """Return limits of ``one - other``, paired: the method of variance estimates recovery.

    Square-and-add of each share's own distance to its limits, with the correlation of the two
    (Newcombe, Stat Med 1998;17:2635, method 10; Zou and Donner, Stat Med 2008;27:1693).

    Args:
        one: The share of an arm.
        other: The share of the baseline on the same runs.
    """
    rho = _correlation(one, other)
    difference = one.share - other.share
    below, above = one.share - one.low, one.high - one.share
    other_below, other_above = other.share - other.low, other.high - other.share
    down = below**2 + other_above**2 - 2 * rho * below * other_above
    up = above**2 + other_below**2 - 2 * rho * above * other_below
    return Limits(
        difference - np.sqrt(np.maximum(down, 0)), difference + np.sqrt(np.maximum(up, 0))
    )


def share_ratio_limits(one: Share, other: Share) -> Limits:
    """Return limits of ``one / other``, paired, from the same limits as the difference's.

    Donner and Zou, Stat Methods Med Res 2012;21:347, with the correlation of the two: the ratios
    for which the interval of ``one - ratio * other`` holds 0, so that the interval of the ratio
    holds 1 where that of the difference holds 0.  Infinite or NaN where ``other`` is 0.

    Args:
        one: The share of an arm.
        other: The share of the baseline on the same runs, above 0.
    """
    rho = _correlation(one, other)
    product = one.share * other.share
    below, above = one.share - one.low, one.high - one.share
    other_below, other_above = other.share - other.low, other.high - other.share

    middle = product - rho * below * other_above
    top = one.low * (2 * one.share - one.low)
    root = _root(middle**2 - top * other.high * (2 * other.share - other.high))
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(top > 0, np.maximum(top / (middle + root), 0.0), 0.0)

    middle = product - rho * above * other_below
    bottom = other.low * (2 * other.share - other.low)
    root = _root(middle**2 - one.high * (2 * one.share - one.high) * bottom)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Limits(low, (middle + root) / bottom)


def _root(square: Array) -> Array:
    return np.asarray(np.sqrt(np.maximum(square, 0)))


def bound_of_none(patients: int) -> float:
    """Return the upper 95 % bound of a share of which no run of some patients had any.

    It is one-sided and holds however alike the runs of one patient are: if all of them are the
    same, no patient of ``k`` has it with the probability ``(1 - share)**k``.
    """
    return float(1 - (1 - CONFIDENCE) ** (1 / patients))
