"""Who the people of Hovorka's model are: drawn from published spreads, and plausible."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, truncnorm, uniform
from testbed.physiology import MODELS, Body, patient, simulate
from testbed.physiology import hovorka as model
from testbed.physiology.hovorka_cohort import (
    COHORT_SEED,
    CRITERIA,
    SPREADS,
    Candidate,
    Spread,
    draw,
    failed_criterion,
)
from testbed.physiology.hovorka_patients import COHORT_SIZE, Hovorka
from testbed.physiology.model import Patient

SAMPLED = MODELS["hovorka"].cohorts["sampled"]
LINE = 500
"""Candidates that the tests of the spreads look at."""
ROOT = Path(__file__).parents[2]

deterministic = settings(derandomize=True, deadline=None, max_examples=200)


def parameters(who: Patient) -> dict[str, float]:
    """Return a patient's parameters by name."""
    return dict(zip(model.PARAMETERS, who.packed[: len(model.PARAMETERS)].tolist(), strict=True))


# The spreads -----------------------------------------------------------------------


@deterministic
@given(spread=st.sampled_from(SPREADS), at=st.floats(0, 1, exclude_max=True))
def test_every_parameter_is_positive_and_within_its_limits(spread: Spread, at: float) -> None:
    """Whatever the dice, a parameter lies between what its limits become, above zero."""
    ends = sorted((spread.then(spread.low), spread.then(spread.high)))
    assert 0.0 < ends[0] <= spread.at(at) <= ends[1]


@pytest.mark.parametrize("spread", SPREADS, ids=lambda spread: spread.name)
def test_parameters_follow_their_published_distribution(spread: Spread) -> None:
    """The first 500 candidates fit the truncated law as scipy has it.

    A Kolmogorov-Smirnov test at 0.001 for each of 16 parameters: a right sampler fails one in 60
    sets of draws, and these draws are fixed.
    """
    drawn = np.array([draw(number).p[spread.name] for number in range(LINE)])
    if spread.sd is None:
        law = uniform(spread.low, spread.high - spread.low)
    else:
        ends = ((end - spread.mean) / spread.sd for end in (spread.low, spread.high))
        law = truncnorm(*ends, loc=spread.mean, scale=spread.sd)
    quantiles = np.linspace(0.0, 1.0, 2001)[1:-1]
    grid = np.array([spread.then(value) for value in law.ppf(quantiles)])
    order = np.argsort(grid)
    rank = np.interp(drawn, grid[order], np.linspace(0.0, 1.0, 2001)[1:-1])
    assert kstest(rank, "uniform").pvalue > 0.001


def test_parameters_are_drawn_independently() -> None:
    """No two parameters of 500 candidates correlate by more than 5 standard errors.

    With 120 pairs, chance alone does that once in some ten thousand cohorts.
    """
    names = [spread.name for spread in SPREADS]
    table = np.array([[draw(number).p[name] for name in names] for number in range(LINE)])
    correlation = np.corrcoef(table.T) - np.eye(len(names))
    assert np.abs(correlation).max() < 5 / np.sqrt(LINE)


def test_only_the_parameters_with_a_published_spread_differ() -> None:
    """Whatever has no spread is what the nominal person has."""
    fixed = set(model.PARAMETERS) - {spread.name for spread in SPREADS}
    assert fixed == {"kint"}
    assert draw(0).p["kint"] == model.NOMINAL["kint"]


# The cohort ------------------------------------------------------------------------


def test_the_cohort_is_the_first_who_are_plausible() -> None:
    """The cohort is the first 100 of the line who meet every criterion, in order."""
    _, drawn = Hovorka().rejected()
    kept = [who for who in map(draw, range(drawn)) if failed_criterion(who) is None]
    assert len(kept) == len(SAMPLED) == COHORT_SIZE
    for name, candidate in zip(SAMPLED, kept, strict=True):
        assert parameters(patient(name)) == pytest.approx(dict(candidate.p), rel=1e-15)


def test_everybody_drawn_is_accepted_or_counted() -> None:
    """Accepted and rejected sum to the candidates drawn, and the list of models says so."""
    hovorka = Hovorka()
    rejected, drawn = hovorka.rejected()
    assert COHORT_SIZE + sum(rejected.values()) == drawn
    assert list(rejected) == [each.name for each in CRITERIA]
    says = hovorka.people()
    assert f"{COHORT_SIZE} of {drawn} drawn" in says
    for each in CRITERIA:
        assert f"{each.name} ({each.limits}) {rejected[each.name]}" in says


def test_asking_in_another_order_gives_the_same_people() -> None:
    """Who somebody is does not depend on who was asked for before."""
    one, other = Hovorka(), Hovorka()
    first = [one.patient(name) for name in SAMPLED[:9]]
    last = [other.patient(name) for name in reversed(SAMPLED[:9])]
    for who, same in zip(first, reversed(last), strict=True):
        assert who.name == same.name
        assert np.array_equal(who.packed, same.packed)
        assert who.carb_ratio_g_per_U == same.carb_ratio_g_per_U


def test_the_cohort_is_the_same_in_every_process() -> None:
    """Another process with another hash seed draws the same person to the bit."""
    code = "from testbed.physiology import patient; print(patient('hovorka#003').packed.tobytes())"
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert said == {str(patient("hovorka#003").packed.tobytes())}


def test_the_nominal_person_is_plausible() -> None:
    """The published nominal parameters meet every criterion that the cohort has to meet."""
    assert failed_criterion(Candidate(model.NOMINAL)) is None
    assert parameters(patient("hovorka#000")) == model.NOMINAL


@pytest.mark.parametrize(
    ("changes", "criterion"),
    [
        ({"EGP0": 0.0095}, "steady state"),
        ({"SIE": 0.4, "SIT": 0.04, "SID": 0.004}, "basal rate"),
        ({"EGP0": 0.0105, "SIE": 0.01, "SIT": 1e-3, "SID": 1e-4}, "need of insulin"),
        ({"ka1": 0.001, "ka2": 0.005, "ka3": 0.003}, "speed of insulin"),
        ({"BW": 400.0}, "correction factor"),
        ({"AG": 0.2}, "carb ratio"),
        ({"BW": 150.0}, "daily insulin"),
        ({"tmaxI": 20.0, "tmaxG": 150.0}, "own bolus"),
    ],
)
def test_an_implausible_person_is_rejected(changes: dict[str, float], criterion: str) -> None:
    """Each criterion turns somebody away who meets those before it."""
    assert failed_criterion(Candidate({**model.NOMINAL, **changes})) == criterion


# The settings ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hovorka#000", *SAMPLED[::10]])
def test_a_correction_does_what_the_correction_factor_says(name: str) -> None:
    """From a steady 180 mg/dL, a unit takes glucose down by the correction factor at most."""
    who = patient(name)
    p = parameters(who)
    tape = np.zeros((4, 721))
    tape[1] = model.basal_U_per_min(p, 10.0)
    tape[1, 0] += 1.0
    memory = model.pack(p, model.steady_state(p, 10.0)).copy()
    model.advance(tape, memory, 0, 720)
    assert 180.16 - tape[2, 1:].min() == pytest.approx(who.correction_factor_mgdl_per_U)


@pytest.mark.parametrize("name", ["hovorka#000", *SAMPLED[::10]])
def test_a_meal_bolus_does_what_the_carb_ratio_says(name: str) -> None:
    """Five hours after 60 g with their bolus, glucose is where it was, and never below 70."""
    who = patient(name)
    body = Body(who, 720)
    body.insulin_U[:] = who.basal_U_per_min
    body.insulin_U[0] += 60.0 / who.carb_ratio_g_per_U
    body.eat(0, 60.0)
    body.advance(720)
    assert body.plasma_mgdl[300] == pytest.approx(who.basal_glucose_mgdl, abs=0.01)
    assert body.plasma_mgdl.min() >= 70.0


@pytest.mark.parametrize("name", SAMPLED)
def test_settings_are_plausible(name: str) -> None:
    """Everybody's weight, basal rate, daily insulin and settings are those of adults on pumps."""
    who = patient(name)
    assert 65.0 <= who.weight_kg <= 95.0
    assert 0.2 <= 60 * who.basal_U_per_min <= 2.5
    assert 0.2 <= who.total_daily_insulin_U / who.weight_kg <= 1.5
    assert 15.0 <= who.correction_factor_mgdl_per_U <= 200.0
    assert 3.0 <= who.carb_ratio_g_per_U <= 30.0
    steady = simulate(name, np.zeros(60), np.full(60, who.basal_U_per_min))
    assert steady == pytest.approx(108.096)


def test_settings_agree_with_the_rules_of_thumb() -> None:
    """The cohort's median settings are within a quarter of the 500 and the 1500 to 1800 rules.

    The rules (Walsh et al., J Diabetes Sci Technol 4:1174 (2010), discusses them) say that carb
    ratio times daily insulin is near 500 g, and correction factor times daily insulin 1500 to
    1800 mg/dL.  They were not used to make the cohort.
    """
    people = [patient(name) for name in SAMPLED]
    daily = np.array([who.total_daily_insulin_U for who in people])
    carbs = np.median([who.carb_ratio_g_per_U for who in people] * daily)
    correction = np.median([who.correction_factor_mgdl_per_U for who in people] * daily)
    assert carbs == pytest.approx(500.0, rel=0.25)
    assert correction == pytest.approx(1650.0, rel=0.25)


# The page --------------------------------------------------------------------------


def test_the_page_of_numbers_has_every_spread_and_criterion() -> None:
    """docs/numbers.md tells the spreads, the criteria, and how many were rejected by which."""
    page = (ROOT / "docs" / "numbers.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| ([^|]+?) \|(.*)\|$", page, re.M))
    number = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")
    for spread in SPREADS:
        told = [float(each) for each in number.findall(rows[spread.name].split("|")[0])]
        sd = () if spread.sd is None else (spread.mean, spread.sd)
        assert told == pytest.approx([*sd, spread.low, spread.high], rel=1e-3), spread.name
    rejected, drawn = Hovorka().rejected()
    for criterion in CRITERIA:
        limits, count = rows[criterion.name].rsplit("|", 1)
        assert int(count) == rejected[criterion.name], criterion.name
        for limit in (criterion.low, criterion.high):
            assert limit == float("inf") or f"{limit:g}" in limits, criterion.name
    assert f"{COHORT_SIZE} of {drawn}" in page
    assert f"seed {COHORT_SEED}" in page
