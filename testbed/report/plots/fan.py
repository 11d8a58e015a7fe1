"""Glucose of many runs at once, as percentiles over the clock."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory
from numpy.typing import NDArray

from testbed.report.plots.clock import clock_between
from testbed.report.plots.style import (
    BLACK,
    GREEN,
    LEVEL_2_MGDL,
    TARGET_MGDL,
    VERMILION,
    dress,
)

PERCENTILES: Final = (5, 25, 50, 75, 95)
"""Those of the ambulatory glucose profile (Battelino et al., Diabetes Care 2019;42:1593)."""

_EVERY_MIN: Final = 5
"""A point every five minutes, as a sensor would give."""


def plot_glucose_fan(
    attacked: NDArray[np.float64], twin: NDArray[np.float64], start_hour: float, ax: Axes
) -> Axes:
    """Draw percentiles of plasma glucose in attacked runs and in their twins.

    Attacked runs are a thick line through the median and two bands, from the 5th to the 95th
    and from the 25th to the 75th percentile; twins are dashed lines at the 5th, 50th and 95th.

    Args:
        attacked: Glucose in mg/dL, shape (runs, minutes + 1).
        twin: The same of the runs that nobody attacked.
        start_hour: The clock time of the first minute, in hours.
        ax: Where to draw.

    Raises:
        ValueError: If there is no run, or the shapes differ.
    """
    if attacked.ndim != 2 or not attacked.size or attacked.shape != twin.shape:
        raise ValueError(
            f"expected two arrays of one shape (runs, minutes), found {attacked.shape} "
            f"and {twin.shape}"
        )
    length = (attacked.shape[1] - 1) / 60
    attacked, twin = attacked[:, ::_EVERY_MIN], twin[:, ::_EVERY_MIN]
    hours = start_hour + np.arange(attacked.shape[1]) * _EVERY_MIN / 60
    p5, p25, p50, p75, p95 = np.percentile(attacked, PERCENTILES, axis=0)
    low, middle, high = np.percentile(twin, (5, 50, 95), axis=0)
    ax.axhspan(*TARGET_MGDL, color=GREEN, alpha=0.10, linewidth=0)
    ax.axhline(LEVEL_2_MGDL, color=VERMILION, linewidth=1, linestyle=":")
    ax.fill_between(
        hours, p5, p95, color=VERMILION, alpha=0.15, linewidth=0, label="attacked, 5 to 95 %"
    )
    ax.fill_between(
        hours, p25, p75, color=VERMILION, alpha=0.30, linewidth=0, label="attacked, 25 to 75 %"
    )
    ax.plot(hours, p50, color=VERMILION, linewidth=2, label="attacked, median")
    ax.plot(hours, middle, color=BLACK, linewidth=1.6, linestyle="--", label="not attacked, median")
    for edge, label in ((low, "not attacked, 5 and 95 %"), (high, None)):
        ax.plot(hours, edge, color=BLACK, linewidth=0.9, linestyle=(0, (1, 2)), label=label)
    clock_between(ax, start_hour, length)
    ax.set_ylim(
        min(40.0, float(min(p5.min(), low.min())) - 8), float(max(p95.max(), high.max(), 190)) + 10
    )
    right = blended_transform_factory(ax.transAxes, ax.transData)
    for y, text, colour in ((125, "70 to\n180", GREEN), (LEVEL_2_MGDL, "54", VERMILION)):
        ax.text(1.01, y, text, transform=right, va="center", fontsize=8, color=colour)
    ax.set_ylabel("plasma glucose (mg/dL)")
    dress(ax)
    ax.legend(
        loc="upper left",
        bbox_to_anchor=(0.0, -0.18),
        ncols=2,
        fontsize=8,
        frameon=False,
        borderaxespad=0.0,
    )
    return ax
