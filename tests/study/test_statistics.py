"""Intervals against closed forms, other packages' values and simulated coverage."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, stats  # type: ignore[import-untyped,unused-ignore]
from statsmodels.regression.linear_model import (  # type: ignore[import-untyped,unused-ignore]
    OLS,
)
from statsmodels.stats.multitest import (  # type: ignore[import-untyped,unused-ignore]
    multipletests,
)
from testbed.study import methods
from testbed.study.estimate import Effect, Estimate, number_text
from testbed.study.statistics import (
    adjust,
    estimate_difference,
    estimate_mean,
    estimate_share,
    estimate_share_difference,
)

FINITE = st.floats(-1e6, 1e6)


def _limits(estimate: Estimate) -> tuple[float, float]:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=15, unique=True))
@settings(derandomize=True, deadline=None, max_examples=50)
def test_interval_of_symmetric_values_is_the_t_interval(values: list[int]) -> None:
    """One run a patient and no skewness give the ordinary t interval of scipy."""
    both = [*values, *(-value for value in values)]
    estimate = estimate_mean(both, range(len(both)))
    expected = stats.t.interval(0.95, len(both) - 1, loc=0, scale=stats.sem(both))
    assert _limits(estimate) == pytest.approx(expected)


def test_equal_clusters_give_the_interval_of_the_patients_means() -> None:
    """Where all patients have as many runs, the interval is that of their means."""
    rng = np.random.default_rng(7)
    values = rng.exponential(5, (6, 9))
    means = values.mean(axis=1).tolist()
    estimate = estimate_mean(values.ravel().tolist(), np.repeat(np.arange(6), 9).tolist())
    assert _limits(estimate) == pytest.approx(_limits(estimate_mean(means, range(6))))


def test_clustered_interval_is_that_of_a_peer() -> None:
    """Of patients with as many runs and no skewness, statsmodels' clustered regression agrees."""
    half_of_them, patients = np.random.default_rng(8).normal(3, 1, 20), np.repeat(np.arange(8), 5)
    values = np.concatenate((half_of_them, -half_of_them))
    fit = OLS(values, np.ones((40, 1))).fit(
        cov_type="cluster", cov_kwds={"groups": patients, "use_correction": False}, use_t=True
    )
    half = fit.bse[0] * (8 / 7) ** 0.5 * stats.t.ppf(0.975, 7)
    estimate = estimate_mean(values.tolist(), patients.tolist())
    assert _limits(estimate) == pytest.approx((values.mean() - half, values.mean() + half))


def test_clustered_interval_is_the_published_sandwich() -> None:
    """The limits are where Bell and McCaffrey's t in Hall's transformation is the quantile."""
    values, patients = [1.0, 2.0, 4.0, 3.0, 8.0, 9.0, 7.0, 2.0, 3.0, 4.0], list("aaabcccdde")
    n, g = 10, 5
    mean = 4.3
    # The annihilator of a constant, and the adjustment of each patient's block of it.
    annihilator = np.eye(n) - 1 / n
    blocks = [[i for i in range(n) if patients[i] == name] for name in "abcde"]
    alone, alike, sums = [], [], []
    same = np.array([[one == other for other in patients] for one in patients], dtype=float)
    for block in blocks:
        adjusted = linalg.fractional_matrix_power(annihilator[np.ix_(block, block)], -0.5)
        residuals = np.array([values[i] - mean for i in block])
        sums.append(float((adjusted @ residuals).sum()))
        alone.append(annihilator[:, block] @ adjusted @ np.ones(len(block)) / n)
        alike.append(same @ alone[-1])
    # Satterthwaite, for runs of a patient that are not alike and for those that are all the same.
    inner = np.array([[one @ other for other in alone] for one in alone])
    outer = np.array([[one @ other for other in alike] for one in alone])
    df = min(np.trace(each) ** 2 / np.trace(each @ each) for each in (inner, outer))
    assert df < g - 1
    k, error = df + 1, sum(each**2 for each in sums) ** 0.5 / n
    skewness = np.mean(np.power(sums, 3)) / np.mean(np.power(sums, 2)) ** 1.5
    a = skewness * (k * (k - 1)) ** 0.5 / (k - 2) / k**0.5

    def transformed(truth: float) -> float:
        t = (mean - truth) / error
        return float(t + a * t**2 / 3 + a**2 * t**3 / 27 + a / 6)

    estimate = estimate_mean(values, patients)
    assert estimate.mean == mean
    low, high = _limits(estimate)
    assert transformed(low) == pytest.approx(stats.t.ppf(0.975, df))
    assert transformed(high) == pytest.approx(-stats.t.ppf(0.975, df))
    assert estimate_difference(values, [0.0] * n, patients).p == pytest.approx(
        2 * stats.t.sf(abs(transformed(0.0)), df)
    )


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
    """With one run a patient the limits are those of Newcombe's table to four decimals."""
    estimate = estimate_share([1.0] * ones + [0.0] * (n - ones), range(n))
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
    assert estimate_share([1.0, None, 0.0], "aab").n == 2
    assert estimate_difference([1.0, None, 3.0], [0.0, 1.0, None], "abc").n == 1


def test_nothing_defined_has_no_mean() -> None:
    """Where no run defines a value there is neither mean nor interval."""
    for estimate in (
        estimate_mean([None, None], "ab"),
        estimate_share([], ""),
        estimate_share_difference([None], [1.0], "a"),
        estimate_difference([None], [1.0], "a"),
    ):
        assert (estimate.mean, estimate.low, estimate.high, estimate.n) == (None, None, None, 0)


def test_one_patient_gives_the_interval_of_that_patients_runs() -> None:
    """Runs of one patient are taken as independent, and the method says whom they speak of."""
    values = [1.0, 2.0, 4.0, 7.0]
    alone, apart = estimate_mean(values, "aaaa"), estimate_mean(values, "abcd")
    assert _limits(alone) == _limits(apart)
    yes_no = [1.0, 0.0, 0.0, 1.0, 0.0]
    share, others = estimate_share(yes_no, "aaaaa"), estimate_share(yes_no, "abcde")
    assert _limits(share) == _limits(others)
    for estimate in (alone, share):
        assert "speaks of that person only" in estimate.method
    assert estimate_share([1.0], "a").mean == 1.0


def test_patients_who_happen_to_agree_do_not_make_it_exact() -> None:
    """Patients whose means are the same by chance still leave an interval with a width."""
    estimate = estimate_mean([0.1, 0.3, 0.3, 0.1], "aabb")
    low, high = _limits(estimate)
    assert low < 0.1
    assert high > 0.3
    assert "patients' means are the same" in estimate.method


def test_share_of_something_else_is_an_error() -> None:
    """A share is of zeros and ones."""
    with pytest.raises(ValueError, match=r"expected 0 or 1 for each run, found 0\.5"):
        estimate_share([1.0, 0.5], "ab")


def test_columns_of_different_lengths_are_an_error() -> None:
    """Values and patients come in pairs."""
    with pytest.raises(ValueError, match="found 2 values, 1 patients"):
        estimate_mean([1.0, 2.0], "a")


@pytest.mark.parametrize(
    ("value", "signed", "text"),
    [
        (0.0, True, "0"),
        (-0.0, False, "0"),
        (0.004, False, "0.004"),
        (0.004, True, "+0.004"),
        (-1e-6, True, "-1e-06"),
        (0.006, True, "+0.01"),
        (3.14159, True, "+3.14"),
        (-12.0, False, "-12.00"),
    ],
)
def test_only_zero_is_printed_as_zero(value: float, signed: bool, text: str) -> None:
    """A number too small for its decimals shows its first digit and its sign, and a zero is 0."""
    assert number_text(value, 2, signed=signed) == text


def test_number_without_decimals_is_not_taken_for_zero() -> None:
    """A number too small for no decimals gets as many as it takes not to read as zero."""
    assert number_text(0.2, 0) == "0.2"
    assert number_text(-0.03, 0) == "-0.03"
    assert number_text(-1e-6, 0) == "-1e-06"
    assert number_text(3.2, 0) == "3"


@pytest.mark.parametrize("n", [1, 7, 200])
def test_wilson_limits_of_none_and_all_are_exact(n: int) -> None:
    """Where no run has it the lower limit is exactly 0, where every run has it the upper is 1."""
    none, every = estimate_share([0.0] * n, range(n)), estimate_share([1.0] * n, range(n))
    assert none.low == 0.0 < _limits(none)[1] < 1.0
    assert every.high == 1.0 > _limits(every)[0] > 0.0
    assert _limits(every)[0] == pytest.approx(1 - _limits(none)[1])


def test_clustered_share_is_wilson_on_the_effective_runs() -> None:
    """Runs of a patient that are all alike count as one, with the t quantile of the patients."""
    patients = np.repeat(np.arange(12), 5)
    estimate = estimate_share((patients < 3).astype(float).tolist(), patients.tolist())
    p, q = 0.25, stats.t.ppf(0.975, 11) ** 2 / (12 * (11 / 12) * (60 / 59))
    # Korn and Graubard's effective number with t(59), and Wilson's interval with z.
    q *= stats.norm.ppf(0.975) ** 2 / stats.t.ppf(0.975, 59) ** 2
    middle, half = (p + q / 2) / (1 + q), (q * p * (1 - p) + q * q / 4) ** 0.5 / (1 + q)
    assert _limits(estimate) == pytest.approx((middle - half, middle + half))


def test_runs_less_alike_than_chance_count_no_more_than_their_number() -> None:
    """Patients who agree better than chance do not make the effective number exceed the runs."""
    alternating = estimate_share([0.0, 1.0] * 20, np.repeat(np.arange(10), 4).tolist())
    assert _limits(alternating) == pytest.approx(
        _limits(estimate_share([0.0, 1.0] * 20, range(40)))
    )


def test_none_at_all_says_what_holds_however_alike_runs_are() -> None:
    """Where no run has it, the method has the one-sided bound from the patients alone."""
    none = estimate_share([0.0] * 40, np.repeat(np.arange(10), 4).tolist())
    assert f"at most {1 - 0.05 ** (1 / 10):.3f}, one-sided" in none.method
    every = estimate_share([1.0] * 40, np.repeat(np.arange(10), 4).tolist())
    assert f"at least {0.05 ** (1 / 10):.3f}, one-sided" in every.method


def test_share_difference_is_the_published_square_and_add() -> None:
    """With one pair a patient the limits are those of Newcombe's paired example."""
    # Newcombe, Stat Med 1998;17:2635, method 10, on 36, 12, 2 and 0 pairs.
    ours, theirs = [1.0] * 48 + [0.0] * 2, [1.0] * 36 + [0.0] * 12 + [1.0] * 2
    effect = estimate_share_difference(ours, theirs, range(50))
    assert effect.mean == pytest.approx(0.2)
    assert _limits(effect) == pytest.approx((0.0569, 0.3404), abs=6e-5)


PAIRS = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.integers(0, 4)), min_size=2, max_size=40
)


def _share_effect(pairs: list[tuple[bool, bool, int]]) -> Effect:
    return estimate_share_difference(
        [float(one) for one, _, _ in pairs],
        [float(other) for _, other, _ in pairs],
        [patient for *_, patient in pairs],
    )


@given(PAIRS)
@settings(derandomize=True, deadline=None, max_examples=300)
def test_ratio_and_difference_agree_on_what_they_refute(
    pairs: list[tuple[bool, bool, int]],
) -> None:
    """The ratio's interval holds its mean, and 1 just where the difference's holds 0."""
    effect = _share_effect(pairs)
    low, high = _limits(effect)
    assert effect.mean is not None
    assert -1 <= low <= effect.mean + 1e-12
    assert effect.mean - 1e-12 <= high <= 1
    if not any(other for _, other, _ in pairs):
        assert effect.ratio is None
        return
    assert effect.ratio is not None
    assert effect.ratio.mean is not None
    less, more = _limits(effect.ratio)
    assert 0 <= less <= effect.ratio.mean * (1 + 1e-9)
    assert effect.ratio.mean <= more * (1 + 1e-9)
    if min(abs(low), abs(high)) > 1e-9:
        assert (low <= 0 <= high) == (less <= 1 <= more)


@given(PAIRS)
@settings(derandomize=True, deadline=None, max_examples=100)
def test_swapping_the_arms_turns_the_difference_round(
    pairs: list[tuple[bool, bool, int]],
) -> None:
    """The baseline less the arm is the arm less the baseline with the other sign."""
    effect = _share_effect(pairs)
    swapped = _share_effect([(other, one, patient) for one, other, patient in pairs])
    low, high = _limits(effect)
    assert _limits(swapped) == pytest.approx((-high, -low), abs=1e-12)
    assert swapped.p == effect.p


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=20))
@settings(derandomize=True, deadline=None)
def test_share_that_equals_its_baseline_differs_by_exactly_zero(
    runs: list[tuple[bool, int]],
) -> None:
    """Runs that equal their baseline differ by exactly 0, with a ratio of exactly 1."""
    effect = _share_effect([(one, one, patient) for one, patient in runs])
    assert (effect.mean, effect.low, effect.high, effect.p) == (0.0, 0.0, 0.0, 1.0)
    if effect.ratio is not None:
        assert (effect.ratio.mean, effect.ratio.low, effect.ratio.high) == (1.0, 1.0, 1.0)


def test_share_that_falls_to_none_has_limits_and_no_exactness() -> None:
    """An arm in which no run has it is told with limits: 30 pairs do not make it certain."""
    effect = estimate_share_difference([0.0] * 30, [1.0] * 30, np.repeat(range(10), 3).tolist())
    assert effect.mean == -1.0
    assert -1.0 == effect.low < _limits(effect)[1] < -0.8
    assert effect.ratio is not None
    assert effect.ratio.low == 0.0 < _limits(effect.ratio)[1] < 0.2


@given(st.integers(0, 30), st.integers(0, 30))
@settings(derandomize=True, deadline=None)
def test_yes_no_is_tested_by_mcnemars_exact_test(gained: int, lost: int) -> None:
    """The p-value is that of a binomial test of the pairs that differ."""
    effect = _share_effect(
        [(True, False, 0)] * gained + [(False, True, 1)] * lost + [(True, True, 2)]
    )
    assert effect.test == methods.MCNEMAR
    if gained + lost:
        assert effect.p == pytest.approx(stats.binomtest(gained, gained + lost).pvalue)
    else:
        assert effect.p == 1.0


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 5)), min_size=2, max_size=30),
    st.integers(-9, 9),
)
@settings(derandomize=True, deadline=None, max_examples=200)
def test_p_is_below_5_percent_just_where_the_interval_leaves_0_out(
    runs: list[tuple[int, int]], shift: int
) -> None:
    """A difference's test and its interval say the same."""
    ours = [float(value + shift) for value, _ in runs]
    effect = estimate_difference(ours, [0.0] * len(runs), [patient for _, patient in runs])
    low, high = _limits(effect)
    assert effect.mean is not None
    assert low <= effect.mean <= high
    if effect.test == methods.T_TEST and "the same" not in effect.method:
        assert effect.p is not None
        if abs(effect.p - 0.05) > 1e-9:
            assert (effect.p < 0.05) == (not low <= 0 <= high)


def test_difference_that_is_the_same_in_every_pair_has_a_sign_test() -> None:
    """Without any variance the p-value is that of all patients going one way."""
    same = estimate_difference([3.0] * 6, [1.0] * 6, "aabbcc")
    assert (same.p, same.test) == (0.25, methods.SIGN_TEST)
    assert estimate_difference([3.0] * 6, [3.0] * 6, "aabbcc").p == 1.0


def test_holm_multiplies_the_smallest_p_by_all_and_leaves_out_what_has_none() -> None:
    """Holm's correction is worked out by hand, over the arms that have a test."""
    effects = [Effect(1.0, 0.0, 2.0, 9, "m", p) for p in (0.04, 0.01, None, 0.03)]
    assert [each.p_adjusted for each in adjust(effects)] == pytest.approx([0.06, 0.03, None, 0.06])
    assert [each.p for each in adjust(effects)] == [0.04, 0.01, None, 0.03]


@given(st.lists(st.floats(0, 1) | st.sampled_from([0.0, 0.01, 0.05, 1.0]), max_size=12))
def test_holm_is_that_of_statsmodels(p_values: list[float]) -> None:
    """Holm's correction is the same as in statsmodels, in any order and with ties."""
    found = [each.p_adjusted for each in adjust([Effect(1, 0, 2, 9, "m", p) for p in p_values])]
    expected = multipletests(p_values, method="holm")[1] if p_values else []
    assert found == pytest.approx(list(expected), rel=1e-12, abs=0)


def test_loading_the_module_loads_no_slow_library() -> None:
    """A command that shows no statistics does not wait for statsmodels, pandas or scipy's own."""
    code = (
        "import sys, testbed.study.statistics;"
        "sys.exit(any(name in sys.modules for name in ('statsmodels', 'pandas', 'scipy.stats')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
