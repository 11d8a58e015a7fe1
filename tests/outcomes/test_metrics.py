"""The metrics of hand-made runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from testbed.outcomes import METRICS, ConservationError, Metric, measure, measure_both
from testbed.outcomes.insulin import unsafe_threshold_nU
from testbed.trace import Trace
from tests.fingerprints import flat, stored

if TYPE_CHECKING:
    from tests.outcomes.conftest import Script

NAMES = (
    "unauthorised_U",
    "miscued_U",
    "missed_U",
    "remote_origin_U",
    "extra_U",
    "lowest_mgdl",
    "below_70_min",
    "below_54_min",
    "above_180_min",
    "above_250_min",
    "tir_pct",
    "hypo_1_events",
    "hypo_2_events",
    "hypo_3_proxy",
    "lbgi",
    "hbgi",
    "time_to_notice_min",
    "unsafe_dose",
    "tbr_2_pct",
    "tbr_1_pct",
    "tar_1_pct",
    "tar_2_pct",
    "gri",
    "mean_mgdl",
    "cv_pct",
    "gmi_pct",
    "dka_index_h",
    "longest_below_40_min",
    "excess_iob_U",
    "lacking_iob_U",
    "extra_lowest_mgdl",
    "extra_below_70_min",
    "extra_below_54_min",
    "extra_above_180_min",
    "extra_above_250_min",
    "extra_tir_pct",
    "extra_lbgi",
    "extra_hbgi",
    "extra_gri",
    "extra_dka_index_h",
    "largest_false_bolus_U",
    "over_max_bolus",
    "most_in_2h_U",
    "over_in_2h",
    "most_in_24h_U",
    "over_in_24h",
    "eventual_mgdl",
    "eventual_below_70",
    "stage_in_range",
    "stage_heard",
    "stage_key",
    "stage_accepted",
    "stage_delivered",
    "stage_unnoticed",
    "stage_harmed",
    "noticed",
    "noticed_by_wearer",
    "noticed_by_partner",
    "time_to_detect_min",
    "prompts",
    "own_refused",
    "meals_without_bolus",
    "bolus_delay_min",
    "finger_sticks",
    "false_cancels",
    "false_alarms",
    "night_wakings",
    "unlinked_h",
    "no_reading_h",
    "no_app_h",
)
UNIT = 1_000_000_000


def test_metrics_come_in_the_order_of_their_declaration(script: Script) -> None:
    """Every registered metric is measured, in the order that tables show."""
    trace = script.trace()
    assert tuple(METRICS) == NAMES
    assert tuple(measure(trace, trace)) == NAMES


@pytest.mark.parametrize("name", METRICS)
def test_a_unit_in_a_name_is_the_metrics_own(name: str) -> None:
    """A metric whose name ends in a unit is in that unit."""
    units = {"U": "U", "mgdl": "mg/dL", "min": "min", "h": "h", "pct": "%"}
    end = name.rpartition("_")[2]
    if end in units and name != "over_in_2h":
        assert METRICS[name].unit == units[end]


def test_a_run_and_its_twin_are_measured_together_as_each_by_itself(
    make_script: type[Script],
) -> None:
    """Reading both once gives the numbers of reading each by itself."""
    run, twin = make_script(), make_script()
    run.bolus(run.sent(run.attacked()), 3 * UNIT)
    twin.bolus(twin.acted(), UNIT)
    attacked, unattacked = run.trace(), twin.trace()
    both = measure_both(attacked, unattacked)
    assert both == (measure(attacked, unattacked), measure(unattacked, unattacked))
    assert measure_both(unattacked, unattacked) == (both[1], both[1])


def test_results_are_plain_floats_or_none(script: Script) -> None:
    """A result is a Python float or None, so that it can be stored anywhere."""
    script.noticed(script.bolus(script.attacked()), 2)
    trace = script.trace()
    assert {type(value) for value in measure(trace, trace).values()} == {float}


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_every_metric_says_what_it_is(metric: Metric) -> None:
    """A metric has a unit, a definition in sentences and a source."""
    assert metric.unit
    assert metric.source
    assert metric.definition.endswith(".")


def test_lowest_glucose_says_how_far_to_trust_it() -> None:
    """The lowest glucose warns that values below 40 mg/dL are ordinal only."""
    definition = METRICS["lowest_mgdl"].definition
    assert "no counter-regulation" in definition
    assert "below 40 mg/dL are ordinal only" in definition


def test_insulin_over_the_air_is_the_attackers_and_the_persons(script: Script) -> None:
    """Remote units are unauthorised units and those that a person asked for over the air."""
    script.bolus(script.sent(script.attacked()), 3 * UNIT)
    script.bolus(script.sent(script.acted()), 2 * UNIT)
    script.bolus(script.acted(), UNIT)
    trace = script.trace()
    measured = measure(trace, trace)
    assert measured["unauthorised_U"] == 3.0
    assert measured["remote_origin_U"] == 5.0


def test_extra_insulin_is_the_difference_from_the_twin(make_script: type[Script]) -> None:
    """Extra units are everything delivered less everything the twin delivered."""
    run, twin = make_script(), make_script()
    run.bolus(run.acted(), UNIT)
    twin.bolus(twin.acted(), 4 * UNIT)
    assert measure(run.trace(), twin.trace())["extra_U"] == -3.0


def test_each_sample_holds_for_the_minute_after_it(script: Script) -> None:
    """The last sample holds for no minute, but may be the lowest."""
    mgdl = np.full(61, 120.0)
    mgdl[:2], mgdl[2:5], mgdl[-1] = 260.0, 60.0, 50.0
    trace = script.trace(mgdl)
    measured = measure(trace, trace)
    assert measured["lowest_mgdl"] == 50.0
    assert measured["below_70_min"] == 3.0
    assert measured["below_54_min"] == 0.0
    assert measured["above_180_min"] == measured["above_250_min"] == 2.0


def test_time_to_notice_runs_from_the_attackers_first_bolus(script: Script) -> None:
    """Noticing counts from the first attacker's bolus, and only for what one led to."""
    own = script.bolus(script.acted(), minute=1)
    script.bolus(script.attacked(5), minute=5)
    second = script.bolus(script.attacked(9), minute=9)
    script.noticed(own, 10)
    script.noticed(second, 12.5)
    script.noticed(second, 14)
    trace = script.trace()
    assert measure(trace, trace)["time_to_notice_min"] == 7.5


@pytest.mark.parametrize("attacked", [True, False])
def test_time_to_notice_is_not_defined_where_nobody_notices(script: Script, attacked: bool) -> None:
    """Without an attacker's bolus, or a person who notices one, there is no time to notice."""
    script.noticed(script.bolus(script.acted()), 1)
    if attacked:
        script.bolus(script.attacked())
    trace = script.trace()
    assert measure(trace, trace)["time_to_notice_min"] is None


@pytest.mark.parametrize(("less", "expected"), [(1, 0.0), (0, 1.0)])
@pytest.mark.parametrize("factor", [30.0, 33.3, 50.0, 100.0])
def test_dose_is_unsafe_from_66_over_the_correction_factor(
    make_script: type[Script], factor: float, less: int, expected: float
) -> None:
    """A dose one nanounit short of 120 to 54 mg/dL is not unsafe, and that dose is."""
    script = make_script(factor)
    script.bolus(script.attacked(), round(66 / factor * UNIT) - less)
    trace = script.trace()
    assert measure(trace, trace)["unsafe_dose"] == expected


def test_persons_own_large_dose_is_not_an_unsafe_dose(script: Script) -> None:
    """Only units of the attacker's count towards an unsafe dose."""
    script.bolus(script.acted(), 20 * UNIT)
    trace = script.trace()
    assert measure(trace, trace)["unsafe_dose"] == 0.0


def test_correction_factor_of_nothing_is_an_error() -> None:
    """A correction factor must be above zero."""
    with pytest.raises(ValueError, match="expected a number above 0, found 0"):
        unsafe_threshold_nU(0)


def test_measuring_checks_that_insulin_is_conserved(script: Script) -> None:
    """A run whose events do not account for its insulin is not measured."""
    script.delivered = 5
    trace = script.trace()
    with pytest.raises(ConservationError):
        measure(trace, trace)


def test_glucose_that_is_not_a_number_is_an_error(script: Script) -> None:
    """A series with a NaN is refused, not turned into a metric."""
    trace = script.trace(np.full(61, np.nan))
    with pytest.raises(ValueError, match="lowest_mgdl: expected a finite number, found nan"):
        measure(trace, trace)


def test_trace_without_its_start_is_an_error() -> None:
    """A trace must say whose run it is."""
    trace = Trace((), np.full(2, 120.0), np.zeros(1, dtype=np.int64), np.zeros(1))
    with pytest.raises(ValueError, match="run-started"):
        measure(trace, trace)


def test_no_run_of_the_scenarios_is_beyond_what_its_metrics_can_be() -> None:
    """Limits are cut at a metric's least and most, so no run may have less or more."""
    _, fingerprints = stored()
    values = [
        (METRICS[name], value)
        for (*_, name), value in flat(fingerprints).items()
        if name in METRICS and isinstance(value, float)
    ]
    assert len(values) > 1000
    assert [
        (metric.name, value)
        for metric, value in values
        if (metric.least is not None and value < metric.least)
        or (metric.most is not None and value > metric.most)
    ] == []
    with_end = {metric.name for metric, _ in values if metric.least is not None}
    assert {"unauthorised_U", "miscued_U", "missed_U", "below_54_min", "tir_pct"} <= with_end
    assert not {name for name in with_end if name.startswith("extra_")}
