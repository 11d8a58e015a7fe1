"""A body lives on in steps of any size, eats at a human rate, and says what it cannot do."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.physiology import (
    EAT_RATE,
    PATIENT_NAMES,
    Body,
    UnknownPatientError,
    patient,
    simulate,
)

deterministic = settings(derandomize=True, deadline=None, max_examples=80)

names = st.sampled_from(PATIENT_NAMES)
minutes = st.integers(0, 200)


@deterministic
@given(name=names, stops=st.lists(minutes, max_size=40), data=st.data())
def test_steps_of_any_size_give_the_same_bits(
    name: str, stops: list[int], data: st.DataObject
) -> None:
    """However a run is cut into calls, glucose equals that of one call in every bit."""
    inputs = st.lists(st.floats(0, 6), min_size=200, max_size=200)
    carbs = np.array(data.draw(inputs)) * (np.arange(200) % 60 < data.draw(st.integers(0, 20)))
    insulin = np.array(data.draw(inputs)) / 10
    body = Body(patient(name), 200)
    body.carbs_g[:] = carbs
    body.insulin_U[:] = insulin
    for stop in [*stops, 200]:
        body.advance(stop)
    assert np.array_equal(body.plasma_mgdl, simulate(name, carbs, insulin))


@deterministic
@given(meals=st.lists(st.tuples(minutes, st.floats(0, 300)), max_size=6))
def test_no_carbohydrate_is_lost_or_hurried(meals: list[tuple[int, float]]) -> None:
    """With room for all meals their sum is scheduled, and never more than 5 g in a minute."""
    body = Body(patient("adult#001"), 1000)
    for minute, grams in meals:
        assert body.eat(minute, grams) == grams
    assert body.carbs_g.sum() == pytest.approx(sum(grams for _, grams in meals), abs=1e-9)
    assert body.carbs_g.max() <= EAT_RATE
    assert body.carbs_g.min() >= 0.0


def test_a_meal_begins_when_it_says_and_fills_minute_after_minute() -> None:
    """A meal takes 5 g from each minute from its own on, the last minute taking the rest."""
    body = Body(patient("adult#001"), 10)
    body.eat(2, 12)
    body.eat(3, 4)
    assert body.carbs_g.tolist() == [0, 0, 5, 5, 5, 1, 0, 0, 0, 0]


def test_what_would_be_eaten_after_the_end_is_dropped() -> None:
    """Carbohydrate beyond the last minute is dropped, and the part eaten is returned."""
    body = Body(patient("adult#001"), 10)
    assert body.eat(8, 30) == 10
    assert body.carbs_g.sum() == 10
    assert body.eat(10, 30) == 0


@pytest.mark.parametrize(
    ("minute", "grams", "message"),
    [
        (4, 10.0, "minute: expected 5 or later, found 4"),
        (6, -1.0, "grams: expected a finite number of 0 or more, found -1.0"),
        (6, float("nan"), "found nan"),
        (6, float("inf"), "found inf"),
    ],
)
def test_impossible_meals_are_refused(minute: int, grams: float, message: str) -> None:
    """A meal in the past or of an impossible size is an error that says what was found."""
    body = Body(patient("adult#001"), 10)
    body.advance(5)
    with pytest.raises(ValueError, match=message):
        body.eat(minute, grams)


def test_a_body_never_lives_backwards() -> None:
    """Advancing to a minute that is reached already changes nothing."""
    body = Body(patient("adult#001"), 10)
    body.advance(6)
    before = body.plasma_mgdl.copy()
    body.advance(6)
    body.advance(2)
    assert body.minute == 6
    assert np.array_equal(body.plasma_mgdl, before, equal_nan=True)


def test_a_body_does_not_outlive_its_end() -> None:
    """Advancing beyond the end is an error, and nothing is integrated."""
    body = Body(patient("adult#001"), 10)
    with pytest.raises(ValueError, match="expected at most 10, the end, found 11"):
        body.advance(11)
    assert body.minute == 0


def test_glucose_not_lived_yet_is_not_a_number() -> None:
    """Glucose is known exactly up to the minute reached and NaN afterwards."""
    body = Body(patient("adult#001"), 10)
    body.advance(4)
    for glucose in (body.plasma_mgdl, body.interstitial_mgdl):
        assert np.isfinite(glucose).tolist() == [True] * 5 + [False] * 6


def test_bodies_of_one_patient_do_not_share_a_life() -> None:
    """What one body eats leaves another body of the same patient as it was."""
    eater, faster = (Body(patient("adult#001"), 60) for _ in range(2))
    eater.eat(0, 60)
    eater.advance(60)
    faster.advance(60)
    assert eater.plasma_mgdl[60] > faster.plasma_mgdl[60]
    assert faster.carbs_g.sum() == 0


def test_interstitial_glucose_lags_behind_plasma() -> None:
    """While plasma glucose rises after a meal, interstitial glucose is below it."""
    body = Body(patient("adult#001"), 60)
    body.insulin_U[:] = patient("adult#001").basal_U_per_min
    body.eat(0, 60)
    body.advance(60)
    assert all(earlier < later for earlier, later in pairwise(body.plasma_mgdl[5:]))
    assert (body.interstitial_mgdl[5:] < body.plasma_mgdl[5:]).all()


def test_a_negative_life_is_refused() -> None:
    """A body cannot be made for less than no time."""
    with pytest.raises(ValueError, match="minutes: expected 0 or more, found -1"):
        Body(patient("adult#001"), -1)


def test_no_minutes_give_the_start() -> None:
    """Empty inputs give one value, the steady state's glucose."""
    assert simulate("adult#001", [], []).tolist() == [patient("adult#001").basal_glucose_mgdl]


@pytest.mark.parametrize(
    ("carbs", "insulin", "message"),
    [
        ([0.0, 0.0], [0.0], "of one length, found 2 and 1"),
        ([[0.0]], [0.0], r"carbs_g_per_min: expected one dimension, found shape \(1, 1\)"),
        (0.0, [0.0], r"carbs_g_per_min: expected one dimension, found shape \(\)"),
        ([0.0], [-0.1], r"insulin_U_per_min\[0\]: expected a finite number .* found -0.1"),
        ([0.0, float("nan")], [0.0, 0.0], r"carbs_g_per_min\[1\]: .* found nan"),
        ([0.0], [float("inf")], r"insulin_U_per_min\[0\]: .* found inf"),
        (["a"], [0.0], "carbs_g_per_min: expected numbers"),
        ([1j], [0.0], "carbs_g_per_min: expected numbers"),
    ],
)
def test_impossible_inputs_are_refused(carbs: object, insulin: object, message: str) -> None:
    """Inputs that are no equally long rows of non-negative numbers are errors saying where."""
    with pytest.raises(ValueError, match=message):
        simulate("adult#001", carbs, insulin)  # type: ignore[arg-type]


def test_an_unknown_patient_is_refused() -> None:
    """Simulating nobody is an error that names the nearest patient."""
    with pytest.raises(UnknownPatientError, match='found "adult#1"; the nearest is "adult#001"'):
        simulate("adult#1", [0.0], [0.0])
