"""A study: every arm on every replicate, the same whoever does the work."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from testbed.scenario import Scenario
from testbed.study.cutting import BATCH
from testbed.study.row import Row
from testbed.study.run import Run
from testbed.study.study import run_study

SCENARIO = Scenario.from_written(
    {
        "title": "A short story",
        "time": {"start": "11:50", "duration": "2h"},
        "meal": [{"at": "12:30", "carbs_g": 60}],
        "stay": [{"from": "11:55", "place": "cafe"}],
        "pairing": [{"device": "meter", "at": "12:00"}],
        "patient": {"cohort": ["adult#001", "child#002"]},
        "attacker": {
            "place": "cafe",
            "step": [
                {"do": "overhear-pairing"},
                {"do": "remote-bolus", "after": "50min", "units": 3.0},
            ],
        },
        "study": {
            "seed": 3,
            "replicates": 3,
            "arms": {
                "as-shipped": [],
                "remote-bolus-off": ["remote-bolus-off"],
                "all": ["@advice"],
            },
        },
    },
    "short",
)
ARMS = ("as-shipped", "remote-bolus-off", "all")


def same(one: Sequence[Row], other: Sequence[Row]) -> bool:
    """Return whether rows are the same to the last digit."""
    return msgspec.json.encode(tuple(one)) == msgspec.json.encode(tuple(other))


def test_rows_are_in_the_order_of_arms_and_replicates() -> None:
    """There is one row an arm and replicate, arms first, as the scenario lists them."""
    study = run_study(SCENARIO)
    assert study.arms == ARMS
    assert [(row.arm, row.replicate) for row in study.rows] == [
        (arm, replicate) for arm in ARMS for replicate in range(3)
    ]
    assert (study.scenario, study.title) == ("short", "A short story")
    assert (study.baseline, study.seed, study.replicates) == ("as-shipped", 3, 3)


def test_a_row_is_what_its_run_comes_to() -> None:
    """Each row has the outcome of the run of its arm and replicate, and its twin's."""
    for row in run_study(SCENARIO, replicates=2).rows:
        run = Run(SCENARIO, row.arm, row.replicate)
        assert row.patient == run.patient
        assert row.attacked == run.outcome
        assert row.twin == run.twin.outcome


def test_more_processes_give_the_same_rows() -> None:
    """Two workers give the rows of one, to the last digit, batches and all."""
    scenario = SCENARIO.patched({"study.arms": {"as-shipped": [], "all": ["@advice"]}})
    alone = run_study(scenario, replicates=BATCH + 1)
    shared = run_study(scenario, replicates=BATCH + 1, workers=2)
    assert same(alone.rows, shared.rows)


@pytest.mark.parametrize(("fewer", "more"), [(1, 4), (3, BATCH + 2), (BATCH, BATCH + 1)])
def test_more_replicates_keep_the_rows_there_were(fewer: int, more: int) -> None:
    """Asking for more replicates adds rows and changes none."""
    few, many = run_study(SCENARIO, replicates=fewer), run_study(SCENARIO, replicates=more)
    for arm in ARMS:
        assert same(few.of(arm), many.of(arm)[:fewer])


def test_another_arm_changes_no_row() -> None:
    """Rows of an arm do not depend on which other arms there are."""
    alone = run_study(SCENARIO.patched({"study.arms": {"as-shipped": []}}))
    assert same(alone.rows, run_study(SCENARIO).of("as-shipped"))


def test_the_seed_is_the_callers_if_told() -> None:
    """A seed in the call is as that seed in the file, and another gives other rows."""
    told = run_study(SCENARIO, seed=99)
    assert told.seed == 99
    assert same(told.rows, run_study(SCENARIO.patched({"study.seed": 99})).rows)
    assert not same(told.rows, run_study(SCENARIO).rows)


def test_the_scenario_is_left_as_it_was() -> None:
    """Overrides do not reach the caller's scenario."""
    before = SCENARIO.written
    run_study(SCENARIO, seed=5, replicates=1)
    assert SCENARIO.written == before


def test_progress_is_told_up_to_the_end() -> None:
    """Progress rises to the number of runs, and is never told more than that."""
    told: list[tuple[int, int]] = []
    run_study(SCENARIO, replicates=BATCH + 1, progress=lambda *how_far: told.append(how_far))
    done = [each for each, _ in told]
    assert {total for _, total in told} == {len(ARMS) * (BATCH + 1)}
    assert done == sorted(set(done))
    assert done[-1] == len(ARMS) * (BATCH + 1)
    assert len(done) > 1


@pytest.mark.parametrize(
    "wrong", [{"replicates": 0}, {"replicates": -1}, {"seed": -1}, {"workers": 0}]
)
def test_numbers_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    """Replicates, seed or workers out of range raise ValueError."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        run_study(SCENARIO, **wrong)


def test_a_study_without_an_attacker_has_no_harm() -> None:
    """Without an attacker each row's attacked side is its twin's side."""
    written = SCENARIO.written
    del written["attacker"]
    study = run_study(Scenario.from_written(written, "calm"))
    assert all(row.attacked == row.twin for row in study.rows)
    assert all(row.attacked["unauthorised_U"] == 0 for row in study.rows)
