"""Glucose of one run and of its twin."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory

from testbed.report.plots.clock import clock_axis, start_hours
from testbed.report.plots.labels import free_spot
from testbed.report.plots.style import BLACK, GREEN, VERMILION, dress
from testbed.trace import Trace


def plot_glucose(attacked: Trace, twin: Trace, ax: Axes) -> Axes:
    """Draw the plasma glucose of a run and of its twin over the hours of the clock.

    The target range of 70 to 180 mg/dL is shaded and the limit of level 2 hypoglycaemia,
    54 mg/dL, is a dotted line (Battelino et al., Diabetes Care 2019;42:1593).

    Args:
        attacked: The run with the attacker.
        twin: The same run without.
        ax: Where to draw.
    """
    ax.axhspan(70, 180, color=GREEN, alpha=0.10, linewidth=0)
    ax.axhline(54, color=VERMILION, linewidth=1, linestyle=":")
    series = ((twin, BLACK, "--", "not attacked"), (attacked, VERMILION, "-", "attacked"))
    for trace, colour, style, name in series:
        hours = start_hours(trace) + np.arange(len(trace.plasma_mgdl)) / 60
        ax.plot(hours, trace.plasma_mgdl, color=colour, linewidth=1.6, linestyle=style, label=name)
    clock_axis(ax, attacked)
    values = np.concatenate((attacked.plasma_mgdl, twin.plasma_mgdl))
    ax.set_ylim(min(40.0, float(values.min()) - 8), max(200.0, float(values.max()) + 12))
    right = blended_transform_factory(ax.transAxes, ax.transData)
    for y, text, colour in ((125, "70 to 180", GREEN), (54, "54", VERMILION)):
        ax.text(1.01, y, text, transform=right, va="center", fontsize=8, color=colour)
    _label_curves(attacked, twin, ax)
    ax.set_ylabel("plasma glucose (mg/dL)")
    dress(ax)
    return ax


def _label_curves(attacked: Trace, twin: Trace, ax: Axes) -> None:
    """Name each curve where it has room beside it."""
    n = min(len(attacked.plasma_mgdl), len(twin.plasma_mgdl))
    gap = np.abs(attacked.plasma_mgdl[:n] - twin.plasma_mgdl[:n])
    if gap.max() == 0:
        ax.annotate(
            "attacked and not attacked: the same",
            (0.5, 0.98),
            xycoords="axes fraction",
            ha="center",
            va="top",
            fontsize=9,
        )
        return
    curves = (
        (attacked.plasma_mgdl[:n], twin.plasma_mgdl[:n], "attacked", VERMILION),
        (twin.plasma_mgdl[:n], attacked.plasma_mgdl[:n], "not attacked", BLACK),
    )
    for own, other, text, colour in curves:
        minute, mgdl = free_spot(own, other, ax.get_ylim())
        hour = start_hours(attacked) + minute / 60
        ax.text(hour, mgdl, text, ha="center", va="center", fontsize=9, color=colour)
