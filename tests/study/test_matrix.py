"""Every path against every mitigation: the cells, their correction, prices and sweeps."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from statsmodels.stats.multitest import (  # type: ignore[import-untyped,unused-ignore]
    multipletests,
)
from testbed.mitigations import MITIGATIONS
from testbed.outcomes import METRICS
from testbed.scenario import Scenario
from testbed.study import Store, run_study
from testbed.study.estimate import Effect
from testbed.study.matrix import ALL_ADVICE, BASELINE, NO_RUN, PRICES, Matrix, is_sure
from testbed.study.matrix_conclusions import (
    Conclusion,
    always_best,
    bearing,
    conclude,
    conclusions,
    flips,
    stands,
)
from testbed.study.matrix_run import path_study, run_matrix
from testbed.study.matrix_sweep import SweptMatrix, run_sweep
from testbed.study.statistics import estimate_difference

from .conftest import WRITTEN

TRIED = ("remote-bolus-off", "pair-in-private")


@pytest.fixture(scope="module")
def paths() -> list[Scenario]:
    """A bolus by an overheard key, and an attacker that only listens to commands."""
    loud = {"do": "overhear-command", "give_up_after": "1h"}
    quiet = {**WRITTEN, "pairing": [], "attacker": {"place": "cafe", "step": [loud]}}
    return [Scenario.from_written(WRITTEN, "loud"), Scenario.from_written(quiet, "quiet")]


@pytest.fixture(scope="module")
def matrix(paths: list[Scenario]) -> Matrix:
    """Two paths against two mitigations, a few lives each."""
    return run_matrix(paths, TRIED, replicates=6)


def test_a_cell_is_what_a_study_of_the_path_finds(paths: list[Scenario], matrix: Matrix) -> None:
    """Levels and effects are those of the ordinary study with these arms."""
    study = run_study(path_study(paths[0], TRIED, 6), share=False).summary()
    assert matrix.paths[0].levels["unauthorised_U"] == study[BASELINE].metrics["unauthorised_U"]
    for cell in matrix.of("loud"):
        found = study[cell.mitigation]
        assert cell.level == found.metrics[cell.metric]
        effect = found.effects[cell.metric]
        assert (cell.effect.mean, cell.effect.low, cell.effect.p) == (
            effect.mean,
            effect.low,
            effect.p,
        )


def test_every_path_has_a_cell_of_every_mitigation(matrix: Matrix) -> None:
    """Cells that change nothing are there like others."""
    assert matrix.mitigations == (*TRIED, ALL_ADVICE)
    for path in matrix.paths:
        assert [cell.mitigation for cell in matrix.of(path.name)] == list(matrix.mitigations)


def test_what_is_not_against_a_path_is_exactly_0_and_says_why(matrix: Matrix) -> None:
    """Where nobody links anything, linking in private changes no run at all."""
    cells = {cell.mitigation: cell for cell in matrix.of("quiet")}
    nothing = cells["pair-in-private"]
    assert (nothing.effect.mean, nothing.effect.low, nothing.effect.high) == (0.0, 0.0, 0.0)
    assert nothing.why_zero == NO_RUN
    assert all(cell.effect.mean == 0 for cell in cells.values())
    assert all(cell.why_zero for cell in cells.values())
    assert matrix.ranking("quiet") == ()


def test_a_cell_that_is_not_as_claimed_is_told(matrix: Matrix) -> None:
    """A mitigation that is against no step of a path and moves it all the same is broken."""
    steps = frozenset(("overhear-pairing", "remote-bolus"))
    expected = [name for name in TRIED if not MITIGATIONS[name].is_against(steps)]
    assert [cell.mitigation for cell in matrix.broken] == expected == []


def test_the_metric_of_a_path_is_the_harm_that_it_does_most(matrix: Matrix) -> None:
    """Of units given, miscued and missed, the largest as shipped is looked at."""
    assert [path.metrics for path in matrix.paths] == [("unauthorised_U",), ("unauthorised_U",)]
    assert (matrix.paths[0].levels["unauthorised_U"].mean or 0) > 0
    assert matrix.paths[1].levels["unauthorised_U"].mean == 0


def test_p_values_are_corrected_over_all_that_is_not_0(matrix: Matrix) -> None:
    """Holm's correction, by another package, over the effects of all paths that move at all."""
    tested = [cell.effect for cell in matrix.cells if not cell.why_zero]
    assert len(tested) == matrix.tested > 0
    expected = multipletests([each.p for each in tested], method="holm")[1]
    assert [each.p_adjusted for each in tested] == pytest.approx(list(expected))
    assert all(cell.effect.p_adjusted is None for cell in matrix.cells if cell.why_zero)


def test_a_price_is_of_all_days_together(paths: list[Scenario], matrix: Matrix) -> None:
    """The price is the paired difference of the twins of every path in one."""
    studies = [run_study(path_study(each, TRIED, 6)) for each in paths]
    ours, before, patients = [], [], []
    for study in studies:
        for row, shipped in zip(study.of("pair-in-private"), study.of(BASELINE), strict=True):
            ours.append(row.twin["unlinked_h"])
            before.append(shipped.twin["unlinked_h"])
            patients.append(row.patient)
    prices = {(each.mitigation, each.metric): each for each in matrix.prices}
    assert len(prices) == len(PRICES) * len(matrix.mitigations)
    price = prices["pair-in-private", "unlinked_h"].cost
    expected = estimate_difference(ours, before, patients)
    assert (price.mean, price.low, price.high) == (expected.mean, expected.low, expected.high)
    assert (price.mean or 0) > 0


def test_a_ranking_has_the_most_harm_removed_first(matrix: Matrix) -> None:
    """Effects rise along a ranking, and none of them is exactly 0."""
    effects = [cell.effect.mean or 0.0 for cell in matrix.ranking("loud")]
    assert effects == sorted(effects)
    assert effects
    assert 0.0 not in effects


def test_a_matrix_that_was_run_is_not_run_again(paths: list[Scenario], tmp_path: Path) -> None:
    """Runs are kept in the folder: the same matrix does none, and gives the same cells."""
    with Store(tmp_path) as store:
        first = run_matrix(paths, TRIED, replicates=2, store=store)
        assert store.kept > 0
    told: list[tuple[int, int, str]] = []
    with Store(tmp_path) as store:
        again = run_matrix(
            paths, TRIED, replicates=2, store=store, progress=lambda *each: told.append(each)
        )
        assert store.kept == 0
    assert again == first
    assert told[-1] == (16, 16, "quiet")


def test_a_matrix_is_of_paths_with_names_of_their_own(paths: list[Scenario]) -> None:
    """Two scenarios of one name, or one that nobody attacks, are refused."""
    with pytest.raises(ValueError, match="different names, found loud, loud"):
        run_matrix([paths[0], paths[0]], TRIED, replicates=2)
    calm = {key: value for key, value in WRITTEN.items() if key != "attacker"}
    with pytest.raises(ValueError, match="calm: expected a scenario with an attacker"):
        run_matrix([Scenario.from_written(calm, "calm")], TRIED, replicates=2)


def test_a_sweep_is_a_matrix_at_each_value(paths: list[Scenario]) -> None:
    """A sweep patches one setting at a time, and concludes for each path at each value."""
    setting = "patient.behaviour.remote_bolus_use"
    swept = run_sweep(paths, TRIED, replicates=2, sweeps={setting: (0.0, 0.8)})
    at = run_matrix([each.patched({setting: 0.8}) for each in paths], TRIED, replicates=2)
    assert [(each.setting, each.value) for each in swept] == [(setting, 0.0), (setting, 0.8)]
    assert swept[1].matrix == at
    found = conclusions(swept)
    assert [(each.path, each.value) for each in found] == [
        *(("loud", value) for value in (0.0, 0.8)),
        *(("quiet", value) for value in (0.0, 0.8)),
    ]
    loud, quiet = found[0], found[2]
    assert loud.best == TRIED
    assert math.isclose(loud.effect, -loud.shipped)
    assert (quiet.best, quiet.effect, quiet.surely) == ((), 0.0, False)


def test_a_conclusion_stands_if_the_best_are_the_same_at_every_value() -> None:
    """What is best at one value and not at another depends on the value."""

    def at(value: float, *best: str) -> Conclusion:
        return Conclusion("p", "s", value, "missed_U", 1.0, best, -1.0, True, best)

    assert stands([at(0, "a", "b"), at(1, "a", "b")])
    assert not stands([at(0, "a", "b"), at(1, "a")])
    assert always_best([at(0, "a", "b"), at(1, "a")]) == ("a",)
    assert always_best([at(0, "a", "b"), at(1, "c")]) == ()
    harmless = Conclusion("p", "s", 2.0, "missed_U", 0.0, (), 0.0, False, ())
    assert stands([at(0, "a"), harmless])
    assert always_best([at(0, "a"), harmless]) == ("a",)


def test_what_a_sweep_bears_on_is_where_some_run_differs(paths: list[Scenario]) -> None:
    """A setting that no run asks for leaves every run the same at each of its values."""
    asked, unasked = "pump.max_bolus_U", "patient.behaviour.accept_unexpected_prompt"
    swept = run_sweep(
        paths, TRIED, replicates=2, sweeps={asked: (1.0, 10.0), unasked: (0.005, 0.5)}
    )
    assert bearing(swept) == {("loud", asked)}
    told = conclude(swept)
    assert {(each.path, each.setting) for each in told.conclusions if each.bears} == bearing(swept)
    assert told.mitigations == TRIED
    assert told.flips == ()


def test_runs_that_no_value_can_change_are_done_once(paths: list[Scenario]) -> None:
    """A sweep over what is never asked for takes as many runs as the matrix by itself."""
    unasked = {"patient.behaviour.accept_unexpected_prompt": (0.005, 0.05, 0.5)}
    with Store(None) as store:
        run_sweep(paths[:1], TRIED, replicates=2, sweeps=unasked, store=store)
        swept = store.simulated(2)
    with Store(None) as store:
        run_matrix(paths[:1], TRIED, replicates=2, store=store)
        assert store.simulated(2) == swept


def test_another_order_at_another_value_is_a_flip(matrix: Matrix) -> None:
    """Where the harm left by two mitigations changes places, both differences are told."""
    name, setting = "loud", "a.setting"

    def at(value: float, left: dict[str, float]) -> SweptMatrix:
        harms = {(name, each): (mean, mean + 0.5) for each, mean in left.items()}
        cells = tuple(
            replace(
                cell,
                why_zero="",
                effect=Effect(left[cell.mitigation] - 3.0, -3.0, 0.0, 2, "m", 0.5, "t", 0.5),
            )
            for cell in matrix.of(name)
            if cell.mitigation in left
        )
        own = replace(matrix, paths=matrix.paths[:1], cells=cells)
        return SweptMatrix(setting, value, own, harms, {name: ("a", "b")})

    first, second = TRIED
    (flip,) = flips([at(0.0, {first: 1.0, second: 2.0}), at(1.0, {first: 2.0, second: 1.0})])
    assert (flip.better, flip.values) == ((first, second), (0.0, 1.0))
    assert [each.mean for each in flip.differences] == [-1.0, 1.0]
    assert flip.is_borne
    same = [at(0.0, {first: 1.0, second: 2.0}), at(1.0, {first: 1.5, second: 2.0})]
    assert flips(same) == ()


@pytest.mark.parametrize(
    ("mean", "half", "p", "sure"),
    [
        (-2.0, 1.0, 0.049, True),
        (-2.0, 1.0, 0.05, False),
        (-2.0, 1.0, None, False),
        (-2.0, 0.0, 0.9, True),
        (0.0, 0.0, 0.9, False),
    ],
)
def test_what_is_sure_has_a_low_p_or_is_the_same_in_every_run(
    mean: float, half: float, p: float | None, sure: bool
) -> None:
    """Few patients cannot bring down the p of what is the same in all of them."""
    assert is_sure(Effect(mean, mean - half, mean + half, 9, "m", p, "t", p)) is sure


@pytest.mark.parametrize("name", PRICES)
def test_every_price_can_be_told_without_an_attacker(name: str) -> None:
    """A price is of a metric that says something about a run that nobody attacked."""
    assert not METRICS[name].needs_attacker
