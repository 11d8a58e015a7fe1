"""Glucose indices against published values and an independent package."""

from __future__ import annotations

import warnings

import iglu_python  # type: ignore[import-untyped,unused-ignore]
import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from testbed.outcomes.indices import hbgi, lbgi, minutes_above, minutes_below, risk

SERIES = st.lists(st.floats(20, 600), min_size=1, max_size=200).map(np.array)


def _frame(mgdl: NDArray[np.float64]) -> pd.DataFrame:
    times = pd.date_range("2020-01-01", periods=len(mgdl), freq="1min")
    return pd.DataFrame({"id": "one", "time": times, "gl": mgdl})


@pytest.mark.parametrize(
    ("mgdl", "expected"),
    [
        (20, 100.04),
        (40, 36.42),
        (54, 18.46),
        (70, 7.76),
        (100, 0.48),
        (180, 7.73),
        (250, 22.44),
        (400, 57.05),
        (600, 99.95),
    ],
)
def test_risk_is_the_published_function(mgdl: float, expected: float) -> None:
    """The risk of a glucose value is Kovatchev's 10 f(G)^2 to two decimals."""
    assert risk(np.array([mgdl]))[0] == pytest.approx(expected, abs=0.005)


def test_risk_is_nothing_at_its_zero() -> None:
    """The risk function has its zero at 112.5 mg/dL."""
    assert risk(np.array([112.5]))[0] == pytest.approx(0, abs=1e-6)


def test_glucose_below_one_counts_as_one() -> None:
    """Glucose that a model drives below 1 mg/dL has the finite risk of 1 mg/dL."""
    assert risk(np.array([-30.0, 0.0, 0.5, 1.0])) == pytest.approx(10 * (1.509 * 5.381) ** 2)


@given(SERIES)
@settings(derandomize=True, deadline=None, max_examples=50)
def test_indices_agree_with_iglu(mgdl: NDArray[np.float64]) -> None:
    """LBGI and HBGI are those of the independent package iglu."""
    frame = _frame(mgdl)
    assert lbgi(mgdl) == pytest.approx(iglu_python.lbgi(frame)["LBGI"][0], rel=1e-9, abs=1e-9)
    assert hbgi(mgdl) == pytest.approx(iglu_python.hbgi(frame)["HBGI"][0], rel=1e-9, abs=1e-9)


@given(SERIES)
@settings(derandomize=True, deadline=None, max_examples=50)
def test_time_in_ranges_agrees_with_iglu(mgdl: NDArray[np.float64]) -> None:
    """Minutes below and above thresholds are iglu's percentages of the same samples."""
    frame = _frame(mgdl)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        below = iglu_python.below_percent(frame, [54, 70])
        above = iglu_python.above_percent(frame, [180, 250])
    percent = 100 / len(mgdl)
    assert minutes_below(mgdl, 54) * percent == pytest.approx(below["below_54"][0])
    assert minutes_below(mgdl, 70) * percent == pytest.approx(below["below_70"][0])
    assert minutes_above(mgdl, 180) * percent == pytest.approx(above["above_180"][0])
    assert minutes_above(mgdl, 250) * percent == pytest.approx(above["above_250"][0])


def test_glucose_at_a_threshold_is_on_neither_side() -> None:
    """A sample at a threshold is neither below nor above it."""
    mgdl = np.array([70.0, 70.0])
    assert minutes_below(mgdl, 70) == minutes_above(mgdl, 70) == 0


def test_indices_of_no_sample_are_an_error() -> None:
    """An index of nothing is refused, not returned as NaN."""
    with pytest.raises(ValueError, match="at least one sample"):
        lbgi(np.array([]))
