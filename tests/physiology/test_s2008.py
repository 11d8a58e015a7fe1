"""The integrator against reference trajectories, and laws that any solution of S2008 obeys."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.physiology import MODELS, Body, patient, s2008, simulate
from testbed.physiology.model import CARBS, ROWS

PATIENT_NAMES = MODELS["s2008"].cohorts["all"]
DATA = Path(__file__).parent / "data"
TOLERANCE_MGDL = 0.01
MEANINGLESS_BELOW_MGDL = 10.0
DAY = 1440

deterministic = settings(derandomize=True, deadline=None, max_examples=200)


def read_columns(file: str) -> dict[str, list[str]]:
    """Return the columns of a reference file by name."""
    columns: dict[str, list[str]] = defaultdict(list)
    with gzip.open(DATA / file, "rt") as lines:
        for row in csv.DictReader(lines):
            for key, text in row.items():
                columns[key].append(text)
    return columns


@pytest.fixture(scope="module")
def day() -> dict[str, np.ndarray]:
    """Return the day-long reference of four patients."""
    return {key: np.array(values) for key, values in read_columns("s2008_reference.csv.gz").items()}


@pytest.fixture(scope="module")
def two_meals() -> dict[str, np.ndarray]:
    """Return the ten-hour reference of all patients."""
    columns = read_columns("two_meals_reference.csv.gz")
    return {key: np.array(values, dtype=float) for key, values in columns.items()}


@pytest.mark.parametrize("name", ["adolescent#001", "adult#001", "adult#005", "child#003"])
def test_a_day_follows_the_reference(name: str, day: dict[str, np.ndarray]) -> None:
    """Plasma and interstitial glucose are within 0.01 mg/dL of the reference above 10 mg/dL."""
    mine = day["patient"] == name
    column = {key: day[key][mine].astype(float) for key in day if key != "patient"}
    body = Body(patient(name), DAY)
    body.carbs_g[:] = column["cho_g_per_min"][:-1]
    body.insulin_U[:] = column["insulin_U_per_min"][:-1]
    body.advance(DAY)
    for expected, found in (
        (column["Gp_mgdl"], body.plasma_mgdl),
        (column["BG_mgdl"], body.interstitial_mgdl),
    ):
        meaningful = expected >= MEANINGLESS_BELOW_MGDL
        assert np.abs(found - expected)[meaningful].max() <= TOLERANCE_MGDL


@pytest.mark.parametrize("name", PATIENT_NAMES)
def test_meals_follow_the_reference(name: str, two_meals: dict[str, np.ndarray]) -> None:
    """Every patient's plasma glucose after meals is within 0.01 mg/dL of the reference."""
    insulin = patient(name).basal_U_per_min + two_meals["bolus_U"][:-1]
    found = simulate(name, two_meals["cho_g_per_min"][:-1], insulin)
    meaningful = two_meals[name] >= MEANINGLESS_BELOW_MGDL
    assert np.abs(found - two_meals[name])[meaningful].max() <= TOLERANCE_MGDL


@deterministic
@given(
    name=st.sampled_from(PATIENT_NAMES),
    meals=st.lists(st.tuples(st.integers(0, 479), st.floats(0, 90)), max_size=3),
    basal_factor=st.floats(0, 2),
    extra=st.lists(st.tuples(st.integers(0, 479), st.floats(0, 10)), min_size=1, max_size=5),
)
def test_more_insulin_never_raises_glucose(
    name: str,
    meals: list[tuple[int, float]],
    basal_factor: float,
    extra: list[tuple[int, float]],
) -> None:
    """Adding insulin at any minutes raises plasma glucose at no minute, down to 10 mg/dL."""
    usual, more = Body(patient(name), 480), Body(patient(name), 480)
    for body in (usual, more):
        body.insulin_U[:] = basal_factor * patient(name).basal_U_per_min
        for minute, grams in meals:
            body.eat(minute, grams)
    for minute, units in extra:
        more.insulin_U[minute] += units
    usual.advance(480)
    more.advance(480)
    lost = np.minimum(usual.plasma_mgdl, more.plasma_mgdl) < MEANINGLESS_BELOW_MGDL
    end = int(lost.argmax()) if lost.any() else lost.size
    rounding = 1e-9
    assert (more.plasma_mgdl[:end] <= usual.plasma_mgdl[:end] + rounding).all()


def test_the_meal_so_far_scales_gastric_emptying() -> None:
    """Dbar is what the stomach held when the meal began plus what has been eaten of it since."""
    carbs = [0.0, 5.0, 5.0, 2.0, 0.0, 0.0, 5.0, 1.0, 0.0]
    tape = np.zeros((ROWS, len(carbs) + 1))
    tape[CARBS, : len(carbs)] = carbs
    memory = patient("adult#004").packed.copy()
    found, stomach = [], []
    for minute in range(len(carbs)):
        stomach.append(s2008.states(memory)[:2].sum())
        s2008.advance(tape, memory, minute, minute + 1)
        found.append(memory[s2008._DBAR])
    again = stomach[6]
    assert 0.0 < again < 12_000.0
    expected = [0, 5_000, 10_000, 12_000, 12_000, 12_000, again + 5_000, again + 6_000]
    assert found == pytest.approx([*expected, again + 6_000])


def test_parameters_are_packed_in_the_order_the_equations_read_them() -> None:
    """Every named position of the packed vector holds the parameter of that name."""
    for position, name in enumerate(s2008.PARAMETERS):
        assert getattr(s2008, f"_{name.upper()}") == position
    assert len(s2008.PARAMETERS) == s2008._X
    assert s2008._X + s2008.STATES == s2008._DBAR


def test_glucose_of_a_huge_overdose_stays_a_number() -> None:
    """An overdose freezes glucose near zero, as simglucose's rule says, and not below -1 mg/dL."""
    insulin = np.zeros(DAY)
    insulin[0] = 200.0
    glucose = simulate("child#001", np.zeros(DAY), insulin)
    assert np.isfinite(glucose).all()
    assert -1.0 < glucose[-1] < 1.0
