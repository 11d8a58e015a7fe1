"""What holds for every glucose-insulin model and each of its people."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.physiology import DEFAULT_MODEL, MODELS, PATIENT_NAMES, Body, patient, simulate

HOURS = 480

deterministic = settings(derandomize=True, deadline=None, max_examples=100)

names = st.sampled_from(PATIENT_NAMES)
meals = st.lists(st.tuples(st.integers(0, HOURS - 1), st.floats(0, 90)), max_size=3)
boluses = st.lists(st.tuples(st.integers(0, HOURS - 1), st.floats(0, 10)), min_size=1, max_size=5)


def one_by_one(body: Body, changes: list[tuple[int, float]]) -> None:
    """Live minute by minute and add insulin in some, as a pump does that asks nobody."""
    for minute in range(HOURS):
        for at, units in changes:
            if at == minute:
                body.revise(minute)
                body.insulin_U[minute] += units
        body.advance(minute + 1)


def test_the_default_is_the_first_of_the_models() -> None:
    """A scenario that names no model is lived by S2008, as ever."""
    assert DEFAULT_MODEL == "s2008" == next(iter(MODELS))


def test_every_name_is_of_one_patient_of_one_model() -> None:
    """The names of all models are different, and each leads to the patient of that name."""
    of = [name for model in MODELS.values() for name in set().union(*model.cohorts.values())]
    assert sorted(of) == sorted(set(PATIENT_NAMES))
    assert all(patient(name).name == name for name in PATIENT_NAMES)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_model_says_what_it_is(model: object) -> None:
    """A model has a sentence about itself, its source, and where its people are from."""
    assert all((model.about, model.source, model.people()))  # type: ignore[attr-defined]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_model_does_not_know_strangers(model: object) -> None:
    """A model asked for somebody else's patient raises KeyError instead of guessing."""
    with pytest.raises(KeyError):
        model.patient("nobody#001")  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", PATIENT_NAMES)
def test_a_patient_is_complete_and_cannot_be_changed(name: str) -> None:
    """Every patient has settings above zero, and a start that no run can write to."""
    who = patient(name)
    assert patient(name) is who
    for number in (
        who.weight_kg,
        who.basal_U_per_min,
        who.basal_glucose_mgdl,
        who.carb_ratio_g_per_U,
        who.correction_factor_mgdl_per_U,
        who.total_daily_insulin_U,
    ):
        assert 0.0 < number < np.inf
    with pytest.raises(AttributeError):
        who.weight_kg = 1.0  # type: ignore[misc]
    assert who.packed.dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        who.packed[0] = 0.0


@pytest.mark.parametrize("name", PATIENT_NAMES)
def test_basal_insulin_keeps_a_fasting_patient_at_basal_glucose(name: str) -> None:
    """With basal insulin alone, glucose stays within one part in a million for 24 h."""
    who = patient(name)
    glucose = simulate(name, np.zeros(1440), np.full(1440, who.basal_U_per_min))
    np.testing.assert_allclose(glucose, who.basal_glucose_mgdl, rtol=1e-6)


@deterministic
@given(name=names, ahead=st.integers(1, 90), meals=meals, extra=boluses)
def test_looking_ahead_changes_no_bit(
    name: str, ahead: int, meals: list[tuple[int, float]], extra: list[tuple[int, float]]
) -> None:
    """A body that looks ahead and takes back equals one that never looks, in every bit."""
    plain, eager = Body(patient(name), HOURS), Body(patient(name), HOURS, ahead)
    for body in (plain, eager):
        body.insulin_U[:] = patient(name).basal_U_per_min
        for minute, grams in meals:
            body.eat(minute, grams)
        one_by_one(body, extra)
    assert np.array_equal(plain.plasma_mgdl, eager.plasma_mgdl)
    assert np.array_equal(plain.interstitial_mgdl, eager.interstitial_mgdl)


def test_importing_the_models_samples_nobody() -> None:
    """Whoever needs no sampled patient does not wait for them: names come without people."""
    code = (
        "from testbed.physiology import MODELS, patient; patient('adult#001'); "
        "print(len(MODELS['hovorka']._accepted))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "0"
