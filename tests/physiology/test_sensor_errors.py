"""What every error model of a sensor keeps to, and the laws of each but the first; gaps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.signal import lfilter
from scipy.stats import binomtest, kstest, norm
from testbed.physiology import ERROR_MODELS, missing_readings
from testbed.physiology.sensor_errors import Facchinetti2014, Vettoretti2019
from testbed.physiology.sensor_errors.dissected import settled_sd

FALSE_ALARM = 1e-6
"""Each statistical test below refuses a right program with this probability, over all seeds."""
Z = norm.isf(FALSE_ALARM / 2)

deterministic = settings(derandomize=True, deadline=None, max_examples=60)


def generator(seed: int = 20140301) -> np.random.Generator:
    """Return a generator whose stream depends on the seed alone."""
    return np.random.Generator(np.random.Philox(key=seed))


@pytest.mark.parametrize("name", ERROR_MODELS)
@deterministic
@given(
    fewer=st.integers(0, 400),
    more=st.integers(0, 400),
    period=st.sampled_from([1, 3, 5, 15]),
    seed=st.integers(0, 2**32),
)
def test_more_readings_leave_the_earlier_ones(
    name: str, fewer: int, more: int, period: int, seed: int
) -> None:
    """Asking for more readings of a stream gives the same bits for the first ones."""
    model = ERROR_MODELS[name]()
    few = model.series(generator(seed), fewer, period)
    many = model.series(generator(seed), fewer + more, period)
    for short, long in zip(few, many, strict=True):
        assert short.shape == (fewer,)
        assert long.shape == (fewer + more,)
        assert np.array_equal(short, long[:fewer])


@pytest.mark.parametrize("name", ERROR_MODELS)
def test_a_negative_number_of_readings_is_an_error(name: str) -> None:
    """No model makes fewer than no readings."""
    with pytest.raises(ValueError, match="expected 0 or more, found -1"):
        ERROR_MODELS[name]().series(generator(), -1, 5)


@pytest.mark.parametrize("name", ERROR_MODELS)
def test_every_model_says_what_it_is(name: str) -> None:
    """A model has the name it is registered by, and a line that says what it is."""
    assert ERROR_MODELS[name].name == name
    assert len(ERROR_MODELS[name].about) > 20


@pytest.mark.parametrize(
    "name", ["breton-kovatchev", "facchinetti-2014", "vettoretti-2019", "none"]
)
@pytest.mark.parametrize("glucose", [70.0, 120.0, 250.0])
def test_relative_difference_is_that_of_the_models_law(name: str, glucose: float) -> None:
    """The MARD at a glucose value is the one that the published distribution gives.

    Thirty sensors of 7 days each; readings 6 h apart are as good as independent.
    """
    model = ERROR_MODELS[name]()
    differences = []
    for seed in range(30):
        gain, offset = model.series(generator(seed), 7 * 288, 5)
        differences.extend((np.abs(gain * glucose + offset - glucose) / glucose)[72::72])
    found = np.array(differences)
    dice = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    days = np.arange(72, 7 * 288, 72)[:, None] / 288
    if name == "breton-kovatchev":
        latent = dice * 0.7 / math.sqrt(1 - 0.49)
        law = -5.47 + 15.9574 * np.sinh((latent + 0.5444) / 1.6898)
    elif name == "facchinetti-2014":
        law = (0.1 + 2e-4 * days) * glucose - 14.8 + 0.04 * days + dice * 10.442
    elif name == "vettoretti-2019":
        drift = (0.048 - 0.033 * days + 0.002 * days**2) * glucose
        law = drift - 6.398 + 6.179 * days - 0.448 * days**2 + dice * 7.960
    else:
        assert not found.any()
        return
    expected = np.abs(law / glucose).mean()
    assert abs(found.mean() - expected) < Z * found.std() / math.sqrt(found.size)


# Facchinetti et al. 2014 and Vettoretti et al. 2019 -------------------------------------


def noise(readings: int, **parameters: float) -> np.ndarray:
    """Return the noise alone, without calibration error."""
    clean = {"a0": 1.0, "a1_per_day": 0.0, "b0_mgdl": 0.0, "b1_mgdl_per_day": 0.0}
    model = Facchinetti2014.model_validate({**clean, **parameters})
    return model.series(generator(), readings, 5).offset_mgdl


def test_calibration_error_is_the_published_line() -> None:
    """Without noise the sensor shows (1.1 + 0.0002 t) G - 14.8 + 0.04 t, t in days."""
    model = Facchinetti2014(common_variance_mg2dl2=0.0, own_variance_mg2dl2=0.0)
    gain, offset = model.series(generator(), 10 * 288 + 1, 5)
    assert gain[0] == 1.1
    assert gain[-1] == pytest.approx(1.102)
    assert offset[0] == -14.8
    assert offset[-1] == pytest.approx(-14.4)
    assert gain[0] * 148.0 + offset[0] == pytest.approx(148.0)


def test_calibration_error_is_the_published_curve() -> None:
    """The G6's gain goes from 1.048 to 0.918 in 10 days, its offset by 14.9 to 10.6 mg/dL."""
    model = Vettoretti2019(common_variance_mg2dl2=0.0, own_variance_mg2dl2=0.0)
    gain, offset = model.series(generator(), 10 * 288 + 1, 5)
    assert gain[0] == 1.048
    assert gain[-1] == pytest.approx(0.918)
    assert offset[0] == -6.398
    assert offset.max() == pytest.approx(14.91, abs=0.005)
    assert offset[-1] == pytest.approx(10.592)


@pytest.mark.parametrize(
    ("model", "kept", "sd"),
    [
        (Facchinetti2014, "common", 7.7),
        (Facchinetti2014, "own", 7.1),
        (Facchinetti2014, "both", 10.4),
        (Vettoretti2019, "common", 6.1),
        (Vettoretti2019, "own", 5.1),
        (Vettoretti2019, "both", 8.0),
    ],
)
def test_noise_has_the_published_spread(
    model: type[Facchinetti2014 | Vettoretti2019], kept: str, sd: float
) -> None:
    """Common and own noise, and both together, have the spread that follows from the paper's."""
    off = {"common": "own_variance_mg2dl2", "own": "common_variance_mg2dl2"}.get(kept)
    sensor = model.model_validate({off: 0.0} if off else {})
    gain, offset = sensor.series(generator(), 500_000, 5)
    silent = {"own_variance_mg2dl2": 0.0, "common_variance_mg2dl2": 0.0}
    line = model.model_validate(silent).series(generator(), 500_000, 5)
    assert np.array_equal(gain, line.gain)
    found = (offset - line.offset_mgdl)[::72]
    variance = sd**2
    error = Z * math.sqrt(2 / found.size) * variance  # of the variance of normal numbers
    assert abs(found.var() - variance) < error + 0.1 * sd  # sd is told to one decimal


def test_noise_is_settled_from_the_first_reading() -> None:
    """The first two readings of many sensors have the law of all the later ones."""
    model = Facchinetti2014(a0=1.0, b0_mgdl=0.0, a1_per_day=0.0, b1_mgdl_per_day=0.0)
    firsts = np.array([model.series(generator(n), 2, 5).offset_mgdl for n in range(4000)])
    sd = math.hypot(settled_sd(1.23, -0.3995, 11.3), settled_sd(1.013, -0.2135, 14.45))
    for at in (0, 1):
        assert kstest(firsts[:, at], norm(scale=sd).cdf).pvalue > FALSE_ALARM


def test_noise_follows_its_recursion() -> None:
    """From the third step on the series is the filter that scipy makes of the same dice."""
    dice = generator().standard_normal((400, 2))[:, 1]
    x = noise(400, common_variance_mg2dl2=0.0)
    driven = lfilter([math.sqrt(14.45)], [1.0, -1.013, 0.2135], np.r_[0.0, 0.0, dice[2:]])
    start = lfilter([1.0], [1.0, -1.013, 0.2135], np.r_[x[0], x[1] - 1.013 * x[0], np.zeros(398)])
    np.testing.assert_allclose(x, driven + start, rtol=0, atol=1e-9)


@pytest.mark.parametrize("step", [1, 5, 15])
def test_a_step_of_the_noise_has_its_length(step: int) -> None:
    """Readings within one step share its noise; with steps of a minute every fifth is read."""
    x = noise(600, noise_step_min=step)
    each = 15 // 5 if step == 15 else 1
    held = x.reshape(-1, each)
    assert (held == held[:, :1]).all()
    lag = np.corrcoef(x[:-3:3], x[3::3])[0, 1]  # 15 min
    assert {1: lag < 0.4, 5: 0.4 < lag < 0.9, 15: lag > 0.85}[step]


def test_noise_that_would_grow_without_end_is_refused() -> None:
    """Factors that sum to 1 or more are an error that names them."""
    with pytest.raises(ValidationError, match="expected own_ar1 and own_ar2 below 1 together"):
        Facchinetti2014(own_ar1=1.2, own_ar2=-0.2)


# Gaps ---------------------------------------------------------------------------------


@deterministic
@given(
    fewer=st.integers(0, 300),
    more=st.integers(0, 300),
    share=st.floats(0, 0.5),
    burst=st.floats(5, 120),
    seed=st.integers(0, 2**32),
)
def test_more_readings_leave_the_earlier_gaps(
    fewer: int, more: int, share: float, burst: float, seed: int
) -> None:
    """Asking for more readings of a stream leaves out the same ones among the first."""
    few = missing_readings(generator(seed), fewer, 5, share, burst)
    many = missing_readings(generator(seed), fewer + more, 5, share, burst)
    assert np.array_equal(few, many[:fewer])


def test_no_share_is_no_gap() -> None:
    """With a share of 0 no reading is missing."""
    assert not missing_readings(generator(), 5000, 5, 0.0, 10.0).any()


@pytest.mark.parametrize("share", [0.01, 0.04, 0.1])
@pytest.mark.parametrize("burst_min", [5.0, 10.0, 45.0])
def test_gaps_have_their_share_and_length(share: float, burst_min: float) -> None:
    """The share of missing readings and the mean length of a burst are those asked for."""
    readings = 400_000
    missing = missing_readings(generator(), readings, 5, share, burst_min)
    edges = np.flatnonzero(np.diff(np.r_[False, missing, False].astype(int)))
    lengths = (edges[1::2] - edges[::2]) * 5.0
    n = lengths.size
    spread = math.sqrt(burst_min * max(burst_min - 5.0, 0.0))  # of a geometric number of readings
    assert abs(lengths.mean() - burst_min) <= Z * spread / math.sqrt(n) + 1e-9
    # The share varies with the number and with the length of bursts.
    error = Z * share * math.sqrt((1 + (spread / burst_min) ** 2) / n)
    assert abs(missing.mean() - share) < error


def test_nine_in_ten_default_gaps_are_shorter_than_20_min() -> None:
    """Bursts of 10 min on average are shorter than 20 min in 87.5 %, "approximately 90 %"."""
    missing = missing_readings(generator(), 400_000, 5, 0.04, 10.0)
    edges = np.flatnonzero(np.diff(np.r_[False, missing, False].astype(int)))
    lengths = (edges[1::2] - edges[::2]) * 5
    short = int((lengths < 20).sum())
    assert binomtest(short, lengths.size, 1 - 0.5**3).pvalue > FALSE_ALARM
