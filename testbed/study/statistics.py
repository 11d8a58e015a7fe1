"""Means, shares and paired differences of runs with their 95 % intervals.

Replicates of one patient resemble each other, so intervals are clustered by patient;
:mod:`testbed.study.intervals` has the formulas and :mod:`testbed.study.methods` their names.
Slow libraries are imported when first needed.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from testbed.outcomes.metric import Metric
from testbed.study import methods
from testbed.study.estimate import Effect, Estimate
from testbed.study.intervals import (
    bound_of_none,
    mean_limits,
    share_difference_limits,
    share_limits,
    share_ratio_limits,
)

_ONE_PATIENT: Final = "one patient: runs taken as independent, and it speaks of that person only"
_ALIKE: Final = "patients' means are the same: runs taken as independent"
_NO_WIDTH: Final = 1e-12
"""Of the values' range; an interval narrower than this has no width but by rounding."""
_NONE: Final = "no run defines it"
_SAME: Final = "the same in every pair"


@dataclass(frozen=True, slots=True)
class _Grouped:
    """Which patient each run is of; where there is one patient only, each run is its own group.

    Attributes:
        codes: The group of each run, counted from 0 in order of appearance.
        sizes: Runs of each group.
        note: What a method must say of it, or empty.
    """

    codes: NDArray[np.int64]
    sizes: NDArray[np.float64]
    note: str = ""

    @classmethod
    def by(cls, patients: Sequence[Hashable]) -> _Grouped:
        numbers: dict[Hashable, int] = {}
        codes = [numbers.setdefault(patient, len(numbers)) for patient in patients]
        if len(numbers) == 1:
            return cls.alone(len(codes), _ONE_PATIENT)
        return cls(np.array(codes, dtype=np.int64), np.bincount(codes).astype(float))

    @classmethod
    def alone(cls, runs: int, note: str) -> _Grouped:
        return cls(np.arange(runs), np.ones(runs), note)

    def sums(self, values: Sequence[float]) -> NDArray[np.float64]:
        return np.bincount(self.codes, weights=values).astype(float)


def _named(method: str, *notes: str) -> str:
    said = "; ".join(note for note in notes if note)
    return f"{method} ({said})" if said else method


def _check_lengths(**columns: Sequence[object]) -> None:
    if len({len(column) for column in columns.values()}) > 1:
        found = ", ".join(f"{len(column)} {name}" for name, column in columns.items())
        raise ValueError(f"expected columns of one length, found {found}")


def _check_yes_no(values: Sequence[float]) -> None:
    for value in values:
        if value not in (0, 1):
            raise ValueError(f"a share: expected 0 or 1 for each run, found {value}")


def _mean(values: Sequence[float], patients: Sequence[Hashable], method: str) -> Effect:
    """Return the mean of one value or more, with the test of its being 0."""
    n = len(values)
    grouped = _Grouped.by(patients)
    if all(value == values[0] for value in values):
        exact = float(values[0])
        said = _named(method, "every value the same", grouped.note)
        p = 1.0 if exact == 0 else min(1.0, 2.0 ** (1 - len(grouped.sizes)))
        return Effect(exact, exact, exact, n, said, p, methods.SIGN_TEST)
    mean = math.fsum(values) / n
    # About the mean, so that a small spread is not lost beside a large mean.
    deviations = [value - mean for value in values]
    about = mean_limits(grouped.sums(deviations), grouped.sizes)
    if about.high - about.low <= _NO_WIDTH * (max(values) - min(values)):
        grouped = _Grouped.alone(n, _ALIKE)
        about = mean_limits(grouped.sums(deviations), grouped.sizes)
    p = float(mean_limits(grouped.sums(values), grouped.sizes).p)
    low, high = mean + float(about.low), mean + float(about.high)
    return Effect(mean, low, high, n, _named(method, grouped.note), p, methods.T_TEST)


def estimate_mean(
    values: Sequence[float | None],
    patients: Sequence[Hashable],
    least: float | None = None,
    most: float | None = None,
) -> Estimate:
    """Return the mean of runs with a 95 % interval clustered by patient.

    Runs whose value is ``None`` are left out.  Values that are all the same give an interval
    without width.  Where there is one patient only, the interval is of that patient's runs.
    Limits beyond what a value can be are cut there, and the method says so: the truth is not
    there, so the interval holds it as often as before.

    Args:
        values: One value a run.
        patients: The patient of each run.
        least: The least that a value can be, if there is a least.
        most: The most that a value can be, if there is a most.

    Raises:
        ValueError: If the two differ in length.
    """
    _check_lengths(values=values, patients=patients)
    used = [(v, c) for v, c in zip(values, patients, strict=True) if v is not None]
    if not used:
        return Estimate(None, None, None, 0, _named(methods.MEAN, _NONE))
    found = _mean([v for v, _ in used], [c for _, c in used], methods.MEAN)
    low, high, method = found.low, found.high, found.method
    if least is not None and low is not None and low < least:
        low, method = least, f"{method} (cut at {least:g}, the least that it can be)"
    if most is not None and high is not None and high > most:
        high, method = most, f"{method} (cut at {most:g}, the most that it can be)"
    return Estimate(found.mean, low, high, found.n, method)


def estimate_level(
    metric: Metric, values: Sequence[float | None], patients: Sequence[Hashable]
) -> Estimate:
    """Return the share or the mean of runs that a metric is told by, within what it can be.

    Args and errors are those of :func:`estimate_share` and :func:`estimate_mean`.
    """
    if metric.is_share:
        return estimate_share(values, patients)
    return estimate_mean(values, patients, metric.least, metric.most)


def _pairs(
    values: Sequence[float | None],
    baseline: Sequence[float | None],
    patients: Sequence[Hashable],
) -> list[tuple[float, float, Hashable]]:
    _check_lengths(values=values, baseline=baseline, patients=patients)
    return [
        (v, b, c)
        for v, b, c in zip(values, baseline, patients, strict=True)
        if v is not None and b is not None
    ]


def estimate_difference(
    values: Sequence[float | None],
    baseline: Sequence[float | None],
    patients: Sequence[Hashable],
) -> Effect:
    """Return the mean of ``values - baseline``, paired by position, clustered by patient.

    A pair of which either is ``None`` is left out.  Pairs that are all equal give exactly 0.0
    for the mean and both limits.

    Args:
        values: One value a run.
        baseline: The value of the run it is compared with.
        patients: The patient of each pair.

    Raises:
        ValueError: If the three differ in length.
    """
    used = _pairs(values, baseline, patients)
    if not used:
        return Effect(None, None, None, 0, _named(methods.DIFFERENCE, _NONE))
    return _mean([v - b for v, b, _ in used], [c for *_, c in used], methods.DIFFERENCE)


def estimate_share(values: Sequence[float | None], patients: Sequence[Hashable]) -> Estimate:
    """Return the share of runs with value 1 and its 95 % interval clustered by patient.

    Runs whose value is ``None`` are left out.  Where no run has it or every run has it, the limit
    on that side is exact, and the method says what the other would be if a patient's runs were
    all alike.

    Args:
        values: 0 or 1 for each run.
        patients: The patient of each run.

    Raises:
        ValueError: If a value is neither, or the two differ in length.
    """
    _check_lengths(values=values, patients=patients)
    used = [(v, c) for v, c in zip(values, patients, strict=True) if v is not None]
    _check_yes_no([v for v, _ in used])
    if not used:
        return Estimate(None, None, None, 0, _named(methods.SHARE, _NONE))
    grouped = _Grouped.by([c for _, c in used])
    found = share_limits(grouped.sums([v for v, _ in used]), grouped.sizes)
    share, n = float(found.share), len(used)
    said = _named(methods.SHARE, _extreme(share, grouped), grouped.note)
    return Estimate(share, float(found.low), float(found.high), n, said)


def _extreme(share: float, grouped: _Grouped) -> str:
    """Say what is left to know where no run or every run has it."""
    if share not in (0, 1) or grouped.note:
        return ""
    bound = bound_of_none(len(grouped.sizes))
    limit = f"at most {bound:.3f}" if share == 0 else f"at least {1 - bound:.3f}"
    had = "no run has it" if share == 0 else "every run has it"
    return f"{had}; were each patient's runs all alike: {limit}, one-sided"


def estimate_share_difference(
    values: Sequence[float | None],
    baseline: Sequence[float | None],
    patients: Sequence[Hashable],
) -> Effect:
    """Return the difference and the ratio of two shares of the same runs.

    The test is McNemar's.  Pairs that are all equal give exactly 0.0 for the difference and both
    limits.

    Args:
        values: 0 or 1 for each run.
        baseline: 0 or 1 for the run it is compared with.
        patients: The patient of each pair.

    Raises:
        ValueError: If a value is neither, or the three differ in length.
    """
    used = _pairs(values, baseline, patients)
    ours, theirs = [v for v, _, _ in used], [b for _, b, _ in used]
    _check_yes_no([*ours, *theirs])
    if not used:
        return Effect(None, None, None, 0, _named(methods.SHARE_DIFFERENCE, _NONE))

    from statsmodels.stats.contingency_tables import (  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415 - see the module's docstring
        mcnemar,
    )

    n = len(used)
    grouped = _Grouped.by([c for *_, c in used])
    one, other = (share_limits(grouped.sums(each), grouped.sizes) for each in (ours, theirs))
    gained, lost = (sum(v > b for v, b, _ in used), sum(v < b for v, b, _ in used))
    p = float(mcnemar([[0, gained], [lost, n - gained - lost]], exact=True).pvalue)
    same, note = gained == lost == 0, grouped.note
    if same:
        found = Estimate(0.0, 0.0, 0.0, n, _named(methods.SHARE_DIFFERENCE, _SAME, note))
    else:
        low, high = (float(each) for each in share_difference_limits(one, other))
        mean = (gained - lost) / n
        found = Estimate(mean, low, high, n, _named(methods.SHARE_DIFFERENCE, note))
    ratio = None
    if other.share > 0:
        low, high = (1.0, 1.0) if same else map(float, share_ratio_limits(one, other))
        said = _named(methods.SHARE_RATIO, _SAME if same else "", note)
        ratio = Estimate(float(one.share / other.share), low, high, n, said)
    return Effect(
        found.mean, found.low, found.high, n, found.method, p, methods.MCNEMAR, None, ratio
    )


def adjust(effects: Sequence[Effect]) -> list[Effect]:
    """Return effects of one metric with their p-values adjusted by Holm's correction.

    Those without a test are left as they are, and not corrected for.

    Args:
        effects: One effect an arm that is compared with the baseline.
    """
    tested = [each.p for each in effects if each.p is not None]
    if not tested:
        return list(effects)

    values, firsts = np.unique(np.sort(tested), return_index=True)
    raised = np.maximum.accumulate(values * (len(tested) - firsts))
    # Equal p-values have equal adjusted ones, and of many arms most may be alike.
    adjusted = dict(zip(values.tolist(), np.minimum(raised, 1.0).tolist(), strict=True))
    found: dict[int, Effect] = {}
    for each in effects:
        if id(each) not in found:
            p = None if each.p is None else adjusted[each.p]
            found[id(each)] = replace(each, p_adjusted=p)
    return [found[id(each)] for each in effects]
