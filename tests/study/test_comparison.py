"""What is different between two studies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped,unused-ignore]
from testbed.api import run_study
from testbed.mitigations import MITIGATIONS
from testbed.outcomes import METRICS
from testbed.scenario import Scenario, parse_scenario
from testbed.study.comparison import Comparison, compare, unpaired
from testbed.study.opened import read_stored
from tests.cafe import SMALL

NAMES = ("unauthorised_U", "unsafe_dose", "lowest_mgdl", "time_to_notice_min")


def _scenario(replicates: int = 20) -> Scenario:
    scenario = parse_scenario(SMALL, "cafe", MITIGATIONS, METRICS)
    return scenario.patched({"study.replicates": replicates})


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four studies: one, the same farther off, the same with another seed, and with more runs."""
    folder = tmp_path_factory.mktemp("results")
    scenario = _scenario()
    more = {"study.arms": {"as-shipped": [], "pair-in-private": ["pair-in-private"]}}
    run_study(scenario, store=folder / "near")
    run_study(scenario.patched({"attacker.distance_m": 300.0}), store=folder / "far")
    run_study(scenario, seed=8, store=folder / "other seed")
    run_study(_scenario(24).patched(more), store=folder / "more")
    return folder


def _compared(results: Path, second: str, first: str = "near") -> Comparison:
    return compare(read_stored(results / first), read_stored(results / second), NAMES)


def test_study_is_the_same_as_itself(results: Path) -> None:
    """Between a study and itself nothing differs, and every difference is exactly 0."""
    found = _compared(results, "near")
    assert found.paired
    assert (found.settings, found.versions, found.only) == ((), {}, ((), ()))
    for each in found.changes:
        assert each.verdict in ("the same", "not defined in both")
        assert each.before == each.after


def test_change_of_a_setting_is_named_once_and_what_it_moved_is_sure(results: Path) -> None:
    """A setting of every arm is told once, and the paired difference is that of the runs."""
    found = _compared(results, "far")
    assert [(e.arm, e.key, e.before, e.after) for e in found.settings] == [
        ("", "attacker.distance_m", 4.0, 300.0)
    ]
    changes = {(e.arm, e.side, e.metric): e for e in found.changes}
    moved = changes["as-shipped", "attacked", "unauthorised_U"]
    assert moved.verdict == "moved"
    near, far = (read_stored(results / name).rows.of("as-shipped") for name in ("near", "far"))
    pairs = zip(near, far, strict=True)
    differences = [b.attacked["unauthorised_U"] - a.attacked["unauthorised_U"] for a, b in pairs]  # type: ignore[operator]
    assert moved.difference.mean == pytest.approx(np.mean(differences))
    assert changes["as-shipped", "twin", "lowest_mgdl"].verdict == "the same"
    assert changes["remote-bolus-off", "attacked", "unauthorised_U"].verdict == "the same"


def test_other_seed_is_compared_unpaired(results: Path) -> None:
    """Studies of other dice are independent samples, and the comparison says so."""
    found = _compared(results, "other seed")
    assert not found.paired
    assert "the seeds differ (7 and 8)" in found.why
    assert ("", "study.seed", 7, 8) in [(e.arm, e.key, e.before, e.after) for e in found.settings]
    assert all("independent" in e.difference.method for e in found.changes)


def test_arms_and_replicates_that_one_lacks_are_told(results: Path) -> None:
    """Only what both have is compared: common arms, and the first replicates of both."""
    found = _compared(results, "more")
    assert found.only == (("remote-bolus-off",), ("pair-in-private",))
    assert found.replicates == (20, 24)
    assert {e.arm for e in found.changes} == {"as-shipped"}
    assert all(e.verdict in ("the same", "not defined in both") for e in found.changes)


def test_p_values_are_corrected_over_all_that_is_compared(results: Path) -> None:
    """The smallest p-value is multiplied by the number of all tests."""
    tested = [e.difference for e in _compared(results, "far").changes if e.difference.p is not None]
    least = min(tested, key=lambda each: each.p or 0.0)
    assert least.p is not None
    assert least.p_adjusted == pytest.approx(min(1.0, least.p * len(tested)))


def test_unpaired_difference_is_welchs() -> None:
    """Mean, limits and p-value are those of the difference after less before, by hand."""
    before, after = [1.0, 2.0, 4.0, 3.0], [2.0, 6.0, 5.0]
    found = unpaired(before, after)
    spread = np.var(before, ddof=1) / 4, np.var(after, ddof=1) / 3
    freedom = sum(spread) ** 2 / (spread[0] ** 2 / 3 + spread[1] ** 2 / 2)
    half = stats.t.ppf(0.975, freedom) * np.sqrt(sum(spread))
    mean = np.mean(after) - np.mean(before)
    assert found.mean == pytest.approx(mean)
    assert (found.low, found.high) == pytest.approx((mean - half, mean + half))
    assert found.p == pytest.approx(2 * stats.t.sf(mean / np.sqrt(sum(spread)), freedom))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([2.0, 2.0], [2.0, 2.0, 2.0], (0.0, 0.0, 0.0, 1.0)),
        ([2.0, 2.0], [3.0, 3.0], (1.0, None, None, None)),
        ([2.0], [3.0, 4.0], (1.5, None, None, None)),
        ([], [3.0], (None, None, None, None)),
    ],
)
def test_values_without_spread_have_no_interval(
    before: list[float], after: list[float], expected: tuple[float | None, ...]
) -> None:
    """Where nothing varies, or there is nothing, no interval and no test are made up."""
    found = unpaired(before, after)
    assert (found.mean, found.low, found.high, found.p) == expected
