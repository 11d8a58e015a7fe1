"""The tables of a finished study."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from testbed.outcomes import METRICS
from testbed.study import methods
from testbed.study.results import Study
from testbed.study.row import Row
from testbed.study.statistics import adjust

ROWS = tuple(
    Row(
        arm,
        replicate,
        f"adult#{replicate // 2:03}",
        attacked={
            "unauthorised_U": 0.0 if arm == "off" else float(replicate),
            "time_to_notice_min": None if arm == "off" else 1.0 + replicate,
            "unsafe_dose": float(arm != "off" and replicate > 1),
        },
        twin={
            "unauthorised_U": 0.0,
            "time_to_notice_min": None,
            "unsafe_dose": 0.0,
        },
    )
    for arm in ("private", "as-shipped", "off")
    for replicate in (3, 1, 0, 2)
)
STUDY = Study(
    title='A "café" & more',
    scenario="cafe",
    baseline="as-shipped",
    arms=("as-shipped", "off", "private"),
    rows=ROWS,
    seed=7,
    replicates=4,
    notes=("A note.",),
)


def test_frame_has_one_row_a_replicate_and_arm_in_order() -> None:
    """The frame is tidy, in the order of the arms and then of the replicates."""
    frame = STUDY.frame()
    assert list(frame.columns) == [
        "arm",
        "replicate",
        "patient",
        "unauthorised_U",
        "time_to_notice_min",
        "unsafe_dose",
        "twin_unauthorised_U",
        "twin_time_to_notice_min",
        "twin_unsafe_dose",
    ]
    expected = [(arm, r) for arm in STUDY.arms for r in range(4)]
    assert list(zip(frame["arm"], frame["replicate"], strict=True)) == expected
    assert frame["time_to_notice_min"].isna().sum() == 4


def test_order_of_the_rows_does_not_matter() -> None:
    """Rows that come in any order give the same tables to the last digit."""
    backwards = replace(STUDY, rows=ROWS[::-1])
    assert backwards.as_json() == STUDY.as_json()
    assert backwards.as_csv() == STUDY.as_csv()


def test_metrics_are_of_the_attacked_runs() -> None:
    """The first table of an arm is about its attacked runs; a 0-or-1 metric is a share."""
    found = STUDY.summary()["as-shipped"].metrics
    assert found["unauthorised_U"].mean == 1.5
    assert found["unsafe_dose"].mean == 0.5
    assert "Wilson" in found["unsafe_dose"].method


def test_baseline_and_null_arms_have_effects_of_exactly_zero() -> None:
    """An arm that equals the baseline, as the baseline itself does, has effects of zero."""
    for arm in ("as-shipped", "private"):
        for estimate in STUDY.summary()[arm].effects.values():
            assert (estimate.mean, estimate.low, estimate.high) == (0.0, 0.0, 0.0)


def test_effects_are_differences_from_the_baseline_by_replicate() -> None:
    """An effect is the mean of paired differences of attacked runs."""
    found = STUDY.summary()["off"].effects
    assert found["unauthorised_U"].mean == -1.5
    assert found["time_to_notice_min"].n == 0


def test_prices_are_differences_between_twins() -> None:
    """A price compares runs that nobody attacked."""
    changed = tuple(
        Row(r.arm, r.replicate, r.patient, r.attacked, {**r.twin, "below_70_min": 5.0})
        if r.arm == "off"
        else Row(r.arm, r.replicate, r.patient, r.attacked, {**r.twin, "below_70_min": 2.0})
        for r in ROWS
    )
    prices = replace(STUDY, rows=changed).summary()["off"].prices
    assert prices["below_70_min"].mean == 3.0
    assert prices["unauthorised_U"].mean == 0.0


def test_replicate_that_the_baseline_lacks_is_in_no_pair() -> None:
    """A study that was stopped early compares the replicates that both arms have."""
    short = tuple(r for r in ROWS if r.arm != "as-shipped" or r.replicate < 3)
    assert replace(STUDY, rows=short).summary()["off"].effects["unauthorised_U"].n == 3


def test_json_is_strict_and_complete() -> None:
    """The JSON has no NaN, every arm, kind and metric, and what each metric means."""
    text = json.dumps(STUDY.as_json(), allow_nan=False)
    loaded = json.loads(text)
    assert list(loaded["arms"]) == list(STUDY.arms)
    assert loaded["scenario"] == "cafe"
    assert (loaded["seed"], loaded["replicates"], loaded["baseline"]) == (7, 4, "as-shipped")
    entry = loaded["arms"]["off"]["metrics"]["time_to_notice_min"]
    assert (entry["mean"], entry["low"], entry["high"], entry["n"]) == (None, None, None, 0)
    assert set(loaded["arms"]["off"]) == {"metrics", "effects", "prices"}
    assert loaded["definitions"]["unsafe_dose"]["unit"] == "share"
    assert loaded["notes"] == ["A note."]


def test_json_names_the_method_of_every_interval() -> None:
    """Each estimate's method, ratio and test is one that definitions and methods have."""
    told = STUDY.as_json()
    for found in told["arms"].values():
        for kind, estimates in found.items():
            for name, estimate in estimates.items():
                named = told["definitions"][name]["intervals"]
                assert estimate["method"].split(" (")[0] == named[kind]
                assert named[kind] in told["methods"]
                if estimate.get("ratio") is not None:
                    assert estimate["ratio"]["method"].split(" (")[0] == named["ratios"]
                if "p" in estimate and estimate["p"] is not None:
                    assert estimate["test"] in (named["tests"], methods.SIGN_TEST)
    assert told["p_values"]["over_arms"] == ["off", "private"]
    assert told["p_values"]["adjusted_by"] in told["methods"]


def test_p_values_are_corrected_over_the_arms_but_the_baseline() -> None:
    """Each metric's effects are corrected over the compared arms; the baseline's own are not."""
    summary = STUDY.summary()
    for name in STUDY.metrics:
        found = [summary[arm].effects[name] for arm in ("off", "private")]
        expected = adjust([replace(each, p_adjusted=None) for each in found])
        assert found == expected
        assert summary["as-shipped"].effects[name].p_adjusted is None
    dose = summary["off"].effects["unauthorised_U"]
    assert dose.p is not None
    assert dose.p_adjusted == pytest.approx(2 * dose.p)
    assert summary["private"].effects["unauthorised_U"].p_adjusted == 1.0


def test_shares_have_a_ratio_and_other_metrics_none() -> None:
    """A 0-or-1 metric is compared by its ratio too, where the baseline has any."""
    found = STUDY.summary()["off"]
    assert found.effects["unsafe_dose"].ratio is not None
    assert found.effects["unsafe_dose"].ratio.mean == 0.0
    assert found.prices["unsafe_dose"].ratio is None
    assert found.effects["unauthorised_U"].ratio is None
    (line,) = [
        x
        for x in csv.DictReader(io.StringIO(STUDY.as_csv()))
        if (x["arm"], x["kind"], x["metric"]) == ("off", "effects", "unsafe_dose")
    ]
    assert (line["ratio"], line["ratio_low"], line["test"]) == ("0.0", "0.0", methods.MCNEMAR)


def test_csv_is_long_and_leaves_out_what_is_missing() -> None:
    """The CSV has a line an arm, kind and metric, and an empty cell for what is missing."""
    lines = list(csv.DictReader(io.StringIO(STUDY.as_csv())))
    assert list(lines[0]) == [
        *("arm", "kind", "metric", "unit", "mean", "low", "high", "n"),
        *("method", "p", "p_adjusted", "test", "ratio", "ratio_low", "ratio_high"),
    ]
    assert len(lines) == 3 * 3 * 3
    (line,) = [
        x
        for x in lines
        if (x["arm"], x["kind"], x["metric"]) == ("off", "metrics", "time_to_notice_min")
    ]
    assert (line["unit"], line["mean"], line["n"]) == ("min", "", "0")


def test_notebook_shows_the_summary_escaped() -> None:
    """A notebook shows every arm and metric, and the title as text."""
    shown = STUDY._repr_html_()
    assert "A &quot;café&quot; &amp; more" in shown
    for name in (*STUDY.arms, *STUDY.metrics):
        assert name in shown


def test_metrics_keep_the_order_of_their_declaration() -> None:
    """A study's metrics come in the registry's order, whatever the rows' order."""
    assert list(STUDY.metrics) == [name for name in METRICS if name in STUDY.metrics]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"baseline": "none"}, 'expected an arm of as-shipped, off, private, found "none"'),
        ({"arms": ("as-shipped", "off")}, 'expected an arm of as-shipped, off, found "private"'),
        ({"arms": ("off", "off")}, "arms: expected different names"),
        ({"rows": (*ROWS, ROWS[0])}, "expected one row a replicate and arm, found two"),
        (
            {"rows": (*ROWS, Row("off", 9, "a", {}, {}), Row("private", 9, "b", {}, {}))},
            "replicate 9: expected one patient in every arm, found a and b",
        ),
        ({"rows": (Row("off", 0, "a", {"harm": 1.0}, {}),)}, 'a registered metric, found "harm"'),
    ],
)
def test_study_that_contradicts_itself_is_an_error(
    changes: dict[str, object], message: str
) -> None:
    """A study refuses arms, rows and metrics that do not belong together."""
    with pytest.raises(ValueError, match=message):
        replace(STUDY, **changes)  # type: ignore[arg-type]
