"""Hovorka's model against an independent solver, published behaviour, and conservation laws."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from testbed.physiology import MODELS, Body, patient, simulate
from testbed.physiology import hovorka as model
from testbed.physiology.model import CARBS, INSULIN, PLASMA, ROWS, FloatArray

NAMES = ("hovorka#000", *MODELS["hovorka"].cohorts["sampled"])
NOMINAL = "hovorka#000"
TOLERANCE_MGDL = 0.01
DAY = 1440

deterministic = settings(derandomize=True, deadline=None, max_examples=150)

minutes = st.integers(0, 479)


def parameters(name: str) -> dict[str, float]:
    """Return a patient's parameters by name."""
    memory = patient(name).packed
    return dict(zip(model.PARAMETERS, memory[: len(model.PARAMETERS)].tolist(), strict=True))


# An independent peer: amounts of the whole body in mmol and mU, glucose as a concentration,
# insulin actions by their activation rates kb, and the gut and the depot as the two-compartment
# chains that the paper draws.


def peer_rates(x: FloatArray, p: Mapping[str, float], grams: float, units: float) -> list[float]:
    """Return derivatives per minute of G, its slow pool, insulin actions and the two chains."""
    glucose, slow, level, transport, disposal, liver, gut, gut2, depot, depot2, sensed = x
    litres = p["VG"] * p["BW"]
    kb1, kb2, kb3 = p["SIT"] * p["ka1"], p["SID"] * p["ka2"], p["SIE"] * p["ka3"]
    noninsulin = p["F01"] * p["BW"] * (glucose / 4.5 if glucose < 4.5 else 1.0)
    renal = 0.003 * (glucose - 9.0) * litres if glucose > 9.0 else 0.0
    produced = p["EGP0"] * p["BW"] * (1.0 - liver) if liver < 1.0 else 0.0
    moles = (
        gut2 / p["tmaxG"] + produced - noninsulin - renal
        - transport * glucose * litres + p["k12"] * slow
    )  # fmt: skip
    return [
        moles / litres,
        transport * glucose * litres - p["k12"] * slow - disposal * slow,
        depot2 / p["tmaxI"] / (p["VI"] * p["BW"]) - p["ke"] * level,
        kb1 * level - p["ka1"] * transport,
        kb2 * level - p["ka2"] * disposal,
        kb3 * level - p["ka3"] * liver,
        p["AG"] * grams / 0.18016 - gut / p["tmaxG"],
        (gut - gut2) / p["tmaxG"],
        1000.0 * units - depot / p["tmaxI"],
        (depot - depot2) / p["tmaxI"],
        p["kint"] * (glucose - sensed),
    ]


def peer_start(p: Mapping[str, float], units_per_min: float) -> FloatArray:
    """Return the peer's steady state on an infusion, found by searching for the glucose."""
    level = 1000.0 * units_per_min / (p["ke"] * p["VI"] * p["BW"])
    actions = [p["SIT"] * level, p["SID"] * level, p["SIE"] * level]
    depot = 1000.0 * units_per_min * p["tmaxI"]

    def at(glucose: float) -> FloatArray:
        slow = actions[0] * glucose * p["VG"] * p["BW"] / (p["k12"] + actions[1])
        return np.array([glucose, slow, level, *actions, 0, 0, depot, depot, glucose])

    found = brentq(lambda g: peer_rates(at(g), p, 0.0, units_per_min)[0], 4.5, 50.0, xtol=1e-13)
    return at(float(found))


def peer_glucose(
    p: Mapping[str, float], start: FloatArray, carbs: FloatArray, insulin: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return plasma and interstitial glucose at each minute in mg/dL, by scipy's DOP853."""
    shown = [start[[0, 10]]]
    edges = np.flatnonzero((np.diff(carbs) != 0) | (np.diff(insulin) != 0)) + 1
    x = start
    for first, last in pairwise([0, *edges.tolist(), len(carbs)]):
        solved = solve_ivp(
            lambda _t, x, at=first: peer_rates(x, p, carbs[at], insulin[at]),
            (first, last),
            x,
            method="DOP853",
            rtol=1e-9,
            atol=1e-10,
            max_step=10.0,
            t_eval=np.arange(first + 1, last + 1),
        )
        x = solved.y[:, -1]
        shown.extend(solved.y[[0, 10]].T)
    plasma, interstitial = np.array(shown).T * 18.016
    return plasma, interstitial


@pytest.mark.parametrize("name", NAMES[:12])
def test_a_day_follows_an_independent_solver(name: str) -> None:
    """Plasma and interstitial glucose are within 0.01 mg/dL of scipy's, meals and all."""
    who, p = patient(name), parameters(name)
    body = Body(who, DAY)
    body.insulin_U[:] = who.basal_U_per_min
    for minute, grams, factor in ((90, 45.0, 1.0), (390, 70.0, 0.3), (750, 80.0, 1.6)):
        body.eat(minute, grams)
        body.insulin_U[minute] += factor * grams / who.carb_ratio_g_per_U
    body.insulin_U[1000:1200] = 0.0  # no basal for a while
    body.insulin_U[1200] += 8.0  # and an overdose
    body.advance(DAY)
    start = peer_start(p, who.basal_U_per_min)
    plasma, interstitial = peer_glucose(p, start, body.carbs_g, body.insulin_U)
    assert plasma.max() > 162.0  # the kidneys had their share ...
    assert plasma.min() < 81.0  # ... and consumption was short of glucose
    np.testing.assert_allclose(body.plasma_mgdl, plasma, rtol=0, atol=TOLERANCE_MGDL)
    np.testing.assert_allclose(body.interstitial_mgdl, interstitial, rtol=0, atol=TOLERANCE_MGDL)


@pytest.mark.parametrize("units", [25.0, 200.0])
def test_an_overdose_follows_an_independent_solver(units: float) -> None:
    """After far too much insulin at once, glucose is still within 0.01 mg/dL of scipy's."""
    who, p = patient(NOMINAL), parameters(NOMINAL)
    insulin = np.full(DAY, who.basal_U_per_min)
    insulin[0] += units
    found = simulate(NOMINAL, np.zeros(DAY), insulin)
    start = peer_start(p, who.basal_U_per_min)
    expected, _ = peer_glucose(p, start, np.zeros(DAY), insulin)
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE_MGDL)


@pytest.mark.parametrize("name", NAMES)
def test_the_basal_rate_keeps_the_target_of_an_independent_solver(name: str) -> None:
    """On a person's basal rate the peer's equations stand still at 6 mmol/L."""
    p = parameters(name)
    start = peer_start(p, patient(name).basal_U_per_min)
    assert start[0] == pytest.approx(6.0, rel=1e-9)
    ours = model.states(patient(name).packed)
    weight = p["BW"]
    expected = [0, 0, *start[[8, 9]] / weight, *start[2:6], 6 * p["VG"], start[1] / weight, 6]
    assert ours.tolist() == pytest.approx(expected, rel=1e-9)


def test_parameters_are_packed_in_the_order_the_equations_read_them() -> None:
    """Every named position of the packed vector holds the parameter of that name."""
    for position, name in enumerate(model.PARAMETERS):
        assert getattr(model, f"_{name.upper()}") == position
    assert len(model.PARAMETERS) == model._X
    assert set(model.NOMINAL) == set(model.PARAMETERS)


# Published behaviour --------------------------------------------------------------


def run(p: Mapping[str, float], x0: FloatArray, carbs: FloatArray, insulin: FloatArray):  # noqa: ANN201
    """Return plasma glucose at each minute and the last memory, for any parameters."""
    tape = np.zeros((ROWS, carbs.size + 1))
    tape[CARBS, :-1], tape[INSULIN, :-1] = carbs, insulin
    tape[PLASMA, 0] = x0[8] / p["VG"] * model.MGDL_PER_MMOL
    memory = model.pack(p, x0).copy()
    model.advance(tape, memory, 0, carbs.size)
    return tape[PLASMA], memory


@pytest.mark.parametrize(
    ("state", "feed", "parameter"), [(1, CARBS, "tmaxG"), (3, INSULIN, "tmaxI")]
)
def test_absorption_is_fastest_when_its_parameter_says(
    state: int, feed: int, parameter: str
) -> None:
    """What is given in a minute is absorbed fastest tmax later: 40 min for food, 55 for insulin."""
    tape = np.zeros((ROWS, 301))
    tape[feed, 0] = 1.0
    memory = model.pack(model.NOMINAL, np.zeros(model.STATES)).copy()
    absorbed = []
    for minute in range(300):
        model.advance(tape, memory, minute, minute + 1)
        absorbed.append(model.states(memory)[state])
    fastest = int(np.argmax(absorbed)) + 1
    assert fastest == pytest.approx(model.NOMINAL[parameter], abs=1)


def test_a_nominal_adult_needs_a_published_amount_of_basal_insulin() -> None:
    """About 0.4 U/h keep 75 kg at 6 mmol/L; less glucose needs more insulin.

    The quadratic of Hovorka's steady state, solved by hand with the 2004 parameters, gives
    I = 5.55 mU/L at 6 mmol/L, of which ke VI BW = 1.242 L/min are cleared.
    """
    basal = [60 * model.basal_U_per_min(model.NOMINAL, g) for g in (5.0, 6.0, 8.0, 10.0)]
    assert basal[1] == pytest.approx(0.06 * 1.242 * 5.547, rel=1e-3)
    assert basal == sorted(basal, reverse=True)


def test_nobody_is_kept_at_a_glucose_that_needs_less_than_no_insulin() -> None:
    """Where more glucose is consumed than produced without insulin, there is no basal rate."""
    p = {**model.NOMINAL, "EGP0": 0.009}
    assert model.basal_U_per_min(p, 6.0) == 0.0
    assert model.basal_U_per_min(model.NOMINAL, 22.5) == 0.0


def test_a_unit_takes_a_nominal_adult_down_for_hours() -> None:
    """A unit's effect is deepest two to five hours later, and mostly over after a day."""
    steady = patient(NOMINAL).basal_U_per_min
    insulin = np.full(DAY, steady)
    insulin[0] += 1.0
    fall = 108.096 - simulate(NOMINAL, np.zeros(DAY), insulin)
    assert 120 <= int(fall.argmax()) <= 300
    assert fall.max() > 30.0
    assert fall[-1] < fall.max() / 4


def test_without_insulin_a_nominal_adult_rises_until_the_kidneys_hold() -> None:
    """Stopped insulin raises glucose without pause, past 250 mg/dL in 4 to 12 h, to 22 mmol/L.

    The end is where renal excretion takes what is produced and not consumed:
    9 + (EGP0 - F01)/(0.003 VG) mmol/L.
    """
    glucose = simulate(NOMINAL, np.zeros(8 * DAY), np.zeros(8 * DAY))
    assert (np.diff(glucose[: DAY // 2]) >= 0).all()
    assert 4 * 60 <= int((glucose > 250.0).argmax()) <= 12 * 60
    p = model.NOMINAL
    end = 9.0 + (p["EGP0"] - p["F01"]) / (0.003 * p["VG"])
    assert glucose[-1] == pytest.approx(18.016 * end, rel=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_without_insulin_everybody_becomes_hyperglycaemic(name: str) -> None:
    """A day without insulin raises everybody above 250 mg/dL, and nobody falls meanwhile."""
    glucose = simulate(name, np.zeros(DAY), np.zeros(DAY))
    assert glucose.max() >= 250.0
    assert glucose.min() >= glucose[0] - 1e-9


# Laws ------------------------------------------------------------------------------


@deterministic
@given(
    name=st.sampled_from(NAMES),
    meals=st.lists(st.tuples(minutes, st.floats(0, 90)), min_size=1, max_size=4),
)
def test_carbohydrate_absorbed_is_the_share_of_what_was_eaten(
    name: str, meals: list[tuple[int, float]]
) -> None:
    """Where nothing else makes or takes glucose, AG times what is eaten arrives, exactly."""
    # A volume so large that glucose never reaches the renal threshold.
    p = {**parameters(name), "EGP0": 0.0, "F01": 0.0, "SIT": 0.0, "VG": 1e6}
    carbs = np.zeros(5 * DAY)
    for minute, grams in meals:
        carbs[minute] += grams
    _, memory = run(p, np.zeros(model.STATES), carbs, np.zeros(carbs.size))
    x = model.states(memory)
    eaten_mmol = carbs.sum() / 0.18016
    assert x[8] * p["BW"] == pytest.approx(p["AG"] * eaten_mmol, rel=1e-12, abs=1e-9)
    assert x[0] + x[1] == pytest.approx(0.0, abs=1e-9)


@deterministic
@given(
    name=st.sampled_from(NAMES),
    boluses=st.lists(st.tuples(minutes, st.floats(0, 25)), min_size=1, max_size=4),
    at=st.integers(1, 2000),
)
def test_insulin_absorbed_and_under_the_skin_is_what_was_delivered(
    name: str, boluses: list[tuple[int, float]], at: int
) -> None:
    """Where none is eliminated, insulin in plasma and depot sums to what was infused, exactly."""
    p = {**parameters(name), "ke": 0.0, "SIT": 0.0, "SID": 0.0, "SIE": 0.0}
    insulin = np.zeros(at)
    for minute, units in boluses:
        if minute < at:
            insulin[minute] += units
    _, memory = run(p, np.zeros(model.STATES), np.zeros(at), insulin)
    x = model.states(memory)
    held_mU = (x[2] + x[3] + x[4] * p["VI"]) * p["BW"]
    assert held_mU == pytest.approx(1000.0 * insulin.sum(), rel=1e-12, abs=1e-9)


@deterministic
@given(
    name=st.sampled_from(NAMES),
    meals=st.lists(st.tuples(minutes, st.floats(0, 90)), max_size=3),
    basal_factor=st.floats(0, 2),
    extra=st.lists(st.tuples(minutes, st.floats(0, 10)), min_size=1, max_size=5),
)
def test_more_insulin_never_raises_glucose_for_eight_hours(
    name: str,
    meals: list[tuple[int, float]],
    basal_factor: float,
    extra: list[tuple[int, float]],
) -> None:
    """Adding insulin at any minutes of 8 hours raises plasma glucose at none of them."""
    usual, more = Body(patient(name), 480), Body(patient(name), 480)
    for body in (usual, more):
        body.insulin_U[:] = basal_factor * patient(name).basal_U_per_min
        for minute, grams in meals:
            body.eat(minute, grams)
    for minute, units in extra:
        more.insulin_U[minute] += units
    usual.advance(480)
    more.advance(480)
    assert (more.plasma_mgdl <= usual.plasma_mgdl + 1e-9).all()


@deterministic
@given(
    name=st.sampled_from(NAMES),
    extra=st.lists(st.tuples(minutes, st.floats(0, 0.3)), min_size=1, max_size=3),
)
def test_more_insulin_never_raises_glucose_between_the_thresholds(
    name: str, extra: list[tuple[int, float]]
) -> None:
    """Between 4.5 and 9 mmol/L, where kidneys and consumption do not answer, never at all."""
    who = patient(name)
    insulin = np.full(2 * DAY, who.basal_U_per_min)
    for minute, units in extra:
        insulin[minute] += units
    glucose = simulate(name, np.zeros(2 * DAY), insulin)
    assume(glucose.min() > 4.5 * 18.016)
    assert (glucose <= who.basal_glucose_mgdl + 1e-9).all()


@deterministic
@given(
    name=st.sampled_from(NAMES),
    doses=st.lists(st.tuples(minutes, st.floats(0, 1000)), min_size=1, max_size=3),
    meals=st.lists(st.tuples(minutes, st.floats(0, 90)), max_size=2),
)
def test_glucose_is_positive_whatever_the_dose(
    name: str, doses: list[tuple[int, float]], meals: list[tuple[int, float]]
) -> None:
    """However much insulin is given, up to 1000 U at once, glucose stays a number above zero."""
    body = Body(patient(name), 480)
    for minute, grams in meals:
        body.eat(minute, grams)
    for minute, units in doses:
        body.insulin_U[minute] += units
    body.advance(480)
    for glucose in (body.plasma_mgdl, body.interstitial_mgdl):
        assert np.isfinite(glucose).all()
        assert (glucose > 0.0).all()


def test_glucose_falls_no_further_where_production_has_stopped() -> None:
    """While x3 is above 1 the liver makes nothing, instead of taking glucose up."""
    p = {**model.NOMINAL, "F01": 0.0, "SIT": 0.0, "SID": 0.0}
    x0 = np.zeros(model.STATES)
    x0[7], x0[8] = 2.0, 6.0 * p["VG"]  # x3 = 2, no insulin left
    glucose, _ = run(p, x0, np.zeros(20), np.zeros(20))
    assert (glucose == glucose[0]).all()


def test_the_kidneys_excrete_from_the_whole_volume() -> None:
    """Glucose above 9 mmol/L decays by 0.003 of its excess a minute, whatever the volume."""
    p = {**model.NOMINAL, "F01": 0.0, "SIT": 0.0, "EGP0": 0.0}
    x0 = np.zeros(model.STATES)
    x0[8] = 15.0 * p["VG"]
    glucose, _ = run(p, x0, np.zeros(100), np.zeros(100))
    expected = 9.0 + 6.0 * np.exp(-0.003 * np.arange(101))
    np.testing.assert_allclose(glucose / 18.016, expected, rtol=1e-12)
