"""Studies that end when an interval is narrow enough."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console
from testbed.mitigations import MITIGATIONS
from testbed.outcomes import METRICS
from testbed.report.tables import footer
from testbed.scenario import Scenario, ScenarioError, parse_scenario
from testbed.study.intervals import mean_limits, share_limits
from testbed.study.precision import look, looks
from testbed.study.results import Row, Study
from testbed.study.study import open_study, run_study

from .conftest import WRITTEN

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
            "replicates": 30,
            "arms": {"as-shipped": [], "remote-bolus-off": ["remote-bolus-off"]},
            "precision": {
                "metric": "unsafe_dose",
                "arm": "remote-bolus-off",
                "half_width": 0.15,
                "look_every": 4,
            },
        },
    },
    "short",
)


def _asking(**changes: object) -> Scenario:
    return SCENARIO.patched({f"study.precision.{key}": value for key, value in changes.items()})


def _rows(values: list[float], baseline: list[float]) -> list[Row]:
    return [
        Row(arm, at, f"adult#{at % 5:03}", {"extra_U": value}, {"extra_U": -value})
        for arm, column in (("as-shipped", baseline), ("remote-bolus-off", values))
        for at, value in enumerate(column)
    ]


def test_it_looks_at_declared_points_and_at_the_cap() -> None:
    """Looks are multiples of look_every below the cap, and the cap."""
    assert list(looks(SCENARIO.study)) == [4, 8, 12, 16, 20, 24, 28, 30]
    fewer = SCENARIO.patched({"study.replicates": 8})
    assert list(looks(fewer.study)) == [4, 8]
    assert list(looks(SCENARIO.patched({"study.replicates": 3}).study)) == [3]


def test_a_study_that_stopped_is_the_study_of_that_length() -> None:
    """It ends at the first look that is narrow enough, with the rows it would have had anyway."""
    study = run_study(SCENARIO)
    assert study.precision is not None
    assert study.precision.reached
    assert 0 < study.replicates < 30
    assert study.replicates % 4 == 0
    written = SCENARIO.written
    del written["study"]["precision"]
    plain = Scenario.from_written(written, "short")
    fixed = run_study(plain, replicates=study.replicates)
    assert msgspec.json.encode(list(study.rows)) == msgspec.json.encode(list(fixed.rows))
    assert fixed.precision is None

    def half(study: Study) -> float:
        found = study.summary()["remote-bolus-off"].metrics["unsafe_dose"]
        assert found.low is not None
        assert found.high is not None
        return (found.high - found.low) / 2

    assert study.precision.half_width == half(study) <= 0.15
    assert half(run_study(plain, replicates=study.replicates - 4)) > 0.15


def test_a_study_that_does_not_get_there_ends_at_the_cap() -> None:
    """At the cap it says that the precision was not reached, and what there was."""
    study = run_study(_asking(half_width=0.01), replicates=6)
    assert study.precision is not None
    assert not study.precision.reached
    assert (study.replicates, study.precision.replicates, study.precision.at_most) == (6, 6, 6)
    assert study.precision.half_width is not None
    assert study.precision.half_width > 0.01
    told = study.as_json()["precision"]
    assert (told["reached"], told["asked"], told["look_every"]) == (False, 0.01, 4)
    out = io.StringIO()
    Console(file=out, width=1000).print(footer(study))
    assert "not reached, the cap was at 6 of at most 6 replicates" in out.getvalue()
    assert "Unfinished" not in out.getvalue()


@pytest.mark.parametrize("of", ["metric", "effect", "price"])
def test_level_effect_and_price_have_widths_of_their_own(of: str) -> None:
    """The width is that of the level, of the effect or of the price, as was asked for."""
    scenario = _asking(metric="extra_U", of=of)
    values = [0.0, 1.0, 2.0, 3.0, 4.0]
    same = _rows(values, values)
    found = look(scenario.study, same)
    assert found is not None
    assert (found.half_width is None) == (of != "metric")
    spread = [value + 0.1 * (-1) ** at for at, value in enumerate(values)]
    found = look(scenario.study, _rows(spread, values))
    assert found is not None
    assert found.half_width is not None
    assert (found.half_width > 0.3) == (of == "metric")
    assert found.half_width > 0


def test_values_that_are_all_the_same_do_not_end_a_study() -> None:
    """Nothing but zeros tells no width: a rare event may still come."""
    scenario = _asking(metric="extra_U", half_width=1e9)
    found = look(scenario.study, _rows([0.0] * 9, [0.0] * 9))
    assert found is not None
    assert (found.reached, found.half_width) == (False, None)
    found = look(scenario.study, _rows([0.0] * 8 + [1.0], [0.0] * 9))
    assert found is not None
    assert found.reached


@pytest.mark.parametrize("half_width", [0.4, 1e-9])
def test_study_that_ended_by_its_precision_is_whole_when_opened(
    tmp_path: Path, half_width: float
) -> None:
    """Opened later, a study that ended at a look is whole, and says why it ended."""
    scenario = Scenario.from_written(WRITTEN, "short").patched(
        {
            "study.replicates": 8,
            "study.precision": {
                "metric": "lowest_mgdl",
                "arm": "as-shipped",
                "half_width": half_width * 1000,
                "look_every": 4,
            },
        }
    )
    ended = run_study(scenario, store=tmp_path)
    opened = open_study(tmp_path)
    assert ended.precision is not None
    assert ended.precision.reached is (half_width == 0.4)
    assert ended.replicates == (4 if ended.precision.reached else 8)
    assert opened.notes == ()
    assert opened.precision == ended.precision
    assert opened.as_json() == ended.as_json()


def test_study_that_is_on_its_way_to_a_precision_is_unfinished(tmp_path: Path) -> None:
    """One that was interrupted between looks, or before its precision was reached, says so."""
    precision = {
        "metric": "lowest_mgdl",
        "arm": "as-shipped",
        "half_width": 1e-9,
        "look_every": 4,
    }
    scenario = Scenario.from_written(WRITTEN, "short").patched(
        {"study.replicates": 8, "study.precision": precision}
    )

    def stop(done: int, _: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_study(scenario, store=tmp_path, progress=stop)
    opened = open_study(tmp_path)
    assert opened.notes == ("4 of 8 replicates are done",)
    assert opened.precision is None


TEXT = """
title = "A story"
[patient]
cohort = "adults"
[study]
replicates = 100
[study.arms]
as-shipped = []
off = ["remote-bolus-off"]
[study.precision]
metric     = "unsafe_dose"
arm        = "off"
of         = "effect"
half_width = 0.1
look_every = 20
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"unsafe_dose"',
            '"unsafe_dos"',
            'study.precision.metric: expected a metric, found "unsafe_dos", did you mean '
            "unsafe_dose?",
        ),
        ('"off"\n', '"of"\n', 'study.precision.arm: expected one of the arms, found "of"'),
        (
            '"off"\n',
            '"as-shipped"\n',
            "study.precision.arm: expected an arm other than the baseline, for its effect, "
            'found "as-shipped"',
        ),
        ("= 0.1\n", "= 0\n", "study.precision.half_width: expected a number above 0, found 0"),
        (
            "= 20\n",
            "= 9\n",
            "study.precision.look_every: expected 10 or more, a replicate for each patient, "
            "found 9",
        ),
        (
            "= 20\n",
            "= 101\n",
            "study.precision.look_every: expected at most study.replicates, 100, found 101",
        ),
        ('"effect"', '"effects"', "study.precision.of: expected one of"),
        ("half_width", "width", "study.precision.width: unknown key"),
    ],
)
def test_a_precision_that_cannot_be_is_told_with_line_and_key(
    old: str, new: str, message: str
) -> None:
    """What is wrong is told as everywhere, with line, key, expectation and what was found."""
    names = (MITIGATIONS, METRICS)
    assert parse_scenario(TEXT, "x.toml", *names).study.precision is not None
    with pytest.raises(ScenarioError) as raised:
        parse_scenario(TEXT.replace(old, new), "x.toml", *names)
    assert message in str(raised.value)
    assert str(raised.value).startswith("x.toml:")


STUDIES = 8000
"""The share of them that hold the truth has a standard error of 0.25 %."""


def _held(patients: int, each: int, half_width: float, *, alike: float, yes_no: bool) -> float:
    """Return how many of studies that looked up to ten times hold the truth where they ended.

    Args:
        patients: How many patients.
        each: Runs of each patient between two looks.
        half_width: What was asked for.
        alike: The correlation of two runs of one patient.
        yes_no: Whether it is about a share of 0.3, or about a normal mean of 0.
    """
    rng = np.random.default_rng(1965)
    truth = 0.3 if yes_no else 0.0
    spread = (1 - alike) / alike
    shares = rng.beta(truth * spread, (1 - truth) * spread, (STUDIES, patients)) if yes_no else 0
    own = alike**0.5 * rng.standard_normal((STUDIES, patients))
    sums: NDArray[np.float64] = np.zeros((STUDIES, patients))
    held, going = np.zeros(STUDIES, dtype=bool), np.ones(STUDIES, dtype=bool)
    ended_at = set()
    for at in range(1, 11):
        noise = (each * (1 - alike)) ** 0.5 * rng.standard_normal(sums.shape)
        sums += rng.binomial(each, shares, sums.shape) if yes_no else each * own + noise
        found = (share_limits if yes_no else mean_limits)(sums, np.full(patients, at * each))
        ends = going & (((found.high - found.low) / 2 <= half_width) | (at == 10))
        held[ends] = ((found.low <= truth) & (truth <= found.high))[ends]
        going &= ~ends
        ended_at |= {at} if ends.mean() > 0.02 else set()
    assert len(ended_at) > 3  # or there was nothing to try out
    return float(held.mean())


@pytest.mark.parametrize(
    ("patients", "each", "half_width", "alike", "yes_no"),
    [
        (10, 2, 0.3, 0.05, False),
        (10, 5, 0.25, 0.05, False),
        (30, 1, 0.2, 0.01, False),
        (30, 2, 0.12, 0.05, False),
        (10, 2, 0.12, 0.05, True),
        (10, 5, 0.08, 0.05, True),
        (30, 1, 0.08, 0.05, True),
        (30, 2, 0.06, 0.05, True),
    ],
)
def test_where_a_study_ends_it_holds_the_truth_in_93_to_97_of_100(
    patients: int, each: int, half_width: float, alike: float, yes_no: bool
) -> None:
    """Ending by the width at declared looks leaves the limits as good as they claim."""
    held = _held(patients, each, half_width, alike=alike, yes_no=yes_no)
    assert 0.93 <= held <= 0.97


@pytest.mark.parametrize("half_width", [0.1, 0.13, 0.2])
def test_ten_patients_who_do_not_differ_are_the_worst_case(half_width: float) -> None:
    """Where all that is random is how often it looked, 92 of 100 are still held."""
    assert 0.915 <= _held(10, 5, half_width, alike=1e-6, yes_no=False) <= 0.95
