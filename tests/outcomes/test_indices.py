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
from testbed.outcomes.indices import (
    Ranges,
    coefficient_of_variation,
    glucose_management_indicator,
    glycaemia_risk_index,
    hbgi,
    lbgi,
    minutes_above,
    minutes_below,
    ranges,
    risk,
)
from testbed.physiology import PATIENT_NAMES, patient, simulate

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


def _day(name: str, extra_U: float) -> NDArray[np.float64]:
    """Return a simulated day: three meals, their boluses and a dose that nobody needs."""
    person = patient(name)
    carbs = np.zeros(1440)
    insulin = np.full(1440, person.basal_U_per_min)
    for minute, grams in ((90, 45.0), (390, 70.0), (750, 80.0)):
        carbs[minute : minute + 20] = grams / 20
        insulin[minute] += 0.8 * grams / person.carb_ratio_g_per_U
    insulin[500] += extra_U
    return simulate(name, carbs, insulin)[:-1]


SIMULATED = [_day(name, extra) for name in PATIENT_NAMES[::20] for extra in (0.0, 2.0, 8.0)]


@pytest.mark.parametrize("mgdl", SIMULATED, ids=range(len(SIMULATED)))
def test_all_indices_of_a_simulated_day_agree_with_iglu(mgdl: NDArray[np.float64]) -> None:
    """Risk indices, GRI, CV, GMI, mean and ranges of simulated days are those of iglu."""
    _agrees(mgdl)
    frame = _frame(np.maximum(mgdl, 1.0))
    assert lbgi(mgdl) == pytest.approx(iglu_python.lbgi(frame)["LBGI"][0], rel=1e-9, abs=1e-9)
    assert hbgi(mgdl) == pytest.approx(iglu_python.hbgi(frame)["HBGI"][0], rel=1e-9, abs=1e-9)


@given(SERIES)
@settings(derandomize=True, deadline=None, max_examples=50)
def test_all_indices_of_random_series_agree_with_iglu(mgdl: NDArray[np.float64]) -> None:
    """GRI, CV, GMI, mean and ranges of random series are those of iglu."""
    _agrees(mgdl)


def _agrees(mgdl: NDArray[np.float64]) -> None:
    frame = _frame(mgdl)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gri = iglu_python.gri(frame)["GRI"][0]
        gmi = iglu_python.gmi(frame)["GMI"][0]
        cv = iglu_python.cv_glu(frame)["CV"][0]
        below = iglu_python.below_percent(frame, [54, 70])
        above = iglu_python.above_percent(frame, [180, 250])
    found = ranges(mgdl)
    assert glycaemia_risk_index(found) == pytest.approx(gri)
    assert glucose_management_indicator(float(mgdl.mean())) == pytest.approx(gmi)
    if mgdl.size > 1:
        assert coefficient_of_variation(mgdl) == pytest.approx(cv, rel=1e-9, abs=1e-9)
    assert sum(found) == mgdl.size
    percent = [found.percent(count) for count in found]
    assert percent[0] == pytest.approx(below["below_54"][0])
    assert percent[0] + percent[1] == pytest.approx(below["below_70"][0])
    assert percent[3] + percent[4] == pytest.approx(above["above_180"][0])
    assert percent[4] == pytest.approx(above["above_250"][0])
    assert sum(percent) == pytest.approx(100)


@pytest.mark.parametrize(
    ("mgdl", "range_"),
    [
        (53.9, "very_low"),
        (54.0, "low"),
        (69.9, "low"),
        (70.0, "target"),
        (180.0, "target"),
        (180.1, "high"),
        (250.0, "high"),
        (250.1, "very_high"),
    ],
)
def test_ranges_have_the_limits_of_the_consensus(mgdl: float, range_: str) -> None:
    """54, 70, 180 and 250 mg/dL belong to the range nearer to the target."""
    assert getattr(ranges(np.array([mgdl])), range_) == 1


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Ranges(0, 0, 100, 0, 0), 0.0),
        (Ranges(1, 3, 70, 20, 6), 3.0 + 7.2 + 9.6 + 16.0),
        (Ranges(0, 0, 0, 100, 0), 80.0),
        (Ranges(0, 0, 0, 0, 100), 100.0),
        (Ranges(50, 0, 50, 0, 0), 100.0),
    ],
)
def test_gri_is_the_published_sum(found: Ranges, expected: float) -> None:
    """GRI is 3.0 VLow + 2.4 Low + 1.6 VHigh + 0.8 High in percent, and at most 100."""
    assert glycaemia_risk_index(found) == pytest.approx(expected)


@pytest.mark.parametrize(("mean", "gmi"), [(100, 5.7), (150, 6.9), (200, 8.1), (350, 11.7)])
def test_gmi_has_its_published_values(mean: float, gmi: float) -> None:
    """Mean glucose of 100, 150, 200 and 350 mg/dL is a GMI of 5.7, 6.9, 8.1 and 11.7 %."""
    assert glucose_management_indicator(mean) == pytest.approx(gmi, abs=0.05)


@pytest.mark.parametrize("mgdl", [[120.0], [-1.0, 1.0], [-5.0, -5.0]])
def test_variation_of_next_to_nothing_is_not_defined(mgdl: list[float]) -> None:
    """One sample, or a mean that is not above 0, has no coefficient of variation."""
    assert coefficient_of_variation(np.array(mgdl)) is None


def test_ranges_of_no_sample_are_an_error() -> None:
    """Shares of nothing are refused, not returned as NaN."""
    with pytest.raises(ValueError, match="at least one sample"):
        ranges(np.array([]))
