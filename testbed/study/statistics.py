"""Means, shares and paired differences with their 95 % intervals.

Replicates of one patient resemble each other, so an interval of a mean is clustered by
patient: ordinary least squares on a constant with the cluster-robust covariance of Liang and
Zeger (Biometrika 1986;73:13) and a t distribution with one degree of freedom less than there
are patients (Cameron and Miller, J Human Resources 2015;50:317).  An interval of a share is
Wilson's (J Am Stat Assoc 1927;22:209).  Both are computed by statsmodels, which is imported
when first needed because it takes a second to load.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

CONFIDENCE: Final = 0.95

_CLUSTERED: Final = "mean, 95 % t interval clustered by patient"
_PAIRED: Final = "mean difference paired by replicate, 95 % t interval clustered by patient"
_WILSON: Final = "share of runs, 95 % Wilson interval (runs taken as independent)"
_FEWEST_CLUSTERS: Final = 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number estimated from runs.

    Attributes:
        mean: The mean or share; ``None`` where no run defines it.
        low: Lower 95 % limit, or ``None`` where there is no interval.
        high: Upper 95 % limit, or ``None`` where there is no interval.
        n: How many runs, or pairs of runs, were used.
        method: How mean and limits were reached, in words.
    """

    mean: float | None
    low: float | None
    high: float | None
    n: int
    method: str

    @property
    def is_exact(self) -> bool:
        """Whether every run gave this very number, so that the interval has no width."""
        return self.mean is not None and self.low == self.mean == self.high

    def mean_text(self, decimals: int, *, signed: bool = False) -> str:
        """Return the mean for people, ``none`` where there is none."""
        return "none" if self.mean is None else number_text(self.mean, decimals, signed=signed)

    def limits_text(self, decimals: int) -> str:
        """Return the limits for people, or why there are none."""
        if self.mean is None:
            return "in no run"
        if self.is_exact:
            return "in every run"
        if self.low is None or self.high is None:
            return "no interval"
        return f"{number_text(self.low, decimals)} to {number_text(self.high, decimals)}"


def number_text(value: float, decimals: int, *, signed: bool = False) -> str:
    """Return a number for people: only an exact zero is printed as ``0``.

    A number too small for its decimals keeps them and its sign, such as ``-0.0``.

    Args:
        value: The number.
        decimals: Decimal places; one where the number would otherwise look like an exact zero.
        signed: Whether a positive number gets a plus sign.
    """
    if value == 0:
        return "0"
    sign = "+" if signed else ""
    text = format(value, f"{sign}.{decimals}f")
    return text if decimals or float(text) else format(value, f"{sign}.1f")


def _clustered(values: Sequence[float], clusters: Sequence[Hashable], method: str) -> Estimate:
    n = len(values)
    if n == 0:
        return Estimate(None, None, None, 0, f"{method} (no run defines it)")
    if all(value == values[0] for value in values):
        exact = float(values[0])
        return Estimate(exact, exact, exact, n, f"{method} (every value the same)")
    mean = math.fsum(values) / n
    numbers: dict[Hashable, int] = {}
    codes = [numbers.setdefault(cluster, len(numbers)) for cluster in clusters]
    if len(numbers) < _FEWEST_CLUSTERS:
        return Estimate(mean, None, None, n, f"{method} (no interval from one patient)")

    import numpy as np  # noqa: PLC0415 - see the module's docstring
    from statsmodels.regression.linear_model import (  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415
        OLS,
    )

    deviations = np.array([value - mean for value in values])
    fit = OLS(deviations, np.ones((n, 1))).fit(
        cov_type="cluster", cov_kwds={"groups": np.array(codes)}, use_t=True
    )
    low, high = fit.conf_int(alpha=1 - CONFIDENCE)[0]
    return Estimate(mean, mean + float(low), mean + float(high), n, method)


def _check_lengths(**columns: Sequence[object]) -> None:
    if len({len(column) for column in columns.values()}) > 1:
        found = ", ".join(f"{len(column)} {name}" for name, column in columns.items())
        raise ValueError(f"expected columns of one length, found {found}")


def estimate_mean(values: Sequence[float | None], clusters: Sequence[Hashable]) -> Estimate:
    """Return the mean of runs with a 95 % interval clustered by patient.

    Runs whose value is ``None`` are left out.  Values that are all the same give an interval
    without width; one patient gives none.

    Args:
        values: One value a run.
        clusters: The patient of each run.

    Raises:
        ValueError: If the two differ in length.
    """
    _check_lengths(values=values, clusters=clusters)
    used = [(v, c) for v, c in zip(values, clusters, strict=True) if v is not None]
    return _clustered([v for v, _ in used], [c for _, c in used], _CLUSTERED)


def estimate_difference(
    values: Sequence[float | None],
    baseline: Sequence[float | None],
    clusters: Sequence[Hashable],
) -> Estimate:
    """Return the mean of ``values - baseline``, paired by position, clustered by patient.

    A pair of which either is ``None`` is left out.  Pairs that are all equal give exactly 0.0
    for the mean and both limits.

    Args:
        values: One value a run.
        baseline: The value of the run it is compared with.
        clusters: The patient of each pair.

    Raises:
        ValueError: If the three differ in length.
    """
    _check_lengths(values=values, baseline=baseline, clusters=clusters)
    used = [
        (v - b, c)
        for v, b, c in zip(values, baseline, clusters, strict=True)
        if v is not None and b is not None
    ]
    return _clustered([d for d, _ in used], [c for _, c in used], _PAIRED)


def estimate_share(values: Sequence[float | None]) -> Estimate:
    """Return the share of runs with value 1 and its 95 % Wilson interval.

    The interval takes runs as independent of each other.  Runs whose value is ``None`` are
    left out.

    Args:
        values: 0 or 1 for each run.

    Raises:
        ValueError: If a value is neither.
    """
    used = [value for value in values if value is not None]
    for value in used:
        if value not in (0, 1):
            raise ValueError(f"a share: expected 0 or 1 for each run, found {value}")
    n = len(used)
    if n == 0:
        return Estimate(None, None, None, 0, f"{_WILSON} (no run defines it)")

    from statsmodels.stats.proportion import (  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415
        proportion_confint,
    )

    ones = int(sum(used))
    low, high = proportion_confint(ones, n, alpha=1 - CONFIDENCE, method="wilson")
    # Where no run or every run has it, the limit on that side is exact; rounding blurs it.
    low, high = (0.0 if ones == 0 else float(low)), (1.0 if ones == n else float(high))
    return Estimate(ones / n, low, high, n, _WILSON)
