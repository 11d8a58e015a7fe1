"""Intervals against closed forms, other packages' values and simulated coverage."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped,unused-ignore]
from testbed.study.statistics import (
    Estimate,
    estimate_difference,
    estimate_mean,
    estimate_share,
    number_text,
)

FINITE = st.floats(-1e6, 1e6)


def _limits(estimate: Estimate) -> tuple[float, float]:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


@given(st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=30, unique=True))
@settings(derandomize=True, deadline=None, max_examples=50)
def test_interval_with_one_run_a_patient_is_the_t_interval(values: list[int]) -> None:
    """When every cluster has one value, the interval is the ordinary t interval of scipy."""
    estimate = estimate_mean(values, range(len(values)))
    expected = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    width = expected[1] - expected[0]
    assert _limits(estimate) == pytest.approx(expected, abs=1e-8 * width + 1e-9)


def test_clustered_interval_is_the_published_sandwich() -> None:
    """The half-width is that of Cameron and Miller's formula worked out by hand."""
    values = [1.0, 2.0, 4.0, 3.0, 8.0, 9.0, 7.0]
    patients = ["a", "a", "a", "b", "c", "c", "c"]
    n, g = 7, 3
    mean = 34 / 7
    sums = [7 - 3 * mean, 3 - mean, 24 - 3 * mean]  # of residuals, by patient
    variance = g / (g - 1) * sum(s * s for s in sums) / n**2
    half = stats.t.ppf(0.975, g - 1) * variance**0.5
    estimate = estimate_mean(values, patients)
    assert estimate.mean == mean
    assert _limits(estimate) == pytest.approx((mean - half, mean + half))


@pytest.mark.parametrize(
    ("ones", "n", "low", "high"),
    [
        # Newcombe, Stat Med 1998;17:857, table I, method 3 (Wilson).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_share_has_the_published_wilson_interval(
    ones: int, n: int, low: float, high: float
) -> None:
    """Wilson intervals are those of Newcombe's table to four decimals."""
    estimate = estimate_share([1.0] * ones + [0.0] * (n - ones))
    assert estimate.mean == ones / n
    assert _limits(estimate) == pytest.approx((low, high), abs=6e-5)


@given(FINITE, st.integers(1, 20))
@settings(derandomize=True, deadline=None)
def test_equal_values_give_their_value_exactly(value: float, n: int) -> None:
    """Values that are all the same give that value and an interval without width."""
    estimate = estimate_mean([value] * n, range(n))
    assert (estimate.mean, estimate.low, estimate.high, estimate.n) == (value, value, value, n)
    assert estimate.is_exact


@given(st.lists(st.none() | FINITE, min_size=1, max_size=20).filter(any))
@settings(derandomize=True, deadline=None)
def test_difference_of_equal_pairs_is_exactly_zero(values: list[float | None]) -> None:
    """Runs that equal their baseline have an effect of exactly zero, not noise."""
    estimate = estimate_difference(values, list(values), range(len(values)))
    assert (estimate.mean, estimate.low, estimate.high) == (0.0, 0.0, 0.0)


def test_difference_is_paired_by_position() -> None:
    """A constant difference between very different runs has an interval without width."""
    estimate = estimate_difference([11.0, 51.0, 91.0], [10.0, 50.0, 90.0], "abc")
    assert (estimate.mean, estimate.low, estimate.high) == (1.0, 1.0, 1.0)


def test_what_is_not_defined_is_left_out_and_not_counted() -> None:
    """A None, or a pair with one, does not count."""
    assert estimate_mean([1.0, None, 3.0], "aab").n == 2
    assert estimate_share([1.0, None, 0.0]).n == 2
    assert estimate_difference([1.0, None, 3.0], [0.0, 1.0, None], "abc").n == 1


def test_nothing_defined_has_no_mean() -> None:
    """Where no run defines a value there is neither mean nor interval."""
    for estimate in (
        estimate_mean([None, None], "ab"),
        estimate_share([]),
        estimate_difference([None], [1.0], "a"),
    ):
        assert (estimate.mean, estimate.low, estimate.high, estimate.n) == (None, None, None, 0)


def test_one_patient_gives_no_interval() -> None:
    """Runs of one patient alone say nothing about how patients differ."""
    estimate = estimate_mean([1.0, 2.0], "aa")
    assert (estimate.mean, estimate.low, estimate.high, estimate.n) == (1.5, None, None, 2)


def test_share_of_something_else_is_an_error() -> None:
    """A share is of zeros and ones."""
    with pytest.raises(ValueError, match=r"expected 0 or 1 for each run, found 0\.5"):
        estimate_share([1.0, 0.5])


def test_columns_of_different_lengths_are_an_error() -> None:
    """Values and patients come in pairs."""
    with pytest.raises(ValueError, match="found 2 values, 1 clusters"):
        estimate_mean([1.0, 2.0], "a")


def test_clustered_interval_covers_the_mean_in_95_of_100_studies() -> None:
    """With 30 patients who differ, the clustered interval covers the true mean as it says."""
    rng = np.random.default_rng(1986)
    studies, patients, each = 2000, 30, 4
    clusters = np.repeat(np.arange(patients), each).tolist()
    covered = 0
    for _ in range(studies):
        effect = rng.normal(0, 1, patients).repeat(each)
        low, high = _limits(
            estimate_mean((effect + rng.normal(0, 1, patients * each)).tolist(), clusters)
        )
        covered += low <= 0 <= high
    assert 0.93 <= covered / studies <= 0.97


def test_wilson_interval_covers_the_share_in_95_of_100_studies() -> None:
    """Over shares from 0.1 to 0.9 the Wilson interval covers the true one as it says."""
    rng = np.random.default_rng(1927)
    studies, runs = 4000, 100
    covered = 0
    for share in rng.uniform(0.1, 0.9, studies):
        low, high = _limits(estimate_share((rng.random(runs) < share).astype(float).tolist()))
        covered += low <= share <= high
    assert 0.93 <= covered / studies <= 0.97


@pytest.mark.parametrize(
    ("value", "signed", "text"),
    [
        (0.0, True, "0"),
        (-0.0, False, "0"),
        (0.004, False, "0.00"),
        (0.004, True, "+0.00"),
        (-1e-6, True, "-0.00"),
        (3.14159, True, "+3.14"),
        (-12.0, False, "-12.00"),
    ],
)
def test_only_zero_is_printed_as_zero(value: float, signed: bool, text: str) -> None:
    """A number too small for its decimals keeps them and its sign, and a zero is 0."""
    assert number_text(value, 2, signed=signed) == text


def test_number_without_decimals_is_not_taken_for_zero() -> None:
    """A number too small for no decimals gets one, so that it does not read as zero."""
    assert number_text(0.2, 0) == "0.2"
    assert number_text(-1e-6, 0) == "-0.0"
    assert number_text(3.2, 0) == "3"


@pytest.mark.parametrize("n", [1, 7, 200])
def test_wilson_limits_of_none_and_all_are_exact(n: int) -> None:
    """Where no run has it the lower limit is exactly 0, where every run has it the upper is 1."""
    assert estimate_share([0.0] * n).low == 0.0
    assert estimate_share([1.0] * n).high == 1.0


def test_loading_the_module_loads_no_slow_library() -> None:
    """A command that shows no statistics does not wait for statsmodels, pandas or scipy's own."""
    code = (
        "import sys, testbed.study.statistics;"
        "sys.exit(any(name in sys.modules for name in ('statsmodels', 'pandas', 'scipy.stats')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
