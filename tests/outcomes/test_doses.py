"""Each published way to call a dose unsafe, on hand-made runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.outcomes import Context, measure
from testbed.outcomes.doses import most_within
from testbed.outcomes.lack import left_of_a_dose
from testbed.trace import BasalDelivered, ReadingStored, Trace

if TYPE_CHECKING:
    from tests.outcomes.conftest import Script

UNIT = 1_000_000_000


@pytest.mark.parametrize(("units", "expected"), [(6.0, 0.0), (6.1, 1.0)])
def test_a_dose_is_over_the_largest_bolus_only_beyond_it(
    script: Script, units: float, expected: float
) -> None:
    """The largest bolus itself is allowed, whoever sends it."""
    script.bolus(script.attacked(), round(units * UNIT))
    trace = script.trace()
    assert measure(trace, trace, Context(max_bolus_U=6.0))["over_max_bolus"] == expected
    assert measure(trace, trace)["largest_false_bolus_U"] == units


def test_a_persons_own_dose_is_no_dose_of_an_attack(script: Script) -> None:
    """What a person gives unprompted is in none of the shares of an attack's doses."""
    script.bolus(script.acted(), 30 * UNIT)
    trace = script.trace()
    measured = measure(trace, trace)
    assert measured["over_max_bolus"] == measured["eventual_below_70"] == 0.0
    assert measured["eventual_mgdl"] is None


def test_a_dose_by_a_false_reading_is_a_dose_of_an_attack(script: Script) -> None:
    """A person who is deceived into a dose gives one of the attack's."""
    stored = script.add(ReadingStored(0, script.sent(script.attacked()), "meter", 400))
    script.bolus(script.acted(cause=stored), 11 * UNIT)
    trace = script.trace()
    assert measure(trace, trace)["over_max_bolus"] == 1.0


@given(insulin=st.lists(st.integers(0, 1000), min_size=1, max_size=60), minutes=st.integers(1, 70))
@settings(derandomize=True, deadline=None)
def test_the_most_within_a_time_is_that_of_some_stretch(insulin: list[int], minutes: int) -> None:
    """The rolling maximum is the largest sum of consecutive minutes, looked for one by one."""
    expected = max(sum(insulin[at : at + minutes]) for at in range(len(insulin)))
    assert most_within(np.array(insulin, dtype=np.int64), minutes) == expected


def test_caps_of_two_hours_and_of_a_day_are_apart(script: Script) -> None:
    """Insulin spread over a day is over its cap, and not over that of two hours."""
    day = type(script)(minutes=24 * 60)
    trace = day.trace()
    trace.insulin_nU[::60] = UNIT
    day.add(BasalDelivered(0, -1, 24 * UNIT))
    trace = Trace(tuple(day.events), trace.plasma_mgdl, trace.insulin_nU, trace.carbs_g)
    measured = measure(trace, trace, Context(most_in_2h_U=2.0, most_in_24h_U=23.0))
    assert (measured["most_in_2h_U"], measured["most_in_24h_U"]) == (2.0, 24.0)
    assert (measured["over_in_2h"], measured["over_in_24h"]) == (0.0, 1.0)


def test_eventual_glucose_is_the_calculators(make_script: type[Script]) -> None:
    """Glucose less the factor times boluses on board, plus what is eaten and not absorbed."""
    script = make_script(40.0, minutes=180)
    script.bolus(script.acted(), 2 * UNIT, minute=30)
    script.bolus(script.attacked(90), UNIT, minute=90)
    trace = script.trace(np.full(181, 150.0))
    trace.carbs_g[45] = 20.0
    # A carb ratio of 10 g/U and a factor of 40 mg/dL per U make 4 mg/dL of a gram.
    expected = 150 - 40 * (1 + 2 * left_of_a_dose(60)) + 4 * 20 * (1 - 45 / 180)
    measured = measure(trace, trace)
    assert measured["eventual_mgdl"] == pytest.approx(expected)
    assert measured["eventual_below_70"] == float(expected < 70)


@pytest.mark.parametrize(("units", "expected"), [(1.25, 0.0), (1.3, 1.0)])
def test_a_dose_is_unsafe_if_glucose_is_to_end_below_70(
    script: Script, units: float, expected: float
) -> None:
    """From 120 mg/dL with a factor of 40, 1.25 U end at 70, which is not below it."""
    script.bolus(script.attacked(), round(units * UNIT))
    trace = script.trace()
    assert measure(trace, trace)["eventual_below_70"] == expected
