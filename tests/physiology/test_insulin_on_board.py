"""The exponential curve of insulin on board, against published numbers and by integration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from testbed.physiology.insulin_on_board import InsulinAction, on_board

quick = settings(derandomize=True, deadline=None, max_examples=60)

ADULT = InsulinAction(360.0, 75.0)
curves = st.builds(
    lambda duration, share: InsulinAction(duration, duration * share),
    st.floats(120.0, 600.0),
    st.floats(0.1, 0.45),
)


def test_published_shares_of_the_adult_preset() -> None:
    """At 1 to 5 hours the preset of 360 and 75 minutes has the shares left that are published."""
    left = ADULT.remaining(np.arange(60.0, 301.0, 60.0))
    assert left == pytest.approx([0.779, 0.450, 0.208, 0.073, 0.014], abs=5e-4)


@quick
@given(curves)
def test_all_is_left_at_first_and_nothing_at_last(curve: InsulinAction) -> None:
    """A dose is whole when given, and gone at the duration of action and ever after."""
    assert curve.remaining([-5.0, 0.0]).tolist() == [1.0, 1.0]
    late = curve.duration_min * np.array([1.0, 1.5])
    assert curve.remaining(late).tolist() == [0.0, 0.0]
    assert float(curve.remaining(curve.duration_min * (1 - 1e-9))) == pytest.approx(0.0, abs=1e-6)


@quick
@given(curves, st.floats(0.01, 0.99))
def test_what_is_left_is_what_will_act(curve: InsulinAction, share: float) -> None:
    """The formula of what is left agrees with numerical integration of the activity to come."""
    t = share * curve.duration_min
    to_come, _ = quad(lambda x: float(curve.activity(x)), t, curve.duration_min, epsabs=1e-10)
    assert float(curve.remaining(t)) == pytest.approx(to_come, abs=1e-8)


@quick
@given(curves)
def test_action_peaks_at_its_peak(curve: InsulinAction) -> None:
    """The activity is greatest at the stated peak."""
    around = curve.activity(curve.peak_min * np.array([0.99, 1.0, 1.01]))
    assert around.argmax() == 1


@quick
@given(curves)
def test_less_and_less_is_left(curve: InsulinAction) -> None:
    """What is left never grows."""
    left = curve.remaining(np.linspace(0.0, curve.duration_min, 200))
    assert (np.diff(left) <= 1e-12).all()


def test_steady_basal_has_the_published_amount_on_board() -> None:
    """1 U/h for longer than the duration of action has 2.023 U on board (by integration)."""
    ages = np.arange(360) + 0.5
    doses = np.full(600, 1 / 60)
    assert on_board(ADULT.remaining(ages), doses) == pytest.approx(2.023, abs=1e-3)


def test_doses_older_than_the_curve_count_nothing() -> None:
    """Only as many minutes back as the curve is long are looked at, the newest dose first."""
    curve = np.array([1.0, 0.5])
    assert on_board(curve, np.array([100.0, 4.0, 2.0])) == 4.0
    assert on_board(curve, np.array([2.0])) == 2.0
    assert on_board(curve, np.array([])) == 0.0


@pytest.mark.parametrize(("duration", "peak"), [(360, 180), (360, 0), (360, -1), (100, 75)])
def test_a_curve_that_does_not_exist(duration: float, peak: float) -> None:
    """A peak that is not above 0 and below half the duration is refused by its numbers."""
    with pytest.raises(ValueError, match=f"found {peak} and {duration} min"):
        InsulinAction(duration, peak)
