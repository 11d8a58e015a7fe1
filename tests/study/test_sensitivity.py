"""What a conclusion rests on, told of studies whose answer is known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from testbed.api import load
from testbed.mitigations import apply_arm, arms_of
from testbed.scenario import Scenario
from testbed.study import Study, run_study
from testbed.study.assumed import Assumed, assumed
from testbed.study.row import Row
from testbed.study.sensitivity import Conclusion, Method, SensitivityError, sweep
from testbed.units import US_PER_DAY, US_PER_HOUR, parse_duration

from .conftest import WRITTEN

SHORT = Scenario.from_written(WRITTEN, "short").patched({"study.replicates": 2})
CONCLUSION = Conclusion("remote-bolus-off", "as-shipped", "unauthorised_U")
FILES = sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))


def rows_of(*names: str) -> list[Assumed]:
    """Return some assumptions of the small study."""
    return [row for row in assumed(SHORT) if row.name in names]


def made_up(value: Callable[[Scenario, bool], float | None]) -> Callable[[Scenario], Study]:
    """Return what runs a study whose values are a function of settings and of the mitigation."""

    def run(scenario: Scenario) -> Study:
        arms = tuple(arms_of(scenario.study))
        rows = []
        for arm in arms:
            own = apply_arm(scenario, arm)
            found = value(own, not own.pump.remote_bolus)
            for replicate in range(scenario.study.replicates):
                rows.append(Row(arm, replicate, "adult#001", {"unauthorised_U": found}, {}))
        return Study(
            title="t",
            scenario="s",
            baseline=scenario.study.baseline,
            arms=arms,
            rows=rows,
            seed=1,
            replicates=scenario.study.replicates,
        )

    return run


def linear(scenario: Scenario, taken: bool) -> float:
    """Return a difference of the low alert less 80, and a hundredth of the reservoir."""
    return (scenario.pump.low_alert_mgdl - 80 + scenario.pump.reservoir_U / 100) * taken


def test_morris_finds_the_slopes_of_a_plane() -> None:
    """Of a linear difference the effects are slope times range, and what is not in it has none."""
    rows = rows_of("pump.low_alert_mgdl", "pump.reservoir_U", "pump.target_mgdl")
    found = sweep(SHORT, CONCLUSION, rows, "morris", 6, made_up(linear))
    effects = {each.name: each.effect for each in found.influences}
    assert found.influences[0].name == "pump.low_alert_mgdl"
    # The alert is a whole number, and the grid of four levels is rounded to one.
    assert effects["pump.low_alert_mgdl"] == pytest.approx(50, abs=1.0)
    assert effects["pump.reservoir_U"] == pytest.approx(3.15, abs=1e-9)
    assert effects["pump.target_mgdl"] == 0
    assert found.points == 6 * (len(rows) + 1)
    assert not found.survives


def test_sobol_shares_the_variance_out() -> None:
    """Of a linear difference total and first-order indices are the shares of variance."""
    rows = rows_of("pump.low_alert_mgdl", "pump.reservoir_U", "pump.target_mgdl")
    found = sweep(SHORT, CONCLUSION, rows, "sobol", 128, made_up(linear), 0)
    effects = {each.name: each.effect for each in found.influences}
    share = 50**2 / (50**2 + 3.15**2)
    assert effects["pump.low_alert_mgdl"] == pytest.approx(share, abs=0.05)
    assert effects["pump.target_mgdl"] == 0
    assert found.walks == ()


def test_turn_is_found_where_it_is() -> None:
    """Along a range the turn is told between a value that holds and one that does not."""
    rows = rows_of("pump.target_mgdl", "pump.low_alert_mgdl")

    def value(scenario: Scenario, taken: bool) -> float:
        return (scenario.pump.target_mgdl - 123.4) * taken

    found = sweep(SHORT, CONCLUSION, rows, "morris", 2, made_up(value))
    (walk,) = found.walks
    assert (walk.name, walk.unit) == ("pump.target_mgdl", "mg/dL")
    (flip,) = walk.flips
    assert flip.holds_at < 123.4 <= flip.fails_at
    assert flip.fails_at - flip.holds_at < (160 - 80) / 8 / 2**5
    assert 0 < found.held < found.points
    assert found.as_it_is.mean == pytest.approx(110 - 123.4)


def test_turn_of_a_whole_number_is_between_neighbours() -> None:
    """A whole number turns between two whole numbers."""
    found = sweep(SHORT, CONCLUSION, rows_of("pump.low_alert_mgdl"), "morris", 2, made_up(linear))
    ((flip,),) = (walk.flips for walk in found.walks)
    assert (flip.holds_at, flip.fails_at) == (76.0, 77.0)


def test_conclusion_that_survives_says_so() -> None:
    """Where the difference is below 0 everywhere, the conclusion survives, and nothing turns."""
    rows = rows_of("pump.low_alert_mgdl")
    found = sweep(
        SHORT,
        CONCLUSION,
        rows,
        "morris",
        3,
        made_up(lambda own, taken: -own.pump.low_alert_mgdl * taken),
    )
    assert found.survives
    assert (found.held, found.equal) == (found.points, 0)
    assert all(not walk.flips for walk in found.walks)
    same = sweep(SHORT, CONCLUSION, rows, "morris", 3, made_up(lambda _own, _taken: 1.0))
    assert not same.survives
    assert (same.held, same.equal) == (0, same.points)


def test_points_without_the_metric_are_counted() -> None:
    """Where no run defines the metric, a point is neither held nor failed."""

    def value(scenario: Scenario, taken: bool) -> float | None:
        return None if scenario.pump.target_mgdl > 100 else -1.0 * taken

    found = sweep(SHORT, CONCLUSION, rows_of("pump.target_mgdl"), "morris", 4, made_up(value))
    assert 0 < found.undefined < found.points
    assert found.held == found.points - found.undefined
    with pytest.raises(SensitivityError, match="no replicate defines"):
        sweep(SHORT, CONCLUSION, rows_of("pump.target_mgdl"), "morris", 4, made_up(lambda *_: None))


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_sweep_is_the_same_again(method: Method) -> None:
    """The same sweep of real runs gives the same numbers, and strict JSON."""
    rows = rows_of("pump.max_bolus_U", "patient.behaviour.second_device_s")
    one, other = (
        json.dumps(
            sweep(SHORT, CONCLUSION, rows, method, 2, run_study, 1).as_json(), allow_nan=False
        )
        for _ in range(2)
    )
    assert one == other


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_assumption_of_a_scenario_can_be_moved(file: Path) -> None:
    """Each assumption takes both ends of its range, and its own value leaves it as it is."""
    scenario = load(file)
    for row in assumed(scenario):
        assert row.low <= row.value <= row.high, row.name
        for value in (row.low, row.value, row.high):
            changed = scenario.patched(row.changes(value))
            found = changed.setting(row.name)
            if row.written_as == "clock time":
                assert found == value * US_PER_HOUR % US_PER_DAY, row.name
                continue
            counts = parse_duration(f"1{row.unit}") if row.written_as == "duration" else 1
            assert found / counts == pytest.approx(value), row.name


@pytest.mark.parametrize(
    ("falls_asleep", "low", "value", "high"),
    [("23:00", 20, 23, 26), ("01:30", 20, 25.5, 26), ("09:00", 9, 9, 26)],
)
def test_range_of_a_clock_time_goes_over_midnight(
    falls_asleep: str, low: float, value: float, high: float
) -> None:
    """Hours go on from 24 after midnight, and somebody who sleeps by day widens the range."""
    scenario = load(FILES[0].parent / "cafe_pairing.toml")
    changed = scenario.patched({"patient.behaviour.asleep_from": falls_asleep})
    rows = {row.name: row for row in assumed(changed)}
    row = rows["patient.behaviour.asleep_from"]
    assert (row.low, row.value, row.high, row.unit) == (low, value, high, "h")
    assert row.written(25.25) == "01:15"


def test_conclusion_is_read_from_words() -> None:
    """A conclusion is written as ARM < ARM on METRIC, and read back."""
    assert Conclusion.parse("a b < c on unauthorised_U") == ("a b", "c", "unauthorised_U")
    assert Conclusion.parse(str(CONCLUSION)) == CONCLUSION
    for wrong in ("a > b on m", "a < b", "", "< b on m"):
        with pytest.raises(SensitivityError, match="ARM < ARM on METRIC"):
            Conclusion.parse(wrong)


def test_sizes_that_make_no_sample_are_refused() -> None:
    """Sobol needs a power of 2, and every sweep something to move."""
    with pytest.raises(SensitivityError, match="power of 2"):
        sweep(SHORT, CONCLUSION, rows_of("pump.target_mgdl"), "sobol", 3, made_up(linear))
    with pytest.raises(SensitivityError, match="an assumption"):
        sweep(SHORT, CONCLUSION, [], "morris", 3, made_up(linear))
