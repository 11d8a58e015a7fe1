"""Tidepool's DKA index against its published values and conservation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from testbed.outcomes import METRICS
from testbed.outcomes.facts import Facts
from testbed.outcomes.lack import ACTION_MIN, dka_index_h, on_board
from testbed.physiology import patient
from tests.outcomes.conftest import Script

BASAL = 1 / 60
"""1 U/h, in U/min."""


def stopped(hours: float, day: int = 2880) -> NDArray[np.float64]:
    """Return a basal programme that stops for some hours, with nothing else."""
    insulin = np.full(day, BASAL)
    insulin[600 : 600 + round(hours * 60)] = 0.0
    return insulin


@pytest.mark.parametrize(
    ("hours", "share"), [(0, 1.0), (1, 0.779), (2, 0.450), (3, 0.208), (4, 0.073), (5, 0.014)]
)
def test_insulin_on_board_is_loops_curve(hours: float, share: float) -> None:
    """The adult preset leaves 77.9, 45.0, 20.8, 7.3 and 1.4 % after 1 to 5 h."""
    assert on_board(np.array([60.0 * hours]))[0] == pytest.approx(share, abs=0.0006)


def test_insulin_on_board_falls_from_all_to_nothing() -> None:
    """A dose is all on board at first, never rises, and is gone after 6 h."""
    curve = on_board(np.arange(0.0, 500.0))
    assert curve[0] == pytest.approx(1)
    assert (np.diff(curve) <= 1e-12).all()
    assert abs(curve[ACTION_MIN:]).max() < 1e-12
    # Steady state: 2.023 h times the rate.
    assert curve.sum() / 60 - 0.5 / 60 == pytest.approx(2.023, abs=0.001)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(0, 0.0), (1, 0.0), (2, 1.73), (3, 2.95), (4, 4.0), (6, 6.0), (8, 8.0), (14, 14.0)],
)
def test_a_full_stop_has_its_known_index(hours: float, expected: float) -> None:
    """A stop of 1 h gives 0, of 2 h 1.73, of 3 h 2.95, and from 4 h on its own length.

    From the curve: basal insulin on board falls below half 68 min after a stop, and is
    back above it 68 min after the end of a long one.
    """
    assert dka_index_h(stopped(hours), BASAL) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("hours", [4, 9])
def test_half_of_basal_is_lost_68_minutes_after_a_stop(hours: int) -> None:
    """No minute counts until 68 min after the stop, and all from there on while it lasts."""
    insulin = stopped(hours)
    counted = [dka_index_h(insulin[:end], BASAL) * 60 for end in range(600, 600 + hours * 60)]
    first = next(at for at, minutes in enumerate(counted) if minutes)
    assert first == pytest.approx(68, abs=1)
    assert np.diff(counted[first:]) == pytest.approx(1)


@pytest.mark.parametrize("hours", [0, 3, 24])
def test_no_insulin_ever_counts_every_hour(hours: int) -> None:
    """Tidepool's own test: without insulin on board n hours have an index of n.

    Here the insulin of before the start has to go first, which takes 68 min.
    """
    found = dka_index_h(np.zeros(hours * 60), BASAL)
    assert found == pytest.approx(max(hours - 68 / 60, 0), abs=1 / 60)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.45, 0.49])
def test_less_than_half_the_rate_for_long_is_too_little(share: float) -> None:
    """Once the insulin of before has gone, after 6 h, every hour at a reduced rate counts."""
    found = dka_index_h(np.full(1440, share * BASAL), BASAL)
    assert 24 - 6 <= found < 24


@given(
    st.lists(st.floats(0.5, 40), min_size=1, max_size=200),
    st.floats(0.001, 0.1),
)
@settings(derandomize=True, deadline=None, max_examples=50)
def test_half_the_rate_at_every_minute_is_never_too_little(times: list[float], rate: float) -> None:
    """Tidepool's own test: exactly half of the steady insulin on board is not less than half."""
    assert dka_index_h(rate * np.array(times), rate) == 0.0


@given(
    seed=st.integers(0, 2**32),
    rate=st.floats(0.001, 0.1),
    scale=st.sampled_from([0.25, 0.5, 2.0, 8.0]),
)
@settings(derandomize=True, deadline=None, max_examples=30)
def test_the_index_knows_no_unit_of_insulin_and_falls_with_more(
    seed: int, rate: float, scale: float
) -> None:
    """Insulin and rate may be scaled alike; more insulin never gives a higher index."""
    dice = np.random.default_rng(seed)
    insulin = rate * dice.uniform(0, 1.2, 600) * (dice.random(600) < 0.5)
    found = dka_index_h(insulin, rate)
    assert dka_index_h(scale * insulin, scale * rate) == found
    assert dka_index_h(insulin + rate * dice.random(600), rate) <= found


def test_the_metric_measures_by_the_persons_own_rate(script: Script) -> None:
    """A run with its person's steady basal insulin lacks none, and one with none does."""
    trace = script.trace()
    run = Facts(trace)
    metric = METRICS["dka_index_h"]
    trace.insulin_nU[:] = round(patient("adult#001").basal_U_per_min * 1e9)
    assert metric.of(run, run) == 0.0
    long = Script(minutes=600).trace(np.full(601, 120.0))
    assert metric.of(Facts(long), Facts(long)) == pytest.approx((600 - 68) / 60, abs=1 / 60)
