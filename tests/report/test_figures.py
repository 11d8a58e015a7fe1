"""Plots and the files they are written to."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from testbed.outcomes import METRICS
from testbed.report.figures import arms_figure, save_figures
from testbed.report.plots import plot_arms, plot_delivery, plot_glucose
from testbed.report.plots.labels import free_spot
from testbed.study.results import Study
from testbed.study.row import Row
from testbed.trace import Trace


@pytest.fixture
def ax() -> Axes:
    """Axes of a figure that no window shows."""
    return Figure().subplots()


@pytest.mark.parametrize("metric", METRICS)
def test_arms_are_labelled_with_the_unit(study: Study, ax: Axes, metric: str) -> None:
    """Every arm has its name at the axis, and the axis its metric and unit."""
    assert plot_arms(study, metric, ax) is ax
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == [arm if arm != study.baseline else f"{arm}\n(baseline)" for arm in study.arms]
    about = METRICS[metric]
    assert ax.get_xlabel().lower().startswith(about.label.lower())
    if about.unit != "1":
        assert about.unit in ax.get_xlabel()


def test_arm_without_a_value_says_so(study: Study, ax: Axes) -> None:
    """An arm in which no run defines the metric has words in place of a dot."""
    plot_arms(study, "time_to_notice_min", ax)
    assert [text.get_text() for text in ax.texts] == ["in no run", "in no run"]


def test_glucose_axes_are_labelled_and_curves_named(attacked: Trace, twin: Trace, ax: Axes) -> None:
    """The glucose plot has units on both axes and a name at each curve."""
    assert plot_glucose(attacked, twin, ax) is ax
    assert "mg/dL" in ax.get_ylabel()
    assert "(h)" in ax.get_xlabel()
    assert {"attacked", "not attacked"} <= {text.get_text() for text in ax.texts}


def test_twins_that_do_not_differ_are_named_once(twin: Trace, ax: Axes) -> None:
    """Curves that are the same get one label that says so."""
    plot_glucose(twin, twin, ax)
    assert any("the same" in text.get_text() for text in ax.texts)


def test_delivery_tells_origins_and_events_apart(attacked: Trace, ax: Axes) -> None:
    """The delivery plot has units, a key for each origin and event, and the cut-off dose."""
    assert plot_delivery(attacked, ax) is ax
    assert "(U)" in ax.get_ylabel()
    legend = ax.get_legend()
    assert legend is not None
    assert {text.get_text() for text in legend.get_texts()} == {
        "basal, each hour",
        "bolus: attacker",
        "bolus: asked for over the air",
        "bolus: asked for on the pump",
        "alert",
        "noticed",
        "bolus cancelled",
    }
    assert "6 of 10 U" in {text.get_text() for text in ax.texts}


def test_basal_is_drawn_in_the_hour_in_which_it_went_in(attacked: Trace, ax: Axes) -> None:
    """The bars hold what was delivered less the boluses, hour by hour, however it is accounted."""
    plot_delivery(attacked, ax)
    heights = [bar.get_height() for bar in ax.patches]
    assert heights == pytest.approx([0.9] * 24)  # 0.015 U in each of 60 minutes


def test_label_keeps_clear_of_both_curves() -> None:
    """A label is put beside its own curve where the other curve does not run through it."""
    minutes = np.arange(1440)
    own, other = np.full(1440, 120.0), 100.0 + 60 * np.sin(minutes / 100)
    minute, mgdl = free_spot(own, other, (40.0, 200.0))
    beside = slice(int(minute) - 60, int(minute) + 60)
    assert abs(mgdl - 120.0) < 20
    assert np.abs(other[beside] - mgdl).min() > 10


def test_figures_are_written_and_the_same_each_time(
    study: Study, attacked: Trace, twin: Trace, tmp_path: Path
) -> None:
    """Two PNG files are written, and writing them again gives the same bytes."""
    once = save_figures(study, attacked, twin, tmp_path / "once" / "deep")
    again = save_figures(study, attacked, twin, tmp_path / "again")
    assert [path.name for path in once] == ["arms.png", "example_run.png"]
    for one, other in zip(once, again, strict=True):
        assert one.read_bytes().startswith(b"\x89PNG")
        assert one.read_bytes() == other.read_bytes()
        assert b"tEXt" not in one.read_bytes()


def test_study_of_one_metric_has_a_figure(study: Study) -> None:
    """A study that has few of the key metrics is drawn with those."""
    rows = tuple(
        Row(r.arm, r.replicate, r.patient, {"lowest_mgdl": r.attacked["lowest_mgdl"]}, {})
        for r in study.rows
    )
    figure = arms_figure(replace(study, rows=rows))
    assert [ax.get_xlabel() for ax in figure.axes] == ["Lowest glucose (mg/dL)"]


def test_plots_leave_pyplot_alone() -> None:
    """The plots never load pyplot, which keeps global state and may want a display."""
    code = (
        "import sys, testbed.report.figures, testbed.report.plots;"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
