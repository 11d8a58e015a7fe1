"""Shares of what all mitigations do together."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.scenario import Scenario
from testbed.scenario.model import StudySettings
from testbed.study import open_study, run_study
from testbed.study.attribution import Attribution, attribute, game_of, shapley
from testbed.study.estimate import Estimate

from .conftest import WRITTEN

THREE = ["remote-bolus-off", "pair-in-private", "cancel-unexpected-bolus"]
values_of = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.floats(-1e6, 1e6), min_size=1 << n, max_size=1 << n)
)


def game(values: list[float]) -> np.ndarray:
    """Return values as an array with one axis a player."""
    return np.array(values).reshape((2,) * (len(values).bit_length() - 1))


@settings(deadline=None)
@given(values_of)
def test_shares_add_up_to_the_total_exactly(values: list[float]) -> None:
    """The shares' sum is all together less none, without a rounding error."""
    assert sum(shapley(game(values))) == Fraction(values[-1]) - Fraction(values[0])


@settings(deadline=None)
@given(values_of)
def test_share_is_the_mean_gain_over_all_orders(values: list[float]) -> None:
    """Each share is what a player adds on joining, averaged over every order of joining."""
    array = game(values)
    players = array.ndim
    gains = [Fraction(0)] * players
    for order in permutations(range(players)):
        at = [0] * players
        for player in order:
            before = Fraction(float(array[tuple(at)]))
            at[player] = 1
            gains[player] += Fraction(float(array[tuple(at)])) - before
    assert shapley(array) == [gain / factorial(players) for gain in gains]


def test_equals_have_equal_shares_and_dummies_none() -> None:
    """Two locks on one door have half of it each; what changes nothing has exactly nothing."""
    locks = np.array([[[10.0, 10.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]])
    assert shapley(locks) == [Fraction(-5), Fraction(-5), Fraction(0)]


def study_of(arms: dict[str, list[object]], **more: object) -> StudySettings:
    """Return the plan of a study with some arms, the first of them the baseline."""
    return StudySettings.model_validate({"arms": arms, "baseline": next(iter(arms)), **more})


def test_factorial_is_known_by_its_arms() -> None:
    """Arms that hold every combination are a factorial, however they are named; others are none."""
    full = {"none": [], "one": ["a"], "two": ["b"], "both": ["b", "a"]}
    found = game_of(study_of(full))
    assert found is not None
    assert found.players == ("a", "b")
    assert found.arms == ("none", "one", "two", "both")
    assert game_of(study_of({name: full[name] for name in ("none", "one", "both")})) is None
    assert game_of(study_of({"none": [], "one": ["a"]})) is None
    half = {"name": "a", "adherence": 0.5}
    partly = game_of(study_of({"none": [], "x": [half], "y": ["b"], "z": [half, "b"]}))
    assert partly is not None
    assert partly.players == ("a@0.5", "b")


def test_factorial_of_factors_is_one() -> None:
    """A full design of factors holds a factorial, and a fraction of it does not."""
    factors = {"mitigations": THREE}
    found = game_of(study_of({"as-shipped": []}, factors=factors))
    assert found is not None
    assert set(found.players) == set(THREE)
    assert len(found.arms) == 8
    fraction = {**factors, "design": "fractional", "resolution": 3}
    assert game_of(study_of({"as-shipped": []}, factors=fraction)) is None


def test_shares_of_a_study(tmp_path: object) -> None:
    """In a study shares are those of each replicate's values, and their means add up."""
    scenario = Scenario.from_written(WRITTEN, "short").patched(
        {"study.arms": {"as-shipped": []}, "study.factors": {"mitigations": THREE}}
    )
    study = run_study(scenario, store=str(tmp_path))
    assert study.game is not None
    found = attribute(study, study.game, "unauthorised_U")
    effect = study.summary()["+".join(THREE)].effects["unauthorised_U"]
    assert found.total.mean == pytest.approx(effect.mean, abs=1e-12)
    shares = [share.mean or 0.0 for share in found.shares.values()]
    assert sum(shares) == pytest.approx(found.total.mean, abs=1e-12)
    by_hand = []
    for replicate in range(study.replicates):
        values = [study.of(arm)[replicate].attacked["unauthorised_U"] for arm in study.game.arms]
        by_hand.append(shapley(game([float(value or 0) for value in values])))
    for place, name in enumerate(reversed(study.game.players)):
        mean = sum(each[place] for each in by_hand) / len(by_hand)
        assert found.shares[name].mean == pytest.approx(float(mean), abs=1e-12)
    told = study.as_json()["attribution"]
    assert told["mitigations"] == list(study.game.players)
    assert open_study(str(tmp_path)).as_json() == study.as_json()


@settings(deadline=None)
@given(st.lists(st.floats(-50, 50), min_size=1, max_size=6), st.integers(0, 3))
def test_printed_shares_add_up_to_the_printed_total(shares: list[float], decimals: int) -> None:
    """Rounded shares add up to the rounded total, and each is less than a unit off."""

    def estimate(value: float) -> Estimate:
        return Estimate(value, value, value, 3, "m")

    found = Attribution(
        "unauthorised_U",
        "effect",
        estimate(sum(shares)),
        {str(n): estimate(share) for n, share in enumerate(shares)},
        3,
    )
    printed = found.printed(decimals)
    assert sum(printed.values()) == pytest.approx(round(sum(shares), decimals), abs=1e-9)
    for n, share in enumerate(shares):
        assert abs(printed[str(n)] - share) < 10**-decimals + 1e-9
