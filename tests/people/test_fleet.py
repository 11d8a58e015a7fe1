"""What reports do for others: arithmetic that a simulation of many wearers bears out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.people import FleetSettings
from testbed.people.fleet import awareness

quick = settings(derandomize=True, deadline=None, max_examples=100)
FLEETS = st.builds(
    FleetSettings,
    days_between_cases=st.floats(0.1, 365.0),
    reports_to_act=st.integers(1, 50),
    days_to_change=st.floats(1.0, 730.0),
)
shares = st.floats(0.01, 1.0)


@pytest.mark.parametrize(
    ("noticed", "reports", "needed", "between", "change"),
    [(0.8, 0.5, 1, 7.0, 30.0), (0.6, 0.3, 3, 2.0, 90.0), (1.0, 1.0, 2, 10.0, 1.0)],
)
def test_it_is_the_mean_of_many_fleets(
    noticed: float, reports: float, needed: int, between: float, change: float
) -> None:
    """Of 4,000 simulated fleets the means agree to 5 standard errors (wrongly refused < 1e-6)."""
    fleet = FleetSettings(days_between_cases=between, reports_to_act=needed, days_to_change=change)
    found = awareness(noticed, reports, 24.0, fleet)
    dice = np.random.default_rng(7)
    told = dice.random((4000, 400)) < noticed * reports
    case = (np.cumsum(told, axis=1) < needed).sum(axis=1)  # from 0, of the last report needed
    assert case.max() < 399
    aware = case * between + 1.0
    by_then = np.floor((aware + change) / between) + 1
    for mean, sample in (
        (found.cases, case + 1),
        (found.days, aware),
        (found.cases_before_change, by_then),
    ):
        assert mean is not None
        error = sample.std() / np.sqrt(len(sample))
        assert abs(sample.mean() - mean) <= 5 * error + 1e-9


@quick
@given(shares, shares, shares, FLEETS)
def test_more_reports_are_sooner(
    noticed: float, one: float, other: float, fleet: FleetSettings
) -> None:
    """Who reports more is never later, and no fewer wearers are too late."""
    few, many = (awareness(noticed, share, 24.0, fleet) for share in sorted((one, other)))
    for less, more in (
        (few.cases, many.cases),
        (few.days, many.days),
        (few.cases_before_change, many.cases_before_change),
    ):
        assert less is not None
        assert more is not None
        assert more <= less


@quick
@given(shares, FLEETS)
def test_what_nobody_reports_nobody_knows(noticed: float, fleet: FleetSettings) -> None:
    """Without notice, or without reports, a maker is never aware."""
    for found in (awareness(noticed, 0.0, 24.0, fleet), awareness(0.0, noticed, 24.0, fleet)):
        assert (found.reported, found.cases, found.days) == (0.0, None, None)


@quick
@given(shares, shares, FLEETS)
def test_the_first_case_is_always_too_late(
    noticed: float, reports: float, fleet: FleetSettings
) -> None:
    """At least one wearer is attacked before anything is known, and before anything is changed."""
    found = awareness(noticed, reports, 24.0, fleet)
    assert found.cases is not None
    assert found.cases_before_change is not None
    assert 1.0 <= found.cases <= found.cases_before_change


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_share_is_a_share(share: float) -> None:
    """A share outside of 0 to 1 is refused by its name."""
    with pytest.raises(ValueError, match="reports: expected a share from 0 to 1"):
        awareness(0.5, share, 24.0, FleetSettings())
