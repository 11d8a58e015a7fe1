"""Verdicts on what a scenario file expects of its study."""

from __future__ import annotations

import pytest
from testbed.scenario import Expectation
from testbed.study.expectations import Verdict, check, told
from testbed.study.results import Study
from testbed.study.row import Row

ROWS = tuple(
    Row(
        arm,
        replicate,
        f"adult#{replicate:03}",
        attacked={
            "unauthorised_U": 0.0 if arm == "off" else 8.0 + replicate,
            "time_to_notice_min": None if arm == "off" else 2.0,
            "unsafe_dose": float(arm != "off"),
        },
        twin={"above_180_min": 30.0 if arm == "off" else 20.0},
    )
    for arm in ("as-shipped", "off")
    for replicate in range(3)
)
STUDY = Study(
    title="A cafe",
    scenario="cafe",
    baseline="as-shipped",
    arms=("as-shipped", "off"),
    rows=ROWS,
    seed=7,
    replicates=3,
)


def _verdict(**row: object) -> Verdict:
    wanted = Expectation.model_validate({"arm": "off", "metric": "unauthorised_U", **row})
    (verdict,) = check(STUDY, [wanted])
    return verdict


@pytest.mark.parametrize(
    ("row", "passed"),
    [
        ({"at_most": 0}, True),
        ({"at_least": 0}, True),
        ({"at_least": 0, "at_most": 0}, True),
        ({"at_least": 1e-300}, False),
        ({"at_most": -1e-300}, False),
        ({"arm": "as-shipped", "at_least": 9}, True),
        ({"arm": "as-shipped", "at_most": 9}, True),
        ({"arm": "as-shipped", "at_least": 9.000000000000002}, False),
        ({"arm": "as-shipped", "at_least": 8, "at_most": 10}, True),
        ({"arm": "as-shipped", "at_least": 9.5, "at_most": 10}, False),
    ],
)
def test_mean_is_compared_exactly(row: dict[str, object], passed: bool) -> None:
    """The mean is at most and at least what was expected, to the last bit."""
    assert _verdict(**row).passed is passed


def test_metric_effect_and_price_are_different_things() -> None:
    """An expectation is on the attacked runs, their difference, or that of the twins."""
    assert _verdict(of="metric", at_most=0).measured.mean == 0.0
    assert _verdict(of="effect", at_most=0).measured.mean == -9.0
    assert _verdict(of="price", metric="above_180_min", at_least=10).measured.mean == 10.0


@pytest.mark.parametrize("limit", ["at_most", "at_least"])
def test_mean_that_no_run_defines_fails(limit: str) -> None:
    """Where no run defines the metric, no expectation on it holds."""
    verdict = _verdict(metric="time_to_notice_min", **{limit: 0})
    assert not verdict.passed
    assert verdict.message == "no run defines it"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"at_most": 0}, "at most 0"),
        ({"at_least": 0.5}, "at least 0.5"),
        ({"at_least": 0, "at_most": 0}, "exactly 0"),
        ({"at_least": -1, "at_most": 2.25}, "from -1 to 2.25"),
    ],
)
def test_expectation_is_said_in_words(row: dict[str, object], words: str) -> None:
    """A verdict says what was expected as a person would."""
    assert _verdict(**row).expected == words


def test_measured_is_said_with_limits_and_runs() -> None:
    """A verdict says the mean, its limits and the number of runs, or that all were the same."""
    assert _verdict(at_most=0).message == "0 (in every run, n 3)"
    assert _verdict(arm="as-shipped", at_most=0).message == "9 (6.516 to 11.48, n 3)"
    assert _verdict(of="price", metric="above_180_min", at_most=0).message == (
        "10 (in every pair, n 3)"
    )


def test_measured_is_printed_on_the_side_on_which_it_is() -> None:
    """A mean that fails by little is printed with the digits that show it."""
    verdict = _verdict(arm="as-shipped", at_least=9.0000001)
    assert not verdict.passed
    assert verdict.message.startswith("9 (")
    rows = tuple(Row(row.arm, row.replicate, row.patient, {"lbgi": 1.99999999}, {}) for row in ROWS)
    study = Study(
        title="t",
        scenario="t",
        baseline="off",
        arms=("as-shipped", "off"),
        rows=rows,
        seed=1,
        replicates=3,
    )
    (verdict,) = check(study, [Expectation(arm="off", metric="lbgi", at_least=2)])
    assert verdict.message.startswith("1.99999999 (")


def test_verdicts_keep_the_order_of_the_file() -> None:
    """There is one verdict an expectation, in the order in which they stand."""
    wanted = [
        Expectation(arm=arm, metric=metric, at_most=1)
        for arm in ("off", "as-shipped")
        for metric in ("unsafe_dose", "unauthorised_U")
    ]
    found = [(verdict.arm, verdict.metric, verdict.passed) for verdict in check(STUDY, wanted)]
    assert found == [
        ("off", "unsafe_dose", True),
        ("off", "unauthorised_U", True),
        ("as-shipped", "unsafe_dose", True),
        ("as-shipped", "unauthorised_U", False),
    ]


@pytest.mark.parametrize(
    ("row", "telling"),
    [
        ({"arm": "as-shipped", "at_most": 8}, 2),
        ({"arm": "as-shipped", "at_least": 10}, 0),
        ({"of": "effect", "at_least": 0}, 2),
        ({"arm": "as-shipped", "at_most": 9}, None),
        ({"metric": "time_to_notice_min", "at_most": 0}, None),
    ],
)
def test_failure_names_the_replicate_furthest_on_the_wrong_side(
    row: dict[str, object], telling: int | None
) -> None:
    """The run to look at is the largest where it was too much, the smallest where too little."""
    assert _verdict(**row).telling == telling


def test_all_is_told_in_lines() -> None:
    """A row that holds has two lines; one that does not has the metric and a command besides."""
    wanted = [
        Expectation(arm="off", metric="unauthorised_U", at_most=0),
        Expectation(arm="off", metric="above_180_min", of="price", at_most=0),
    ]
    lines = told("my cafe.toml", STUDY, check(STUDY, wanted))
    assert lines[:2] == [
        "pass  off: unauthorised_U",
        "      expected at most 0, measured 0 (in every run, n 3)",
    ]
    assert lines[2:4] == [
        "FAIL  off: price of above_180_min",
        "      expected at most 0, measured 10 (in every pair, n 3)",
    ]
    assert lines[4].startswith("      above_180_min (min): ")
    assert lines[5].endswith("testbed explain 'my cafe.toml' --arm off --replicate 0 --twin")
    assert lines[6:] == ["1 of 2 expectations hold"]
