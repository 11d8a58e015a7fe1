"""The error model of Breton and Kovatchev against its published law and two independent peers."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from scipy.interpolate import interp1d
from scipy.stats import kstest, norm
from testbed.physiology import shown_mgdl
from testbed.physiology.sensor_errors import BretonKovatchev

XI, LAMBDA, GAMMA, DELTA, PHI = -5.47, 15.9574, -0.5444, 1.6898, 0.7
LATENT_SD = PHI / math.sqrt(1 - PHI**2)
KNOTS = 200_000
FALSE_ALARM = 1e-6
"""Each statistical test below refuses a right program with this probability, over all seeds."""
Z = norm.isf(FALSE_ALARM / 2)

deterministic = settings(derandomize=True, deadline=None, max_examples=60)


def generator(seed: int = 20080401) -> np.random.Generator:
    """Return a generator whose stream depends on the seed alone."""
    return np.random.Generator(np.random.Philox(key=seed))


def breton_kovatchev(dice: np.random.Generator, readings: int, period: int = 5) -> np.ndarray:
    """Return the additive errors of a sensor with the published numbers."""
    return BretonKovatchev().series(dice, readings, period).offset_mgdl


class Told:
    """Stands in for a generator, and gives the normal numbers that it is told."""

    def __init__(self, numbers: np.ndarray) -> None:
        self.numbers = numbers

    def standard_normal(self, count: int) -> np.ndarray:
        """Return the first ``count`` of them."""
        assert count <= self.numbers.size
        return self.numbers[:count].copy()


@pytest.fixture(scope="module")
def knots() -> np.ndarray:
    """Errors at the knots, 15 min apart, after the start has been forgotten."""
    return breton_kovatchev(generator(), 3 * KNOTS)[::3][50:]


def latent(errors: np.ndarray) -> np.ndarray:
    """Return the latent series behind errors at the knots."""
    return GAMMA + DELTA * np.arcsinh((errors - XI) / LAMBDA)


def test_moments_are_those_of_the_johnson_distribution(knots: np.ndarray) -> None:
    """Mean 0.72 and standard deviation 11.7 mg/dL follow from the parameters and are met."""
    spread = LATENT_SD**2 / DELTA**2
    shift = -GAMMA / DELTA
    mean = XI + LAMBDA * math.sinh(shift) * math.exp(spread / 2)
    second = (math.exp(2 * spread) * math.cosh(2 * shift) - 1) / 2
    sd = math.sqrt(LAMBDA**2 * second - (mean - XI) ** 2)
    assert mean == pytest.approx(0.7, abs=0.05)
    assert sd == pytest.approx(11.7, abs=0.05)
    independent = knots[::25]  # 0.7 ** 25 = 1e-4: as good as independent
    n = independent.size
    assert abs(independent.mean() - mean) < Z * sd / math.sqrt(n)
    squares = (independent - mean) ** 2
    assert abs(squares.mean() - sd**2) < Z * squares.std() / math.sqrt(n)


def test_quantiles_are_those_of_the_johnson_distribution(knots: np.ndarray) -> None:
    """Taken back through the transform, errors 6 h apart are normal with sd 0.98."""
    independent = latent(knots[::25])
    assert kstest(independent, norm(scale=LATENT_SD).cdf).pvalue > FALSE_ALARM


def test_ninety_five_percent_lie_between_minus_20_and_27(knots: np.ndarray) -> None:
    """The central 95 % of errors reach from about -20 to +27 mg/dL."""
    low, high = np.quantile(knots, [0.025, 0.975])
    assert low == pytest.approx(-20, abs=1)
    assert high == pytest.approx(27, abs=1)


def test_the_latent_series_forgets_at_its_rate(knots: np.ndarray) -> None:
    """The lag-1 autocorrelation of the latent series, at 15 min, is 0.7."""
    series = latent(knots)
    found = np.corrcoef(series[:-1], series[1:])[0, 1]
    # Bartlett: the estimate of an AR(1) coefficient has variance (1 - phi^2)/n.
    assert abs(found - PHI) < Z * math.sqrt((1 - PHI**2) / series.size)


@pytest.mark.parametrize("period", [1, 3, 5, 10, 30])
def test_interpolation_is_the_cubic_spline_of_scipy(period: int) -> None:
    """Each 150 min are the not-a-knot cubic spline through 11 points of the recursion."""
    windows = 4
    draws = generator().standard_normal(1 + 10 * windows)
    e = [draws[0]]
    for v in draws[1:]:
        e.append(PHI * (e[-1] + v))
    points = XI + LAMBDA * np.sinh((np.array(e) - GAMMA) / DELTA)
    expected = [
        interp1d(np.arange(0, 151, 15), points[10 * w : 10 * w + 11], kind="cubic")(
            np.arange(0, 150, period)
        )
        for w in range(windows)
    ]
    found = breton_kovatchev(generator(), windows * 150 // period, period)
    np.testing.assert_allclose(found, np.concatenate(expected), rtol=0, atol=1e-10)


def test_the_noise_is_that_of_simglucose() -> None:
    """From the same innovations come the errors of simglucose 0.2.11, one reading later.

    That package gives away its first value, the one at time 0.
    """
    with (Path(__file__).parent / "data" / "simglucose_cgm_noise.csv").open() as file:
        rows = list(csv.DictReader(file))
    innovations, noise = (
        np.array([float(row["value"]) for row in rows if row["series"] == series])
        for series in ("innovation", "noise_mgdl")
    )
    found = breton_kovatchev(Told(innovations), noise.size + 1)
    np.testing.assert_allclose(found[1:], noise, rtol=0, atol=1e-10)


def test_the_gain_is_one() -> None:
    """The error is additive: a sensor without noise would show what is there."""
    assert (BretonKovatchev().series(generator(), 50, 5).gain == 1.0).all()


@pytest.mark.parametrize(
    ("readings", "period", "message"),
    [
        (-1, 5, "readings: expected 0 or more, found -1"),
        (10, 0, "period_min: expected a divisor of 150, found 0"),
        (10, 7, "period_min: expected a divisor of 150, found 7"),
    ],
)
def test_impossible_requests_are_refused(readings: int, period: int, message: str) -> None:
    """A negative count or a period that does not fit the window is an error."""
    with pytest.raises(ValueError, match=message):
        breton_kovatchev(generator(), readings, period)


@pytest.mark.parametrize(
    ("mgdl", "shown"),
    [(120.4, 120), (120.6, 121), (20.0, 39), (620.0, 600), (-1.0, 39), (np.float64(39.2), 39)],
)
def test_a_reading_is_whole_and_within_the_range(mgdl: float, shown: int) -> None:
    """A screen shows whole mg/dL, within what the device shows."""
    reading = shown_mgdl(mgdl, 39, 600)
    assert type(reading) is int
    assert reading == shown


def test_glucose_not_lived_yet_cannot_be_read() -> None:
    """Reading a minute that was not integrated is an error and not a number."""
    with pytest.raises(ValueError, match="NaN"):
        shown_mgdl(math.nan, 39, 600)
